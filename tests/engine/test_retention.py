"""What is forgotten, and what never is."""

import time
from datetime import timedelta

import pytest

from provisioning import tasks
from provisioning.engine import retention
from provisioning.models import AuditEntry, Change, Cycle, Installation, Link
from tests.portal.world import World

DAY = timedelta(days=1)


@pytest.fixture
def rows(db: None) -> World:
    """A company with rows of 10 and 40 days ago."""
    world = World(people=8)
    for age, whose in ((10 * DAY, world.people[:2]), (40 * DAY, world.people[2:])):
        cycle = world.cycle(age, ended=age)
        for status in ("success", "failure", "skipped", "superseded"):
            world.change(whose[0], action="update", status=status, cycle=cycle, ago=age)
        world.change(whose[1], action="update", status="planned", cycle=cycle, ago=age)
    return world


def forget(world: World, **kept: int | None) -> int:
    return retention.forget(Installation(**kept), world.at, until=time.monotonic() + 20)


def ages(world: World) -> list[tuple[str, int]]:
    found = Change.objects.order_by("pk").values_list("status", "planned_at")
    return [(status, (world.at - planned).days) for status, planned in found]


def test_settled_rows_go_and_open_ones_stay_however_old(rows: World) -> None:
    assert forget(rows, log_days=30) == 4

    assert [age for status, age in ages(rows) if status != "planned"] == [10] * 4
    assert [age for status, age in ages(rows) if status == "planned"] == [10, 40]


@pytest.mark.parametrize(("days", "left"), [(None, 10), (60, 10), (5, 2)])
def test_as_many_days_as_the_settings_say(rows: World, days: int | None, left: int) -> None:
    forget(rows, log_days=days)

    assert Change.objects.count() == left


def test_who_fails_and_since_when_outlives_the_log(rows: World) -> None:
    since = rows.at - 40 * DAY
    link = {"failure_code": "EntryConflict", "failure": "The address is used.", "failed_at": since}
    Link.objects.create(job=rows.job, subject=rows.people[2], **link)

    forget(rows, log_days=1)

    assert Link.objects.values("failure_code", "failure", "failed_at").get() == link


def test_cycles_go_with_their_rows_but_the_last_ones_stay(rows: World) -> None:
    """How long a failing job rests is read from the cycles before."""
    for hours in range(20):
        rows.cycle(50 * DAY + timedelta(hours=hours), ended=50 * DAY)
    Change.objects.filter(status__in=Change.OPEN).delete()

    forget(rows, log_days=5)

    assert Cycle.objects.count() == retention.LOOKED_BACK + 1
    assert Cycle.objects.filter(began_at__gte=rows.at - 41 * DAY).count() == 2


def test_the_audit_log_has_days_of_its_own(rows: World) -> None:
    entry = AuditEntry.record(None, "Update settings of the installation", target="Rollcall")
    AuditEntry.objects.filter(pk=entry.pk).update(at=rows.at - 40 * DAY)

    forget(rows, log_days=None, audit_days=50)
    assert AuditEntry.objects.count() == 1
    forget(rows, log_days=None, audit_days=30)

    assert AuditEntry.objects.count() == 0
    assert Change.objects.count() == 10


def test_it_goes_on_in_batches_until_its_time_is_up(rows: World) -> None:
    assert retention.forget(Installation(log_days=1), rows.at, until=time.monotonic()) == 0
    assert retention.forget(Installation(log_days=1), rows.at, until=time.monotonic() + 20, batch=3) == 8


def test_the_housekeeping_of_every_hour_forgets(rows: World) -> None:
    Installation.objects.create(pk=1, log_days=30)

    tasks.housekeeping()

    assert Change.objects.count() == 6
