"""A measurement in a process of its own, so that its peak memory and its settings are its own."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SECONDS = 3600


def in_own_process(benchmark: str, *arguments: object, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `measure(*arguments)` of `benchmarks.<benchmark>` returns there; arguments and result travel as JSON.

    Raises RuntimeError with the end of what it printed where it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._alone", benchmark, json.dumps(arguments)],
        cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=LONGEST_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def empty_installation() -> Iterator[Path]:
    """The product in a fresh data folder, with its tables and nothing in them."""
    from cryptography.fernet import Fernet

    with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATA_DIR": folder,
            "SECRET_KEY": "benchmark",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "LOG_LEVEL": "WARNING",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield Path(folder)


def peak_mb(pid: int | str = "self") -> int:
    """The most memory that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


if __name__ == "__main__":
    _, name, given = sys.argv
    print(json.dumps(importlib.import_module(f"benchmarks.{name}").measure(*json.loads(given))))
