"""People of the portal."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from provisioning.actions.people import ADMINISTRATORS, READERS

ROLES = [
    (ADMINISTRATORS, _("Administrator: sees and changes everything")),
    (READERS, _("Reader: sees, changes nothing")),
]


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Full name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("The link to set a password goes there."))
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.RadioSelect, initial=READERS)


class InvitationForm(PersonForm):
    username = forms.CharField(label=_("User name"), max_length=150, validators=[User.username_validator])

    field_order = ["username", "name", "email", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = READERS
