"""Django's admin, for support: everything can be looked at, nothing changed, so that nothing goes around the audit log.

Portal users and groups are Django's own, and are registered there.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Field, JSONField, Model, TextField
from django.http import HttpRequest

from provisioning import models

FILTERS = ("kind", "status", "state", "action", "test", "enabled", "removed", "activity")
NOT_SHOWN = (JSONField, TextField)
HIDDEN = {"sealed", "lease_token"}


class ReadOnly(admin.ModelAdmin):
    """Lists a model's short columns; secrets are not shown, not even sealed ones."""

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [field.name for field in self.model._meta.concrete_fields if field.name not in HIDDEN]

    get_readonly_fields = get_fields

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["__str__", *(field.name for field in self._fields() if not field.is_relation)][:9]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [field.name for field in self._fields() if field.name in FILTERS]

    def _fields(self) -> list["Field[Any, Any]"]:
        fields = self.model._meta.concrete_fields
        return [each for each in fields if not isinstance(each, NOT_SHOWN) and each.name not in HIDDEN]


for name in models.__all__:
    admin.site.register(getattr(models, name), ReadOnly)
