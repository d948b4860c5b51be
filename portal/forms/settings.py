"""Settings of the installation: what is set outside is shown, and cannot be changed here."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provisioning.models import Installation
from provisioning.models.installation import MAIL_SERVER, VARIABLES

PASSWORD = "mail_password"


OF_NO_PLACE = {"Factory", "localtime"}
ZONES = [(name, name.replace("_", " ")) for name in sorted(available_timezones() - OF_NO_PLACE)]


class ZoneSelect(forms.Select):
    """Its six hundred options are put together once, and not by a template for each."""

    markup = format_html_join("", '<option value="{}">{}</option>', ZONES)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = format_html('value="{}"', value)
        options = mark_safe(self.markup.replace(chosen, f"{chosen} selected", 1))  # both were escaped already
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class SettingsForm(forms.Form):
    """The password is never sent to the page; empty keeps it."""

    MAIL = (*MAIL_SERVER, PASSWORD, "mail_sender")

    public_url = forms.CharField(
        label=gettext_lazy("Public address"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("In mails, and where GoTo leads back to. Its host has to stand in ALLOWED_HOSTS."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("Of mails, and of pages where a browser asks for no language of Rollcall."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        choices=ZONES,
        widget=ZoneSelect,
        help_text=gettext_lazy("Where a browser does not tell its own."),
    )
    mail_host = forms.CharField(label=gettext_lazy("Mail server"), required=False, max_length=253)
    mail_port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65_535)
    mail_security = forms.ChoiceField(
        label=gettext_lazy("Security"),
        choices=[
            (Installation.Security.STARTTLS, gettext_lazy("STARTTLS, usually port 587")),
            (Installation.Security.TLS, gettext_lazy("TLS, usually port 465")),
            (Installation.Security.NONE, gettext_lazy("None, only inside the own network")),
        ],
    )
    mail_user = forms.CharField(
        label=gettext_lazy("User name"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Empty if the server asks for none."),
    )
    mail_password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    mail_sender = forms.CharField(label=gettext_lazy("Sender of mail"), required=False, max_length=254)
    recipient = forms.CharField(
        label=gettext_lazy("Send a test message to"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"data-aside": ""}),
    )
    log_days = forms.IntegerField(
        label=gettext_lazy("Keep provisioning logs, in days"),
        required=False,
        min_value=1,
        max_value=36_500,
        help_text=gettext_lazy("Empty: for ever. Who fails, and since when, is known whatever is forgotten here."),
    )
    audit_days = forms.IntegerField(
        label=gettext_lazy("Keep audit logs, in days"),
        required=False,
        min_value=1,
        max_value=36_500,
        help_text=gettext_lazy("Empty: for ever."),
    )
    interval = forms.IntegerField(
        label=gettext_lazy("Interval of a new application, in minutes"),
        min_value=1,
        max_value=7 * 24 * 60,
        help_text=gettext_lazy("Microsoft's service runs about every 40 minutes."),
    )

    def __init__(self, data: Any, *, saved: Installation, recipient: str) -> None:
        counts = Installation.in_force()
        super().__init__(data, initial=_initial(saved, counts) | {"recipient": recipient})
        self.fields["mail_host"].help_text = _started_with()
        if saved.sealed:
            self.fields[PASSWORD].help_text = _("Saved. Leave it empty to keep it.")
            self.fields[PASSWORD].widget.attrs["placeholder"] = "••••••••••••"
        for name, variable in VARIABLES.items():
            if variable in settings.SET_OUTSIDE:
                for each in (*MAIL_SERVER, PASSWORD) if name == "mail_host" else (name,):
                    self.fields[each].disabled = True
                    self.fields[each].help_text = ""
                self.fields[name].help_text = _("Set by %(variable)s outside of this page.") % {"variable": variable}

    def changes(self) -> dict[str, Any]:
        """What differs from what the page showed, as the action takes it."""
        given = {name: self.cleaned_data[name] for name in self.changed_data if name != "recipient"}
        if "interval" in given:
            given["interval"] = timedelta(minutes=given["interval"])
        return given


def _initial(saved: Installation, counts: Installation) -> dict[str, Any]:
    shown = {name: getattr(counts, name) for name in ("public_url", "language", "time_zone", "mail_sender")}
    of_the_row = {name: getattr(saved, name) for name in (*MAIL_SERVER, "log_days", "audit_days")}
    if "EMAIL_URL" in settings.SET_OUTSIDE:
        of_the_row["mail_host"] = _server()
    return {**shown, **of_the_row, "interval": round(saved.interval.total_seconds() / 60)}


def _server() -> str:
    """Host and port of the server that Rollcall was started with: an address with a password in it is not shown."""
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT or 25}" if settings.EMAIL_HOST else ""


def _started_with() -> str:
    if server := _server():
        return _("Empty: %(server)s, which Rollcall was started with.") % {"server": server}
    return _("Empty: mails only go to the log of the workers.")
