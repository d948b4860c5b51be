"""The one-time code with which the first administrator is created.

Whoever can read the console of the machine may create the first administrator; whoever can merely reach the address may
not. The code is kept in DATA_DIR and is gone once it has been used.
"""

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.crypto import constant_time_compare

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def needed() -> bool:
    return not User.objects.exists()


def _path() -> Path:
    return Path(settings.DATA_DIR) / "first-run-code"


def code() -> str:
    """Made when it is first asked for; several processes that ask at once get the same one."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    made = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w") as file:
        file.write(made)
    return made


def matches(typed: str) -> bool:
    plain = typed.strip().upper().replace(" ", "")
    return constant_time_compare(plain.replace("-", ""), code().replace("-", ""))


def forget() -> None:
    _path().unlink(missing_ok=True)
