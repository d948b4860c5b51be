"""Sending for those who have just written a row: once it is committed, and without minding a broker that is away.

A message that is lost costs a minute at most: beat finds cycles that were asked for. A question or a test that nobody
took is asked again by whoever waits for it.
"""

from functools import partial
from typing import Any

from celery import Task
from django.db import transaction

from provisioning.tasks import cycles, interactive


def run_soon(job_id: int) -> None:
    _send(cycles.run, job_id, cycles.MESSAGE_LIFE)


def read_soon(tenant_id: int) -> None:
    _send(cycles.read, tenant_id, cycles.MESSAGE_LIFE)


def test_soon(credential_id: int) -> None:
    _send(interactive.test_connection, credential_id, interactive.LIFE)


def ask_soon(question_id: int) -> None:
    _send(interactive.answer, question_id, interactive.LIFE)


def read_and_answer_soon(question_id: int) -> None:
    """For a question that takes a whole reading: a worker of the cycles answers it, nobody else has to wait."""
    _send(interactive.answer, question_id, cycles.MESSAGE_LIFE, queue="default")


def wake_workers() -> None:
    """Every worker of the cycles that is alive and has a hand free gives a sign of life, and looks what is due."""
    transaction.on_commit(partial(cycles.dispatch.apply_async, expires=cycles.MESSAGE_LIFE), robust=True)


def _send(task: Task, pk: int, life: int, *, queue: str = "") -> None:
    """`queue`: another than the task's own."""
    elsewhere: dict[str, Any] = {"queue": queue} if queue else {}
    transaction.on_commit(lambda: task.apply_async((pk,), expires=life, **elsewhere), robust=True)
