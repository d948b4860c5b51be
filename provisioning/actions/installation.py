"""The settings of the whole installation: mail server, language, time zone, address, retention, the usual interval."""

import re
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http.request import validate_host
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.differences import printed, record_changes, secrets_changed
from provisioning.actions.errors import refuse_if_any
from provisioning.actions.settings import LONGEST, SHORTEST
from provisioning.encryption import encrypt
from provisioning.models import Installation
from provisioning.models.installation import ONLY

FIELDS = (
    "public_url",
    "language",
    "time_zone",
    "mail_host",
    "mail_port",
    "mail_security",
    "mail_user",
    "mail_sender",
    "log_days",
    "audit_days",
    "interval",
)
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+")

Problems = list[tuple[str, str]]


def update(*, by: Actor, mail_password: str = "", **fields: Any) -> bool:
    """Change `FIELDS`; the others stay. Returns whether anything differs.

    An empty text gives a field back to its default, `log_days` or `audit_days` of None keep for ever, `interval` is a
    timedelta. An empty password keeps the one that is stored, as long as server and user name stay the same.
    """
    with transaction.atomic():
        Installation.objects.get_or_create(pk=ONLY)
        before = Installation.objects.select_for_update().get(pk=ONLY)
        after = candidate(before, mail_password=mail_password, **fields)
        changes = [
            {"name": name, "old": printed(getattr(before, name)), "new": printed(getattr(after, name))}
            for name in FIELDS
            if getattr(before, name) != getattr(after, name)
        ]
        if after.sealed != before.sealed:
            changes += secrets_changed(["mail_password"])
        after.save()
        return record_changes(by, Activity.UPDATE_INSTALLATION, changes, target="Rollcall")


def candidate(before: Installation, *, mail_password: str = "", **fields: Any) -> Installation:
    """The row as it would be saved, arguments as for `update`. Raises ActionRefused."""
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"not a setting of the installation: {sorted(unknown)}")
    given = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    wanted = {**{name: getattr(before, name) for name in FIELDS}, **given}
    wanted["public_url"] = wanted["public_url"].rstrip("/")
    after = Installation(pk=ONLY, sealed=before.sealed, **wanted)
    elsewhere = (after.mail_host, after.mail_user) != (before.mail_host, before.mail_user)
    problems = [*_of_the_portal(after), *_of_mail(after), *_of_numbers(after)]
    if mail_password:
        after.sealed = encrypt({"password": mail_password})
    elif not after.mail_user or not after.mail_host:
        after.sealed = ""
    elif elsewhere and before.sealed:
        # What was entered for one server is not sent to another because somebody mistyped its name.
        problems.append(("mail_password", _("Enter the password again: it was given for another server or user.")))
    refuse_if_any(problems)
    return after


def _of_the_portal(row: Installation) -> Problems:
    problems = []
    if row.public_url and not _is_address(row.public_url):
        problems.append(("public_url", _("Enter an address such as https://rollcall.contoso.com.")))
    elif row.public_url and not _is_answered(row.public_url):
        problems.append(("public_url", _("Rollcall does not answer to this host. Add it to ALLOWED_HOSTS first.")))
    if row.language and row.language not in dict(settings.LANGUAGES):
        problems.append(("language", _("This is not one of the choices.")))
    if row.time_zone and row.time_zone not in available_timezones():
        problems.append(("time_zone", _("This is not one of the choices.")))
    return problems


def _of_mail(row: Installation) -> Problems:
    problems = []
    if row.mail_host and not HOST.fullmatch(row.mail_host):
        problems.append(("mail_host", _("Enter the name of the server alone, such as mail.contoso.com.")))
    if not 1 <= row.mail_port <= 65_535:
        problems.append(("mail_port", _("A port is a number from 1 to 65535.")))
    if row.mail_security not in Installation.Security.values:
        problems.append(("mail_security", _("This is not one of the choices.")))
    if row.mail_sender and not _is_sender(row.mail_sender):
        problems.append(("mail_sender", _("Enter an address such as Rollcall <rollcall@contoso.com>.")))
    return problems


def _of_numbers(row: Installation) -> Problems:
    problems = [
        (name, _("Enter a number of days from 1 up, or nothing to keep everything."))
        for name in ("log_days", "audit_days")
        if (days := getattr(row, name)) is not None and days < 1
    ]
    if not SHORTEST <= row.interval <= LONGEST:
        problems.append(("interval", _("The interval is between one minute and seven days.")))
    return problems


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and port != 0


def _is_answered(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


def _is_sender(text: str) -> bool:
    if any(sign in text for sign in "\r\n"):
        return False
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError:
        return False
    return True
