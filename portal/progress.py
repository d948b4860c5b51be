"""How far a cycle is: counted from the cycle's own counters, so that asking every two seconds costs nothing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.models import Change, Cycle

RECENT = timedelta(seconds=20)
"""How far back the speed is measured."""

ACTIONS = ("create", "update", "enable", "disable", "delete")


@dataclass(frozen=True)
class Tile:
    """A figure with its word; `css` names the colour, `query` the filter of the log that shows the rows."""

    count: int
    label: str | Promise
    css: str
    query: dict[str, str]


@dataclass(frozen=True)
class Segment:
    """A piece of the bar, in thousandths of its width."""

    css: str
    x: float
    width: float


@dataclass(frozen=True)
class Progress:
    cycle: Cycle
    done: int = 0
    total: int = 0
    decided: int = 0
    people: int = 0
    tiles: list[Tile] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    per_second: float | None = None
    left: timedelta | None = None

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.total)) if self.total else 0

    @property
    def step(self) -> int:
        """The last of 0, 25, 50, 75 and 100 that was passed: when a screen reader is told."""
        return 100 if self.cycle.ended_at else self.percent // 25 * 25

    @property
    def exporting(self) -> bool:
        return self.cycle.stage in (Cycle.Stage.EXPORT, Cycle.Stage.SETTLING) or bool(self.cycle.ended_at)


def progress_of(cycle: Cycle, now: datetime) -> Progress:
    counts = cycle.counts
    ended = {action: _count(counts, f"{action}:success") for action in ACTIONS}
    failed = _count(counts, "failure") + sum(_count(counts, f"{action}:failure") for action in (*ACTIONS, "other"))
    skipped = _count(counts, "skipped") + sum(_count(counts, f"{action}:skipped") for action in (*ACTIONS, "other"))
    sent_failed = sum(_count(counts, f"{action}:failure") + _count(counts, f"{action}:skipped") for action in ACTIONS)
    wanted = sum(_count(counts, action) for action in ACTIONS)
    done_of_plan = sum(ended.values()) + sent_failed
    planned = max(0, wanted - done_of_plan) if not cycle.ended_at else 0
    done = sum(ended.values()) + failed + skipped
    total = done + planned
    tiles = _tiles(cycle, ended, failed, skipped, planned)
    speed = _speed(cycle, now) if planned else None
    return Progress(
        cycle,
        done=done,
        total=total,
        decided=_count(counts, "decided"),
        people=_count(counts, "people"),
        tiles=tiles,
        segments=_segments(tiles, total),
        per_second=speed,
        left=timedelta(seconds=planned / speed) if speed else None,
    )


def _count(counts: dict[str, int], name: str) -> int:
    return int(counts.get(name) or 0)


def _tiles(cycle: Cycle, ended: dict[str, int], failed: int, skipped: int, planned: int) -> list[Tile]:
    def tile(count: int, label: str | Promise, css: str, **query: str) -> Tile:
        return Tile(count, label, css, {"cycle": str(cycle.cycle_id), **query})

    updated = ended["update"] + ended["enable"]
    tiles = [
        tile(ended["create"], _("Created"), "of-create", action="create", status="success"),
        tile(updated, _("Updated"), "of-update", action="update", status="success"),
        tile(ended["disable"], _("Disabled"), "of-disable", action="disable", status="success"),
        tile(ended["delete"], _("Deleted"), "of-delete", action="delete", status="success"),
        tile(skipped, _("Skipped"), "of-skip", status="skipped"),
        tile(failed, _("Failed"), "of-failed", status="failure"),
        tile(planned, _("Planned"), "of-planned", status="planned"),
    ]
    rare = {"of-delete"} if not cycle.ended_at else {"of-delete", "of-planned"}
    return [each for each in tiles if each.count or each.css not in rare]


def _segments(tiles: list[Tile], total: int) -> list[Segment]:
    if not total:
        return []
    segments, x = [], 0.0
    for tile in tiles:
        if tile.count and tile.css != "of-planned":
            width = 1000 * tile.count / total
            segments.append(Segment(tile.css, round(x, 1), round(max(2.0, width - 3), 1)))
            x += width
    return segments


def _speed(cycle: Cycle, now: datetime) -> float | None:
    """People a second, lately; None while too few have ended to say."""
    recent = Change.objects.filter(job_id=cycle.job_id, cycle=cycle, settled_at__gt=now - RECENT)
    count = recent.exclude(sent_at=None).count()
    window = min(RECENT, now - cycle.began_at).total_seconds()
    return count / window if count >= 3 and window > 0 else None
