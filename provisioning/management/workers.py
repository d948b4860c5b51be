"""Whether a worker is alive to do what was asked: all outside traffic leaves from workers."""

from contextlib import suppress

from celery import current_app
from django.core.management.base import CommandError
from kombu.exceptions import OperationalError

ANSWER_SECONDS = 2.0
TRIES = 3


def require_worker() -> None:
    """Raises CommandError within ten seconds when the broker is away or no worker answers."""
    for _ in range(TRIES):
        try:
            if current_app.control.ping(timeout=ANSWER_SECONDS):
                return
        except (OperationalError, OSError) as error:
            raise CommandError(
                "The broker cannot be reached, so no worker can be asked. Start it, or look at BROKER_URL."
            ) from error
    raise CommandError("No worker is alive. Start one with `make run` (or `manage.py worker`), and try again.")


def refuse_beside_workers() -> None:
    """Raises CommandError when a worker answers; without a broker none can work."""
    with suppress(OperationalError, OSError):
        if current_app.control.ping(timeout=ANSWER_SECONDS):
            raise CommandError("A worker is alive. Stop web server, workers and beat first.")
