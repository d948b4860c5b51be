"""The provisioning log of one application: what an address asks for, and the rows that fit."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone, is_naive, make_aware, now
from django.utils.translation import gettext_lazy as _

from portal.columns import unindexed
from portal.states import ACTIONS, CHANGES
from provisioning.models import Change, Cycle, DirectoryObject, Job

RANGES: dict[str, tuple[timedelta | None, str | Promise]] = {
    "24h": (timedelta(hours=24), _("24 hours")),
    "7d": (timedelta(days=7), _("7 days")),
    "30d": (timedelta(days=30), _("30 days")),
    "custom": (None, _("Custom")),
    "all": (None, _("All")),
}
DEFAULT_RANGE = "24h"

STATUSES: dict[str, tuple[tuple[str, ...], str | Promise]] = {
    "": ((Change.Status.SUCCESS, Change.Status.FAILURE), _("Success and failure")),
    "success": ((Change.Status.SUCCESS,), CHANGES[Change.Status.SUCCESS].label),
    "failure": ((Change.Status.FAILURE,), CHANGES[Change.Status.FAILURE].label),
    "skipped": ((Change.Status.SKIPPED,), CHANGES[Change.Status.SKIPPED].label),
    "all": (Change.SETTLED, _("All")),
    "planned": ((Change.Status.PLANNED, Change.Status.IN_FLIGHT), CHANGES[Change.Status.PLANNED].label),
    "staged": ((Change.Status.STAGED,), CHANGES[Change.Status.STAGED].label),
}
"""Skipped only when asked for: people out of scope would flood the list."""

OPEN = ("planned", "staged")

COLUMNS: dict[str, str | Promise] = {
    "why": _("Why"),
    "date": _("Date"),
    "duration": _("Duration"),
    "source": _("Source ID"),
    "target": _("Target ID"),
    "cycle": _("Cycle ID"),
    "by": _("Initiated by"),
}
DEFAULT_COLUMNS = ("why", "date")


@dataclass(frozen=True)
class LogFilter:
    """What the address asks for; what it asks wrongly is left out."""

    query: Any

    def _text(self, name: str, longest: int = 200) -> str:
        return str(self.query.get(name, "")).replace("\0", "").strip()[:longest]

    @cached_property
    def text(self) -> str:
        return self._text("q")

    @cached_property
    def range(self) -> str:
        named = self._text("range")
        if named in RANGES:
            return named
        # One cycle, one person or what is still to come is looked for whenever it was.
        return "all" if self.cycle or self.person or self.status in OPEN else DEFAULT_RANGE

    @cached_property
    def status(self) -> str:
        named = self._text("status")
        return named if named in STATUSES else ""

    @cached_property
    def action(self) -> str:
        named = self._text("action")
        return named if named in ACTIONS else ""

    @cached_property
    def code(self) -> str:
        return self._text("code", 64)

    @cached_property
    def cycle(self) -> uuid.UUID | None:
        return as_uuid(self._text("cycle"))

    @cached_property
    def person(self) -> int | None:
        text = self._text("person", 18)
        return int(text) if text.isascii() and text.isdigit() else None

    @cached_property
    def since(self) -> datetime | None:
        return self._moment("from")

    @cached_property
    def until(self) -> datetime | None:
        return self._moment("to")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        chosen = tuple(name for name in self.query.getlist("column") if name in COLUMNS)
        return chosen or DEFAULT_COLUMNS

    @property
    def open(self) -> bool:
        """Asked for what has not been settled yet."""
        return self.status in OPEN

    @property
    def by_key(self) -> bool:
        """In the order of the rows themselves: what is not settled has no time, and one person's have an index."""
        return self.open or self.person is not None

    @property
    def active(self) -> int:
        """How many filters beside the time are set."""
        return sum(map(bool, (self.text, self.status, self.action, self.code, self.cycle, self.person)))

    @property
    def chosen(self) -> int:
        """How many of the lists of choices differ from how they begin."""
        return sum(map(bool, (self.status, self.action, self.range != DEFAULT_RANGE)))

    def _moment(self, name: str) -> datetime | None:
        try:
            parsed = parse_datetime(self._text(name, 40))
        except ValueError:
            return None
        return make_aware(parsed, get_current_timezone()) if parsed and is_naive(parsed) else parsed

    @property
    def searching(self) -> bool:
        """Asks for what no index knows: every candidate has to be looked at."""
        return bool(self.code or (self.text and not as_uuid(self.text)))

    def rows(self, job: Job) -> QuerySet[Change]:
        """The rows of a job that fit, without an order."""
        return self.found(self.candidates(job))

    def candidates(self, job: Job, *, since: datetime | None = None, until: datetime | None = None) -> QuerySet[Change]:
        """What indexes tell of the filter: everything but words and causes. `since` and `until` narrow its time."""
        rows = self._where(job).filter(status__in=STATUSES[self.status][0], settled_at__isnull=self.open)
        # One bound on each side: of several, SQLite enters the index with any.
        first = max(filter(None, [since, self._first]), default=None)
        last = min(filter(None, [until, self.until if self.range == "custom" else None]), default=None)
        rows = rows.filter(settled_at__gte=first) if first else rows
        rows = rows.filter(settled_at__lte=last) if last else rows
        return rows.filter(action=self.action) if self.action else rows

    @property
    def _first(self) -> datetime | None:
        """Where the chosen time begins."""
        length = RANGES[self.range][0]
        return self.since if self.range == "custom" else now() - length if length else None

    def found(self, candidates: QuerySet[Change]) -> QuerySet[Change]:
        """Those with the cause, and with the words in their name, address or reason."""
        rows = candidates.filter(error_code=self.code) if self.code else candidates
        if not self.text or as_uuid(self.text):
            return rows
        words = Q(identity__icontains=self.text) | Q(reason__icontains=self.text)
        return rows.filter(words | Q(error_code__iexact=self.text))

    def _where(self, job: Job) -> QuerySet[Change]:
        """One person's rows, one cycle's or the one of an id, each by its own index; else all of the job."""
        wanted = Q()
        if self.person:
            wanted &= Q(subject_id=self.person)
        if self.cycle:
            wanted &= Q(cycle_id=_cycle(job, self.cycle))
        if found := as_uuid(self.text):
            wanted &= _named(job, found)
        if not wanted:
            return Change.objects.filter(job=job)
        return Change.objects.alias(of=unindexed("job_id")).filter(wanted, of=job.pk)


def _cycle(job: Job, cycle_id: uuid.UUID) -> int:
    """Its primary key; 0 where there is none, which no row has."""
    return Cycle.objects.filter(job=job, cycle_id=cycle_id).values_list("pk", flat=True).first() or 0


def _named(job: Job, found: uuid.UUID) -> Q:
    """An id of a cycle, of a person or of the row itself."""
    if cycle := _cycle(job, found):
        return Q(cycle_id=cycle)
    people = DirectoryObject.objects.filter(tenant=job.application.tenant_id, object_id=str(found))
    if person := people.values_list("pk", flat=True).first():
        return Q(subject_id=person)
    return Q(change_id=found)


def as_uuid(text: str) -> uuid.UUID | None:
    """
    >>> as_uuid("8c1f0c0e-0000-4000-8000-000000000001"), as_uuid("Noor")
    (UUID('8c1f0c0e-0000-4000-8000-000000000001'), None)
    """
    try:
        return uuid.UUID(text) if len(text) >= 32 else None
    except ValueError:
        return None
