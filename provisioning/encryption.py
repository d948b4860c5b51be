"""Encryption of stored secrets: Fernet with the deployment's keys, the newest first.

The keys live outside the database (ENCRYPTION_KEYS). Losing them means that every stored secret has to be entered
again;
nothing else is lost.
"""

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from provisioning.errors import ConfigurationError
from provisioning.sentences import Sentence

LOST = Sentence(
    "A stored secret cannot be opened with the encryption keys of this deployment. Enter the credentials again."
)


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is empty: no secret can be stored. Make one with `manage.py make_keys`."
        )
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(values: dict[str, str]) -> str:
    """The values as one opaque text; an empty mapping stays the empty text."""
    if not values:
        return ""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(json.dumps(values).encode()).decode()


def decrypt(text: str) -> dict[str, str]:
    """Raises ConfigurationError when none of the deployment's keys opens the text."""
    if not text:
        return {}
    try:
        opened = _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(text.encode())
    except InvalidToken as exc:
        raise ConfigurationError(LOST) from exc
    values: dict[str, str] = json.loads(opened)
    return values


def rotate(text: str) -> str:
    """The same secret under the newest key. Raises ConfigurationError as `decrypt` does."""
    if not text:
        return ""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).rotate(text.encode()).decode()
    except InvalidToken as exc:
        raise ConfigurationError(LOST) from exc
