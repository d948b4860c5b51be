"""The form of the Provisioning blade: credentials as the connector asks for them, notification, settings, status."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.templatetags.times import day
from provisioning.connectors.base import CredentialField
from provisioning.models import Credential, Job

PREFIX = "credential-"
MODE = "auth_mode"
ON, OFF = "on", "off"
SETTINGS = ("scope", "interval", "notification_email", "notify_failures", "deletion_threshold")


class ProvisioningForm(forms.Form):
    """Fields named credential-<name> are the connector's; a secret is never sent to the page, and empty keeps it."""

    notification_email = forms.CharField(
        label=gettext_lazy("Notification Email"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("A person or a group that is told when provisioning stops."),
    )
    notify_failures = forms.BooleanField(
        label=gettext_lazy("Send an email notification when a failure occurs"), required=False
    )
    restore_defaults = forms.BooleanField(label=gettext_lazy("Restore default mappings"), required=False)
    scope = forms.ChoiceField(
        label=gettext_lazy("Scope"),
        choices=[
            (Job.Scope.ASSIGNED, gettext_lazy("Sync only assigned users and groups")),
            (Job.Scope.ALL, gettext_lazy("Sync all users and groups")),
        ],
    )
    prevent_deletion = forms.BooleanField(label=gettext_lazy("Prevent accidental deletion"), required=False)
    deletion_threshold = forms.IntegerField(
        label=gettext_lazy("Accidental deletion threshold"),
        required=False,
        min_value=1,
        help_text=gettext_lazy(
            "More people to be disabled or deleted at once than this, and all of them wait for you."
        ),
    )
    interval = forms.IntegerField(
        label=gettext_lazy("Interval in minutes"),
        min_value=1,
        max_value=7 * 24 * 60,
        help_text=gettext_lazy("Microsoft's service runs about every 40 minutes."),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Provisioning Status"),
        choices=[(ON, gettext_lazy("On")), (OFF, gettext_lazy("Off"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any, *, job: Job, asked: Sequence[CredentialField], credential: Credential | None) -> None:
        super().__init__(data, initial=_initial(job))
        self.asked = asked
        for field in asked:
            self.fields[PREFIX + field.name] = _field(field, credential)

    def credential_fields(self) -> list[tuple[CredentialField, Any, str]]:
        """(what is asked, the field, "name=mode|mode" of the sign-in methods that ask for it)."""
        return [
            (each, self[PREFIX + each.name], f"{PREFIX}{MODE}={'|'.join(each.modes)}" if each.modes else "")
            for each in self.asked
        ]

    def values(self) -> dict[str, str]:
        """What is not secret, of the chosen sign-in method; what another method needs is left as it is stored."""
        return {each.name: self._typed(each) for each in self.asked if not each.secret and self._is_asked(each)}

    def secrets(self) -> dict[str, str]:
        return {each.name: self._typed(each) for each in self.asked if each.secret and self._is_asked(each)}

    def settings(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "scope": given["scope"],
            "interval": timedelta(minutes=given["interval"]),
            "notification_email": given["notification_email"].strip(),
            "notify_failures": given["notify_failures"],
            "deletion_threshold": given["deletion_threshold"] if given["prevent_deletion"] else None,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (
            cleaned.get("prevent_deletion")
            and not cleaned.get("deletion_threshold")
            and "deletion_threshold" not in self.errors
        ):
            self.add_error("deletion_threshold", _("Enter the number above which removals wait."))
        return cleaned

    def _is_asked(self, field: CredentialField) -> bool:
        return not field.modes or self._mode() in field.modes

    def _mode(self) -> str:
        first = next((each.choices[0][0] for each in self.asked if each.name == MODE), "")
        return str(self.cleaned_data.get(PREFIX + MODE) or first)

    def _typed(self, field: CredentialField) -> str:
        return str(self.cleaned_data.get(PREFIX + field.name) or "")


def _initial(job: Job) -> dict[str, Any]:
    return {
        "notification_email": job.notification_email,
        "notify_failures": job.notify_failures,
        "scope": job.scope,
        "prevent_deletion": job.deletion_threshold is not None,
        "deletion_threshold": job.deletion_threshold,
        "interval": round(job.interval.total_seconds() / 60),
        "status": ON if job.enabled and not job.halted else OFF,
    }


def _field(asked: CredentialField, credential: Credential | None) -> forms.Field:
    """A field as the connector declares it. Whether a required one is missing is the action's to say."""
    label, hint = _(asked.label), _(asked.help) if asked.help else ""
    values = credential.values if credential else {}
    if asked.secret:
        stored = credential is not None and asked.name in credential.stored
        hint = _stored_hint(credential) if stored else hint
        attributes = {"autocomplete": "new-password"}
        if stored:
            attributes["placeholder"] = "••••••••••••"
        return forms.CharField(
            label=label, required=False, strip=False, help_text=hint, widget=forms.PasswordInput(attrs=attributes)
        )
    if asked.choices:
        choices = [(value, _(text)) for value, text in asked.choices]
        initial = values.get(asked.name) or choices[0][0]
        return forms.ChoiceField(label=label, choices=choices, required=False, initial=initial, help_text=hint)
    accounts = credential.accounts if credential and asked.name == "account_key" else {}
    if accounts:
        choices = [("", _("Choose an account")), *accounts.items()]
        return forms.ChoiceField(
            label=label, choices=choices, required=False, initial=values.get(asked.name, ""), help_text=hint
        )
    return forms.CharField(
        label=label,
        required=False,
        initial=values.get(asked.name, ""),
        help_text=hint,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _stored_hint(credential: Credential | None) -> str:
    changed = credential.secrets_changed_at if credential else None
    if changed is None:
        return _("Saved. Leave it empty to keep it.")
    return _("Saved %(day)s. Leave it empty to keep it.") % {"day": day(localtime(changed))}
