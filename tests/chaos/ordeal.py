"""What every crash is measured by: nobody doubled, nobody lost, nothing left open, a log that tells the truth."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from provisioning.models import Change, Cycle, Job, Link
from provisioning.tasks import dispatch
from tests.crowds import creations
from tests.world import World

PEOPLE = int(os.environ.get("CHAOS_PEOPLE", "60"))
"""`make chaos` asks for the five hundred of a real company."""

QUICK = {
    "LEASE_SECONDS": "3",
    "GOTO_VISIBILITY_SECONDS": "0.5",
    "GOTO_ARRAY_LIMIT": "10",
    "GOTO_REQUESTS_PER_SECOND": "1000",
    "EXPORT_CONCURRENCY": "4",
}
"""The environment of workers whose successors need not wait half a minute."""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"in {seconds} s it did not happen that {what}"
        time.sleep(0.005)


def begin(world: World) -> None:
    """As the administrator's Start does: a cycle is asked for, and workers are told to look."""
    Job.objects.filter(pk=world.job.pk).update(run_requested_at=world.now())
    dispatch.apply_async()


def finish(world: World, seconds: float = 90) -> Cycle:
    """Wake the workers every second, as beat does every minute, until the cycle has ended; its row."""
    ends = time.monotonic() + seconds
    while not Cycle.objects.filter(job=world.job).exclude(ended_at=None).exists():
        assert time.monotonic() < ends, f"the cycle did not end: {Cycle.objects.values()}"
        dispatch.apply_async()
        time.sleep(1)
    return Cycle.objects.exclude(ended_at=None).latest("pk")


@contextmanager
def nobody_else_commits(world: World) -> Iterator[None]:
    """Holds what every transaction of a reading or a cycle needs: all of SQLite, or the two rows in PostgreSQL."""
    with transaction.atomic():
        type(world.tenant).objects.select_for_update().get(pk=world.tenant.pk)
        Job.objects.select_for_update().get(pk=world.job.pk)
        yield


def in_flight(world: World) -> set[str]:
    """Addresses whose row is in flight."""
    rows = Change.objects.filter(job=world.job, status=Change.Status.IN_FLIGHT)
    return {str(claim) for claim in rows.values_list("claim", flat=True)}


def asked_for(world: World, *, answered: bool = False) -> set[str]:
    """Addresses that GoTo was asked to create; `answered`: and whose answer has left."""
    return {address for people in creations(world, answered=answered) for address in people}


def assert_nobody_doubled_nobody_lost(world: World, everybody: list[str], cycle: Cycle) -> None:
    assert (cycle.state, cycle.error) == ("Succeeded", "")
    assert sorted(world.managed()) == everybody
    times = Counter(address for people in creations(world) for address in people)
    assert times == dict.fromkeys(everybody, 1), "every person was sent in exactly one creation"
    assert not Change.objects.filter(status__in=Change.OPEN).exists()
    written = Change.objects.exclude(status=Change.Status.SUPERSEDED)
    assert Counter(written.values_list("action", "status")) == {("create", "success"): len(everybody)}
    assert Link.objects.filter(account__isnull=False, failure_code="").count() == len(everybody)
    keys = {user["key"] for user in world.managed().values()}
    assert set(Link.objects.values_list("account__key", flat=True)) == keys
