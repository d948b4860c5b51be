"""Who changed what: intentions, in Microsoft's activity texts, not columns."""

from typing import Any

from django.conf import settings
from django.db import models

from provisioning.models.application import Application
from provisioning.models.tenant import Tenant


class AuditEntry(models.Model):
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    by_name = models.CharField(max_length=150)
    """Kept when the portal's user is gone; "Rollcall" for what the service did on its own."""
    activity = models.CharField(max_length=200)
    tenant = models.ForeignKey(Tenant, on_delete=models.SET_NULL, null=True, blank=True)
    application = models.ForeignKey(Application, on_delete=models.SET_NULL, null=True, blank=True)
    target = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=list, blank=True)
    """[{"name", "old", "new"}]; of a secret only that it changed."""

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.activity}: {self.target}"

    @classmethod
    def record(
        cls,
        by: Any,
        activity: str,
        *,
        application: Application | None = None,
        tenant: Tenant | None = None,
        target: str = "",
        changes: list[dict[str, Any]] | None = None,
    ) -> "AuditEntry":
        """Write what happened, in the caller's transaction. `by` is a portal user, or None for the service."""
        return cls.objects.create(
            by=by,
            by_name=by.get_username() if by is not None else "Rollcall",
            activity=activity,
            application=application,
            tenant=tenant or (application.tenant if application else None),
            target=target or str(application or tenant or ""),
            changes=changes or [],
        )
