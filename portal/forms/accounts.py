"""Signing in, the first administrator, people of the portal."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from portal import first_run


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("User name or password is wrong. Mind capitals; after ten attempts you have to wait."),
        "inactive": _("This account is switched off. Ask an administrator."),
    }


class FirstAdministratorForm(forms.Form):
    code = forms.CharField(label=_("One-time code"), help_text=_("It stands in the console of the server."))
    username = forms.CharField(label=_("User name"), max_length=150, validators=[User.username_validator])
    name = forms.CharField(label=_("Full name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False, help_text=_("For a lost password."))
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput, strip=False, help_text=_("At least 12 characters.")
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not first_run.matches(code):
            raise forms.ValidationError(_("This is not the code that the console shows."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        person = User(username=cleaned.get("username", ""), email=cleaned.get("email", ""))
        try:
            password_validation.validate_password(cleaned.get("password", ""), person)
        except forms.ValidationError as error:
            self.add_error("password", error)
        return cleaned


class PasswordLostForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"))
