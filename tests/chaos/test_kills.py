"""`kill -9` of a real worker at the worst moments of an initial cycle, each proven to have been hit."""

import time

from provisioning.models import Change, Cycle, DirectoryObject, Feed, Membership
from tests.chaos.ordeal import (
    PEOPLE,
    QUICK,
    asked_for,
    assert_nobody_doubled_nobody_lost,
    begin,
    finish,
    in_flight,
    nobody_else_commits,
    wait_until,
)
from tests.crowds import creations, hire
from tests.workers import Workers
from tests.world import World

SETTLE_DOWN = 0.4
"""Seconds in which a worker that has nothing left to wait for but the lock reaches it."""


def test_killed_while_taking_in(world: World, workers: Workers) -> None:
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults({"server": "graph", "what": "latency", "path": "users/delta", "latency": 1})
    worker = workers.start(**QUICK)

    begin(world)
    wait_until(lambda: Feed.objects.filter(kind=Feed.Kind.USERS, lease_token__isnull=False), "the round is begun")
    with nobody_else_commits(world):
        wait_until(lambda: _answered(world, "users/delta"), "the round has been read to its end")
        time.sleep(SETTLE_DOWN)
        worker.kill()

    users = Feed.objects.get(kind=Feed.Kind.USERS)
    assert (users.delta_link, users.began_at) == ("", None), "the round was not taken in"
    assert not DirectoryObject.objects.exists()
    assert Cycle.objects.get().stage == Cycle.Stage.READING
    workers.start(**QUICK)
    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def _answered(world: World, part: str) -> bool:
    return any(part in row["path"] for row in world.sandbox.control.requests("graph"))


def test_killed_between_two_rounds_of_one_reading(world: World, workers: Workers) -> None:
    """People are in the mirror, memberships are not."""
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults({"server": "graph", "what": "latency", "path": "groups/delta.*members", "latency": 3})
    worker = workers.start(**QUICK)

    begin(world)
    wait_until(lambda: Feed.objects.filter(kind=Feed.Kind.MEMBERS, lease_token__isnull=False), "members are read")
    worker.kill()

    assert DirectoryObject.objects.filter(kind="User").count() >= PEOPLE
    assert not Membership.objects.exists()
    world.sandbox.control.clear_faults()
    workers.start(**QUICK)
    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def test_killed_while_writing_the_plan(world: World, workers: Workers) -> None:
    everybody = hire(world, PEOPLE)
    worker = workers.start(**QUICK)

    begin(world)
    wait_until(lambda: Cycle.objects.filter(stage=Cycle.Stage.PLANNING), "the plan is begun")
    with nobody_else_commits(world):
        time.sleep(SETTLE_DOWN)
        worker.kill()

    assert Cycle.objects.get().stage == Cycle.Stage.PLANNING
    assert not Change.objects.exists()
    workers.start(**QUICK)
    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def test_killed_between_claim_and_request(world: World, workers: Workers) -> None:
    """Rows are in flight, and wait for their turn of a slow pace."""
    everybody = hire(world, PEOPLE)
    worker = workers.start(**QUICK | {"GOTO_REQUESTS_PER_SECOND": "3"})

    begin(world)
    wait_until(lambda: in_flight(world) - asked_for(world), "a row is in flight", 60)
    worker.kill()

    claimed, asked = in_flight(world), asked_for(world)
    assert claimed - asked - set(world.managed()), "somebody was claimed and never sent"
    workers.start(**QUICK)
    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def test_killed_between_effect_and_answer(world: World, workers: Workers) -> None:
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults({"server": "goto", "what": "hang_after_effect", "method": "POST", "count": 2})
    worker = workers.start(**QUICK)

    begin(world)
    wait_until(lambda: in_flight(world) & set(world.managed()), "somebody is created whose row is in flight")
    time.sleep(SETTLE_DOWN)
    unanswered = in_flight(world) & set(world.managed()) - asked_for(world, answered=True)
    worker.kill()

    assert unanswered, "created, and the sandbox had not answered yet"
    assert unanswered <= in_flight(world), "and nothing was settled"
    workers.start(**QUICK)
    cycle = finish(world)
    assert_nobody_doubled_nobody_lost(world, everybody, cycle)
    assert_told_as_looked_up(unanswered)


def test_killed_between_answer_and_settling(world: World, workers: Workers) -> None:
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults({"server": "goto", "what": "latency", "method": "POST", "latency": 0.8})
    worker = workers.start(**QUICK)

    begin(world)
    wait_until(lambda: in_flight(world), "a row is in flight")
    with nobody_else_commits(world):
        wait_until(lambda: creations(world), "GoTo has answered")
        time.sleep(SETTLE_DOWN)
        worker.kill()

    unsettled = in_flight(world) & asked_for(world, answered=True)
    assert unsettled, "answered, and not settled"
    world.sandbox.control.clear_faults()
    workers.start(**QUICK)
    cycle = finish(world)
    assert_nobody_doubled_nobody_lost(world, everybody, cycle)
    assert_told_as_looked_up(unsettled)


def assert_told_as_looked_up(addresses: set[str]) -> None:
    rows = [row for row in Change.objects.filter(status="success") if row.payload["userName"].lower() in addresses]
    assert len(rows) == len(addresses)
    assert all("looked up" in row.reason for row in rows), "the log says how the ending became known"


def test_killed_again_and_again(world: World, workers: Workers) -> None:
    """Whenever a worker has done a little, it dies."""
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults({"server": "goto", "what": "latency", "method": "POST", "latency": 0.2})
    slow = QUICK | {"EXPORT_CONCURRENCY": "1", "LEASE_SECONDS": "1.5", "GOTO_ARRAY_LIMIT": str(PEOPLE // 6)}
    begin(world)

    for done in (PEOPLE // 6, PEOPLE // 2):
        worker = workers.start(**slow)
        wait_until(lambda: _progress(world) >= done, "some are done", 60)  # noqa: B023
        worker.kill()
    workers.start(**slow)

    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def _progress(world: World) -> int:
    begin(world)
    time.sleep(0.2)
    return len(world.managed())
