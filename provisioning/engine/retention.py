"""Forgetting: log rows, cycles and audit entries that are older than the installation keeps them.

Nothing that decides anything is among them: who fails, and since when, stands on the links, and what is still open is
no log row yet. Rows go a batch at a time, each in a transaction of its own, and others get their turn in between:
SQLite takes one writer at a time.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, Model, OuterRef, QuerySet

from provisioning.engine.resting import LOOKED_BACK
from provisioning.models import AuditEntry, Change, Cycle, Installation, Job

BATCH = 1000
PAUSE = 0.05
"""Seconds between two batches; whoever waits for SQLite looks again about as often."""


def forget(installation: Installation, now: datetime, *, until: float, batch: int = BATCH) -> int:
    """Delete what is older than `installation` keeps. Returns how many rows went.

    `until` is a time.monotonic(): what is left then goes the next time.
    """
    gone = 0
    for rows in _outdated(installation, now):
        while time.monotonic() < until and (pks := list(rows.values_list("pk", flat=True)[:batch])):
            rows.model._default_manager.filter(pk__in=pks).delete()
            gone += len(pks)
            time.sleep(PAUSE)
    return gone


def _outdated(installation: Installation, now: datetime) -> Iterator[QuerySet[Model]]:
    """Rows before their cycles: a cycle goes once none of its rows is left."""
    if installation.log_days is not None:
        before = now - timedelta(days=installation.log_days)
        for job in Job.objects.all():
            yield Change.objects.filter(job=job, settled_at__lt=before).order_by("settled_at")
            yield _empty_cycles(job, before)
    if installation.audit_days is not None:
        yield AuditEntry.objects.filter(at__lt=now - timedelta(days=installation.audit_days)).order_by("at")


def _empty_cycles(job: Job, before: datetime) -> QuerySet[Cycle]:
    """All but the last ones, which say how long a failing job rests."""
    last = list(job.cycles.order_by("-began_at").values_list("pk", flat=True)[: LOOKED_BACK + 1])
    rows = Change.objects.filter(cycle=OuterRef("pk"))
    return Cycle.objects.filter(~Exists(rows), job=job, ended_at__lt=before).exclude(pk__in=last)
