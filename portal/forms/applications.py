"""Adding an application, and its properties."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provisioning.models import Tenant

EXISTING, NEW, HERE = "existing", "new", "here"
PLACES = [
    (EXISTING, _("An enterprise application that the tenant has already")),
    (NEW, _("A new enterprise application in the tenant")),
    (HERE, _("Kept in Rollcall; nothing is written to the tenant")),
]


class AddApplicationForm(forms.Form):
    display_name = forms.CharField(label=_("Name"), max_length=200)
    tenant = forms.ModelChoiceField(Tenant.objects.all(), label=_("Tenant"), empty_label=None)
    where = forms.ChoiceField(label=_("Roles and assignments"), choices=PLACES, widget=forms.RadioSelect)


class PropertiesForm(forms.Form):
    display_name = forms.CharField(label=_("Name"), max_length=200)


def add_problems(form: forms.Form, problems: list[tuple[str, str]], **renamed: str) -> None:
    """The sentences of a refused action at the fields of the form; what has no field stands above."""
    for name, sentence in problems:
        field: Any = renamed.get(name, name)
        form.add_error(field if field in form.fields else None, sentence)
