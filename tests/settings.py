"""The product's settings in a world of their own: nothing of the caller's environment but DATABASE_URL reaches a test.

The values are set in the environment, so that workers, which are processes of their own, see the same ones.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

ROOM = "ROLLCALL_TESTS"
"""Names the folder of this run to the processes that it starts."""
SET_FOR = "ROLLCALL_TESTS_SET_FOR"
"""The folder for which the environment was set."""

if ROOM not in os.environ:
    os.environ[ROOM] = tempfile.mkdtemp(prefix="rollcall-tests-")
    os.environ["ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    atexit.register(shutil.rmtree, os.environ[ROOM], ignore_errors=True)

# Each worker of pytest-xdist keeps to its own folder, and so to its own broker.
data_dir = Path(os.environ[ROOM], os.environ.get("PYTEST_XDIST_WORKER", "main"))
data_dir.mkdir(exist_ok=True)
(data_dir / "static").mkdir(exist_ok=True)  # nothing is collected: files come from where they lie

if os.environ.get(SET_FOR) != str(data_dir):  # a process that a test started keeps what the test gave it
    for name in ("GOTO_CLIENT_ID", "GOTO_CLIENT_SECRET", "GOTO_CA_FILE", "HTTPS_PROXY_URL", "PUBLIC_URL", "DEBUG"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATA_DIR": str(data_dir),
        "STATIC_ROOT": str(data_dir / "static"),
        "SECRET_KEY": "only for tests",
        "BROKER_URL": f"redis+socket://{data_dir / 'broker.sock'}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "EMAIL_URL": "memorymail://",
        "GOTO_API_URL": "https://127.0.0.1:1",
        "GOTO_AUTH_URL": "https://127.0.0.1:1",
        "LANGUAGE_CODE": "en",
        "TIME_ZONE": "UTC",
        "LOG_LEVEL": "INFO",
        SET_FOR: str(data_dir),
    }

from portal.settings import *  # noqa: E402, F403
from portal.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
