"""One page of the provisioning log, newest first, by key: ten million rows cost what fifty do.

What an index answers is found however far back it lies. Words and causes are looked for row by row, in a window of rows
at a time: a page that found nothing in its window says how far it looked, and its link goes on from there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive

from portal.columns import unindexed
from portal.logs import LogFilter
from provisioning.models import Change, Job

PAGE = 25
COUNTED = 1000
"""Beyond this many rows the page says "more than" instead of counting on."""
WINDOW = 20_000
"""Rows that one page of a search looks at."""
NEWER_COUNTED = 100
BEYOND = 10**17
"""Greater than every primary key."""


@dataclass(frozen=True)
class LogPage:
    changes: list[Change]
    count: int | None
    """Of all that fit, up to COUNTED + 1; None where that is not known."""
    older: str
    newer: str
    """Keys for the addresses of the neighbouring pages; "" where there is none."""
    newest: str
    """The key of the first row shown: whatever is newer came since."""
    looked_to: datetime | None = None
    """Where a search paused: what is older has not been looked at yet."""

    @property
    def more(self) -> bool:
        return self.count is not None and self.count > COUNTED


def log_page(job: Job, wanted: LogFilter, size: int = PAGE, window: int = WINDOW) -> LogPage:
    backward = bool(wanted.query.get("after"))
    first = not backward and not wanted.query.get("before")
    rows, edge = _window(job, wanted, backward, window)
    found = list(_ordered(rows, wanted, backward).values_list("pk", flat=True)[: COUNTED + 1 if first else size + 1])
    further = len(found) > size
    shown = _changes(found[:size])
    if backward:
        shown.reverse()
    paused = edge if not further else None
    older, newer = (key_of(shown[-1]), key_of(shown[0])) if shown else ("", "")
    if paused:
        older, newer = (older, f"{paused.isoformat()}~{BEYOND}") if backward else (f"{paused.isoformat()}~0", newer)
    return LogPage(
        changes=shown,
        count=_count(job, wanted, found if first and (not edge or len(found) > COUNTED) else None),
        older=older if backward or further or paused else "",
        newer=newer if (further or paused if backward else not first) else "",
        newest=key_of(shown[0]) if shown else "",
        looked_to=paused if not backward else None,
    )


def newer_count(job: Job, wanted: LogFilter, window: int = WINDOW) -> int:
    """How many rows came since the key `after`; up to NEWER_COUNTED."""
    if not wanted.query.get("after"):
        return 0
    rows, _edge = _window(job, wanted, backward=True, size=window)
    return rows.order_by()[:NEWER_COUNTED].count()


def key_of(change: Change) -> str:
    return f"{change.settled_at.isoformat() if change.settled_at else ''}~{change.pk}"


def _window(job: Job, wanted: LogFilter, backward: bool, size: int) -> tuple[QuerySet[Change], datetime | None]:
    """(what fits beyond the page's key, where a search pauses: None where it has looked at everything)"""
    rows = _beyond(job, wanted)
    if not wanted.searching or wanted.by_key:
        return wanted.found(rows), None
    order = "settled_at" if backward else "-settled_at"
    edge = rows.order_by(order).values_list("settled_at", flat=True)[size : size + 1].first()
    if edge:
        rows = _beyond(job, wanted, **{"until" if backward else "since": edge})
    return wanted.found(rows), edge


def _changes(pks: list[int]) -> list[Change]:
    """In this order."""
    found = Change.objects.select_related("cycle", "subject").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def _count(job: Job, wanted: LogFilter, everything: list[int] | None) -> int | None:
    """Up to COUNTED + 1. `everything`: all that fits, where the page has looked at it."""
    if everything is not None:
        return len(everything)
    return None if wanted.searching else wanted.candidates(job).order_by()[: COUNTED + 1].count()


def _beyond(job: Job, wanted: LogFilter, **bounds: datetime) -> QuerySet[Change]:
    """Only what is older than the key `before`, or newer than the key `after`."""
    for name, suffix, bound in (("after", "gt", "since"), ("before", "lt", "until")):
        moment, _separator, pk = str(wanted.query.get(name, "")).partition("~")
        if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            continue
        at = _parsed(moment)
        if wanted.by_key or at is None:
            return wanted.candidates(job, **bounds).filter(**{f"pk__{suffix}": int(pk)})
        beyond = Q(**{f"settled_at__{suffix}": at}) | Q(settled_at=at, **{f"pk__{suffix}": int(pk)})
        # The same bound once more, plainly: it is what the index is entered with.
        return wanted.candidates(job, **{bound: at}, **bounds).filter(beyond)
    return wanted.candidates(job, **bounds)


def _ordered(rows: QuerySet[Change], wanted: LogFilter, backward: bool) -> QuerySet[Change]:
    if wanted.by_key:
        return rows.order_by(unindexed("pk").asc() if backward else unindexed("pk").desc())
    return rows.order_by(*(["settled_at", "pk"] if backward else ["-settled_at", "-pk"]))


def _parsed(text: Any) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and not is_naive(found) else None
