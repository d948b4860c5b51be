"""The chart of changes: a day in hours, stacked by outcome; geometry for a server-rendered SVG, and a table."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Value
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from provisioning.models import Change, Job

HOURS = 24
WIDTH, HEIGHT, SLOT, BAR, GAP = 600, 120, 25, 17, 2

SERIES: tuple[tuple[str, str | Promise], ...] = (
    ("create", _("Created")),
    ("update", _("Updated")),
    ("disable", _("Disabled")),
    ("delete", _("Deleted")),
    ("failed", _("Failed")),
)


@dataclass(frozen=True)
class Piece:
    css: str
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    pieces: list[Piece]
    grid: list[tuple[float, int]]
    """(y, count) of each line."""
    labels: list[tuple[float, str]]
    rows: list[tuple[datetime, list[int]]]
    """For the table: the hour, and a count for each series."""
    legend: list[tuple[str, str | Promise]]
    total: int


def changes_of_a_day(job: Job, now: datetime) -> Chart:
    first = localtime(now).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    hours = [first + timedelta(hours=number) for number in range(HOURS)]
    counts = _counts(job, hours)
    rows = [(hour, [counts[hour, name] for name, _label in SERIES]) for hour in hours]
    top = _round_up(max((sum(values) for _hour, values in rows), default=0))
    present = [pair for pair in SERIES if any(counts[hour, pair[0]] for hour in hours)]
    return Chart(
        pieces=[piece for place, (_hour, values) in enumerate(rows) for piece in _stack(place, values, top)],
        grid=[(HEIGHT - HEIGHT * share / 2, top * share // 2) for share in (1, 2)] if top else [],
        labels=[(place * SLOT, f"{hours[place]:%H:%M}") for place in range(0, HOURS, 6)],
        rows=[(hour, values) for hour, values in rows if any(values)],
        legend=present,
        total=sum(counts.values()),
    )


def _counts(job: Job, hours: list[datetime]) -> Counter[tuple[datetime, str]]:
    """(hour, series) → changes, in one query that an index answers alone.

    Truncating times would do it in fewer words; but on SQLite that calls back into Python for every row.
    """
    settled = Change.objects.filter(job=job, status__in=["success", "failure"])
    of_hours = [
        settled.filter(settled_at__gte=hour, settled_at__lt=hour + timedelta(hours=1))
        .values_list(Value(number), "action", "status")
        .annotate(n=Count("id"))
        .order_by()
        for number, hour in enumerate(hours)
    ]
    counts: Counter[tuple[datetime, str]] = Counter()
    for number, action, status, count in of_hours[0].union(*of_hours[1:], all=True):
        counts[hours[number], _series(action, status)] += count
    return counts


def _series(action: str, status: str) -> str:
    if status == "failure":
        return "failed"
    return {"enable": "update", "other": "update"}.get(action, action)


def _round_up(count: int) -> int:
    """The top of the scale: an even, round number.

    >>> [_round_up(n) for n in (0, 1, 7, 43, 840)]
    [0, 2, 10, 60, 1000]
    """
    if count <= 0:
        return 0
    step = 10 ** max(0, len(str(count)) - 1)
    return next(step * part for part in (2, 4, 6, 10, 20) if step * part >= count)


def _stack(place: int, values: list[int], top: int) -> list[Piece]:
    pieces, y = [], float(HEIGHT)
    for (name, _label), count in zip(SERIES, values, strict=True):
        if count:
            height = max(2.0, HEIGHT * count / top)
            y -= height
            pieces.append(Piece(name, place * SLOT + (SLOT - BAR) / 2, round(y, 1), round(max(1.0, height - GAP), 1)))
    return pieces
