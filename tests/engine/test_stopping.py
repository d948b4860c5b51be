"""Stop halts within two seconds, Start goes on at the same row, Off lets the running cycle end."""

import time

import pytest
from pytest_django import Settings

from provisioning.models import Change, Cycle, Job
from tests.crowds import hire
from tests.engine.running import running_cycle, wait_until
from tests.world import World

STOPPED_WITHIN = 2.0
"""Seconds after Stop in which a request may still start."""
PEOPLE = 40


@pytest.fixture
def working(world: World, settings: Settings) -> World:
    """Forty people have accounts, and all of them have got another name: forty single requests are due."""
    settings.EXPORT_CONCURRENCY = 4
    settings.GOTO_VISIBILITY_SECONDS = 0.3
    hire(world, PEOPLE)
    world.run_cycle()
    for user in world.sandbox.control.directory()["users"]:
        world.change_user(user["id"], surname="Changed")
    world.forget_requests()
    return world


def stop(world: World) -> float:
    """The moment of the Stop, by the clock that the request log uses."""
    Job.objects.filter(pk=world.job.pk).update(enabled=False, halted=True, run_requested_at=None)
    return time.time()


def start(world: World) -> None:
    Job.objects.filter(pk=world.job.pk).update(enabled=True, halted=False)


def changed(world: World) -> int:
    return sum(user["lastName"] == "Changed" for user in world.managed().values())


def test_stop_while_requests_are_slow(working: World) -> None:
    working.sandbox.control.faults({"server": "goto", "what": "latency", "method": "PUT", "latency": 0.7})

    with running_cycle(working):
        wait_until(lambda: changed(working) > 4)
        stopped_at = stop(working)

    starts = [row["time"] for row in working.goto_requests()]
    assert max(starts) < stopped_at + STOPPED_WITHIN
    done = changed(working)
    assert 4 < done < PEOPLE
    assert not Change.objects.filter(status="in_flight").exists()
    assert Change.objects.filter(status="planned").count() == PEOPLE - done
    assert Change.objects.filter(status="success", action="update").count() == done


def test_stop_while_the_application_asked_to_wait(working: World) -> None:
    throttle = {"server": "goto", "what": "status", "status": 429, "retry_after": 30, "method": "PUT", "after": 10}
    working.sandbox.control.faults(throttle)

    with running_cycle(working):
        wait_until(lambda: any(row["status"] == 429 for row in working.goto_requests("PUT")))
        stopped_at, began = stop(working), time.monotonic()
    took = time.monotonic() - began

    assert took < STOPPED_WITHIN + 1
    assert max(row["time"] for row in working.goto_requests()) < stopped_at + STOPPED_WITHIN
    assert Change.objects.filter(status="planned").count() == PEOPLE - changed(working)


def test_start_goes_on_at_the_same_row(working: World) -> None:
    working.sandbox.control.faults({"server": "goto", "what": "latency", "method": "PUT", "latency": 0.3})
    with running_cycle(working):
        wait_until(lambda: changed(working) > 4)
        stop(working)
    halted = Cycle.objects.get(ended_at=None)
    planned = set(Change.objects.filter(status="planned").values_list("pk", flat=True))
    working.sandbox.control.clear_faults()
    done = changed(working)
    working.forget_requests()

    start(working)
    cycle = working.run_cycle()

    assert cycle.pk == halted.pk
    assert set(Change.objects.filter(pk__in=planned).values_list("status", flat=True)) == {"success"}
    assert len(working.goto_requests("PUT")) == PEOPLE - done, "nobody is written twice"
    assert changed(working) == PEOPLE


def test_nothing_runs_while_halted(working: World) -> None:
    stop(working)

    with pytest.raises(AssertionError, match="did not end"):
        working.run_cycle()

    assert working.goto_requests() == []


def test_off_lets_the_running_cycle_end_and_no_other_begins(working: World) -> None:
    working.sandbox.control.faults({"server": "goto", "what": "latency", "method": "PUT", "latency": 0.2})

    with running_cycle(working):
        wait_until(lambda: changed(working) > 4)
        Job.objects.filter(pk=working.job.pk).update(enabled=False, run_requested_at=None)

    assert changed(working) == PEOPLE
    assert not Cycle.objects.filter(ended_at=None).exists()
    working.job.refresh_from_db()
    assert not working.job.enabled


def test_a_refused_array_that_is_being_halved_is_planned_again_when_stopped(world: World, settings: Settings) -> None:
    """Its rows are not in flight: everybody knows that they had no effect."""
    settings.EXPORT_CONCURRENCY = 1
    world.sandbox.control.knobs(array_maximum=1)
    hire(world, 16)
    world.sandbox.control.faults({"server": "goto", "what": "latency", "method": "POST", "latency": 0.6})

    with running_cycle(world):
        wait_until(lambda: any(row["status"] == 413 for row in world.goto_requests("POST")))
        stop(world)

    assert not Change.objects.filter(status="in_flight").exists()
    assert Change.objects.filter(status="planned").count() == 16 - len(world.managed())
