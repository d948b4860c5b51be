"""The provisioning log of one application: what is asked for, and one page of it.

Pages go by key, newest first, so that ten million rows cost what fifty do.
"""

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

from portal.states import ACTIONS, CHANGES
from provisioning.models import Change, Job

PAGE = 25
COUNTED = 1000
"""Beyond this many rows the page says "more than" instead of counting on."""

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

    def _moment(self, name: str) -> datetime | None:
        try:
            parsed = parse_datetime(self._text(name, 40))
        except ValueError:
            return None
        return make_aware(parsed, get_current_timezone()) if parsed and is_naive(parsed) else parsed

    def rows(self, job: Job) -> QuerySet[Change]:
        """The rows of a job that fit, without an order."""
        rows = Change.objects.filter(job=job, status__in=STATUSES[self.status][0])
        if self.range == "custom":
            rows = rows.filter(settled_at__gte=self.since) if self.since else rows
            rows = rows.filter(settled_at__lte=self.until) if self.until else rows
        elif length := RANGES[self.range][0]:
            rows = rows.filter(settled_at__gte=now() - length)
        wanted = {
            "action": self.action,
            "error_code": self.code,
            "cycle__cycle_id": self.cycle,
            "subject_id": self.person,
        }
        rows = rows.filter(**{name: value for name, value in wanted.items() if value})
        return rows.filter(self._words()) if self.text else rows

    def _words(self) -> Q:
        """An id exactly, else words of the name, the address or the reason."""
        if found := as_uuid(self.text):
            return Q(change_id=found) | Q(cycle__cycle_id=found) | Q(subject__object_id=str(found))
        return Q(identity__icontains=self.text) | Q(reason__icontains=self.text) | Q(error_code__iexact=self.text)


@dataclass(frozen=True)
class LogPage:
    changes: list[Change]
    count: int
    """Of all that fit, up to COUNTED + 1."""
    older: str
    newer: str
    """Keys for the addresses of the neighbouring pages; "" where there is none."""
    newest: str
    """The key of the first row shown: whatever is newer came since."""

    @property
    def more(self) -> bool:
        return self.count > COUNTED


def log_page(job: Job, wanted: LogFilter, size: int = PAGE) -> LogPage:
    rows = wanted.rows(job)
    query = wanted.query
    backward = bool(query.get("after"))
    shown = list(
        _ordered(_beyond(rows, wanted, query), wanted, backward).select_related("cycle", "subject")[: size + 1]
    )
    further = len(shown) > size
    shown = shown[:size]
    whole = not further and not backward and not query.get("before")
    if backward:
        shown.reverse()
    first = not query.get("before") and not backward
    has_older = further if not backward else True
    has_newer = (further if backward else not first) and bool(shown)
    return LogPage(
        changes=shown,
        count=len(shown) if whole else rows.order_by()[: COUNTED + 1].count(),
        older=key_of(shown[-1]) if has_older and shown else "",
        newer=key_of(shown[0]) if has_newer else "",
        newest=key_of(shown[0]) if shown else "",
    )


def newer_count(job: Job, wanted: LogFilter) -> int:
    """How many rows came since the key `after`; up to a hundred."""
    rows = _beyond(wanted.rows(job), wanted, wanted.query)
    return rows.order_by()[:100].count() if wanted.query.get("after") else 0


def key_of(change: Change) -> str:
    return f"{change.settled_at.isoformat() if change.settled_at else ''}~{change.pk}"


def _beyond(rows: QuerySet[Change], wanted: LogFilter, query: Any) -> QuerySet[Change]:
    """Only what is older than the key `before`, or newer than the key `after`."""
    for name, suffix in (("after", "gt"), ("before", "lt")):
        moment, _separator, pk = str(query.get(name, "")).partition("~")
        if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            continue
        at = _parsed(moment)
        if wanted.by_key or at is None:
            return rows.filter(**{f"pk__{suffix}": int(pk)})
        return rows.filter(
            Q(**{f"settled_at__{suffix}": at}) | Q(settled_at=at, **{f"pk__{suffix}": int(pk)}),
            # The same bound once more, plainly: it is what the index is entered with.
            **{f"settled_at__{suffix}e": at},
        )
    return rows


def _ordered(rows: QuerySet[Change], wanted: LogFilter, backward: bool) -> QuerySet[Change]:
    names = ["pk"] if wanted.by_key else ["settled_at", "pk"]
    return rows.order_by(*(names if backward else [f"-{name}" for name in names]))


def _parsed(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and not is_naive(found) else None


def as_uuid(text: str) -> uuid.UUID | None:
    """
    >>> as_uuid("8c1f0c0e-0000-4000-8000-000000000001"), as_uuid("Noor")
    (UUID('8c1f0c0e-0000-4000-8000-000000000001'), None)
    """
    try:
        return uuid.UUID(text) if len(text) >= 32 else None
    except ValueError:
        return None
