"""Waiting for what workers answer: a question, a test of credentials, a reading of the directory."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from provisioning.management.workers import require_worker
from provisioning.models import Credential, Feed, Question, Tenant

GLANCE = 0.2
ANSWER_SECONDS = 60.0
READING_SECONDS = 600.0
FORGOTTEN = timedelta(seconds=ANSWER_SECONDS)
"""A test that has waited for so long has lost its message: no worker took it in time."""


class Failed(Exception):
    """The outside world said no; the sentence says what to do. What was done before it stands."""


def answer_to(question: Question) -> Any:
    """Raises Failed."""
    _wait(lambda: _refreshed(question).answered_at is not None, ANSWER_SECONDS, "answered the question")
    if question.error_code:
        raise Failed(question.error)
    return question.answer


def passed(credential: Credential, of_what: str) -> None:
    """Wait for a test that was asked for. Raises Failed with what the first check that did not pass says."""
    ended = (Credential.Test.PASSED, Credential.Test.FAILED)
    _wait(lambda: _refreshed(credential).test in ended, ANSWER_SECONDS, f"tested the credentials of {of_what}")
    if credential.test == Credential.Test.FAILED:
        failed = [check["message"] for check in credential.checks if check["status"] == "failed"]
        raise Failed(f"{of_what}: {failed[0] if failed else 'the test of the credentials failed.'}")


def directory_read(tenant: Tenant, since: Any) -> None:
    """Wait for a reading that was asked for. Raises Failed with the tenant's trouble."""

    def done() -> bool:
        _refreshed(tenant)
        if tenant.trouble_code:
            raise Failed(tenant.trouble)
        feeds = Feed.objects.filter(tenant=tenant)
        return (
            feeds.exists()
            and not feeds.filter(began_at=None).exists()
            and not feeds.filter(began_at__lt=since).exists()
        )

    _wait(done, READING_SECONDS, "read the directory")


def _refreshed(row: Any) -> Any:
    row.refresh_from_db()
    return row


def _wait(done: Callable[[], bool], seconds: float, what: str) -> None:
    require_worker()
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            raise Failed(f"No worker has {what} within {seconds:.0f} seconds. Look at the workers' log.")
        time.sleep(GLANCE)
