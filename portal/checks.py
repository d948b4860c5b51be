"""What cannot work is said before anything starts: by `manage.py check`, and by every command that needs it to work."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from provisioning.connectors.http import DEADLINE_SECONDS

KEYS_HINT = "`manage.py make_keys` makes one. `make run` and `make demo` make and keep their own."


@register("rollcall")
def check_settings(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return [*_secrets(), *_times(), *_addresses(), *_files()]


def _secrets() -> Iterator[CheckMessage]:
    try:
        signed = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        signed = False
    if not signed:
        yield Error("SECRET_KEY is missing: nobody could sign in.", hint="Any long random text.", id="rollcall.E001")
    if not settings.ENCRYPTION_KEYS:
        yield Error("ENCRYPTION_KEYS is missing: no secret could be stored.", hint=KEYS_HINT, id="rollcall.E002")
    for number, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield Error(f"Number {number} of ENCRYPTION_KEYS is no Fernet key.", hint=KEYS_HINT, id="rollcall.E003")


def _times() -> Iterator[CheckMessage]:
    if timedelta(seconds=DEADLINE_SECONDS) >= settings.LEASE:
        yield Error(
            "LEASE_SECONDS is not longer than a request may last: another worker could repeat what is still under way.",
            hint=f"Set it to more than {DEADLINE_SECONDS:g}.",
            id="rollcall.E004",
        )


def _addresses() -> Iterator[CheckMessage]:
    host = urlsplit(settings.PUBLIC_URL).hostname
    if not host or urlsplit(settings.PUBLIC_URL).scheme not in ("http", "https"):
        yield Error("PUBLIC_URL is no address.", hint="For example https://rollcall.contoso.com", id="rollcall.E005")
    elif not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        yield Error("The host of PUBLIC_URL is not answered.", hint=f"Add {host} to ALLOWED_HOSTS.", id="rollcall.E006")
    for name in ("GOTO_API_URL", "GOTO_AUTH_URL"):
        if urlsplit(getattr(settings, name)).scheme != "https":
            yield Error(f"{name} does not begin with https://", hint="Secrets are sent there.", id="rollcall.E007")
    if settings.DEBUG:
        yield Warning("DEBUG is on: error pages show the inside.", hint="Leave it out.", id="rollcall.W001")


def _files() -> Iterator[CheckMessage]:
    if settings.GOTO_CA_FILE and not Path(settings.GOTO_CA_FILE).is_file():
        yield Error(
            f"GOTO_CA_FILE names {settings.GOTO_CA_FILE}, which is no file.",
            hint="A PEM file of the authorities to trust.",
            id="rollcall.E008",
        )
