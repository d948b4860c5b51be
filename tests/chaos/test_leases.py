"""One writer, whatever happens to workers and messages."""

import time
import uuid
from typing import Any

from django.conf import settings
from redis import Redis

from provisioning.models import Account, Change, Cycle, Job, Link
from provisioning.tasks import dispatch, run
from tests.chaos.ordeal import (
    PEOPLE,
    QUICK,
    assert_nobody_doubled_nobody_lost,
    begin,
    finish,
    in_flight,
    wait_until,
)
from tests.crowds import hire
from tests.workers import Workers
from tests.world import World

SLOW: dict[str, Any] = {"server": "goto", "what": "latency", "method": "POST", "latency": 0.5}


def test_a_broker_that_loses_everything_costs_nothing(world: World, workers: Workers) -> None:
    """Slices of one second live on messages that go on with the next slice; beat finds the cycle without them."""
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults(SLOW)
    workers.start(**QUICK | {"SLICE_SECONDS": "1", "EXPORT_CONCURRENCY": "1"})
    begin(world)
    wait_until(lambda: world.managed(), "the first are created")

    with Redis(unix_socket_path=settings.BROKER_URL.removeprefix("redis+socket://")) as client:
        for _ in range(20):
            client.flushall()
            time.sleep(0.1)
    assert len(world.managed()) < PEOPLE, "the cycle was still running when the broker was emptied"
    world.sandbox.control.clear_faults()

    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def test_two_workers_that_are_started_for_one_job_are_one_writer(world: World, workers: Workers) -> None:
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults(SLOW)
    for _ in range(2):
        workers.start(**QUICK, ready=False)
    for worker in workers.started:
        worker.wait_until_ready()

    begin(world)
    for _ in range(20):
        run.apply_async((world.job.pk,))
        time.sleep(0.1)
    world.sandbox.control.clear_faults()

    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))
    taken = [worker for worker in workers.started if "provisioning.tasks.run" in worker.log.read_text()]
    assert len(taken) == 2, "both had messages of the job"


def test_a_worker_that_was_frozen_for_longer_than_its_lease_sends_and_settles_nothing_more(
    world: World, workers: Workers
) -> None:
    everybody = hire(world, PEOPLE)
    frozen = workers.start(**QUICK | {"GOTO_REQUESTS_PER_SECOND": "3"})
    begin(world)
    wait_until(lambda: len(world.managed()) >= 10 and in_flight(world), "it is in the middle of its work")
    frozen.freeze()

    workers.start(**QUICK)
    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))
    before, requests = everything(), len(world.goto_requests())
    frozen.wake()
    time.sleep(3)

    assert len(world.goto_requests()) == requests, "not even a question"
    assert everything() == before
    assert "was halted" in frozen.log.read_text()


def test_a_frozen_worker_that_wakes_while_its_successor_works_leaves_it_alone(world: World, workers: Workers) -> None:
    everybody = hire(world, PEOPLE)
    world.sandbox.control.faults(SLOW)
    slow = QUICK | {"EXPORT_CONCURRENCY": "1", "GOTO_ARRAY_LIMIT": str(PEOPLE // 10)}
    frozen = workers.start(**slow)
    begin(world)
    wait_until(lambda: len(world.managed()) >= PEOPLE // 10, "it is in the middle of its work")
    time.sleep(SLOW["latency"] / 2)  # it waits for an answer now, and holds no lock of the database
    frozen.freeze()
    token = Job.objects.get().lease_token

    workers.start(**slow)
    wait_until(lambda: _taken_over(world, token), "another has the job")
    frozen.wake()

    assert_nobody_doubled_nobody_lost(world, everybody, finish(world))


def _taken_over(world: World, token: uuid.UUID | None) -> bool:
    dispatch.apply_async()
    time.sleep(0.3)
    return Job.objects.exclude(lease_token=token).filter(lease_token__isnull=False).exists()


def everything() -> list[Any]:
    """What a worker could settle, row by row."""
    return [list(model.objects.order_by("pk").values()) for model in (Change, Cycle, Link, Account)]
