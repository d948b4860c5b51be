"""The provisioning log of an application."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from provisioning.engine import steps
from provisioning.engine.summary import summary
from provisioning.management.choosing import chosen_job
from provisioning.models import Change, Job

GLANCE = 1.0
CHUNK = 500


class Command(BaseCommand):
    help = "Print the provisioning log of an application, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("application", help="number, display name or template id")
        parser.add_argument("--follow", action="store_true", help="go on printing what is added; ends with Ctrl-C")
        parser.add_argument("--json", action="store_true", help="a JSON object a line, in Graph's shape")
        parser.add_argument("--last", type=int, metavar="N", help="begin with the last N rows")

    def handle(self, *, application: str, follow: bool, last: int | None, **options: Any) -> None:
        job = chosen_job(application)
        try:
            for change in _rows(job, last, follow=follow):
                line = json.dumps(summary(change, job.application), ensure_ascii=False)
                self.stdout.write(line if options["json"] else _text(change))
        except KeyboardInterrupt:
            return


def _rows(job: Job, last: int | None, *, follow: bool) -> Iterator[Change]:
    """In the order in which they ended. Rows that end in the same moment are told apart by their key."""
    settled = Change.objects.filter(job=job, status__in=Change.SETTLED, settled_at__isnull=False)
    settled = settled.select_related("cycle")
    position: tuple[Any, int] | None = None
    if last is not None:
        newest = list(settled.order_by("-settled_at", "-pk")[: max(last, 0)])
        yield from reversed(newest)
        latest = newest[0] if newest else settled.order_by("-settled_at", "-pk").first()
        position = (latest.settled_at, latest.pk) if latest else None
    while True:
        batch = list(_after(settled, position).order_by("settled_at", "pk")[:CHUNK])
        yield from batch
        if batch:
            position = (batch[-1].settled_at, batch[-1].pk)
        elif not follow:
            return
        else:
            time.sleep(GLANCE)


def _after(rows: Any, position: tuple[Any, int] | None) -> Any:
    if position is None:
        return rows
    moment, pk = position
    return rows.filter(settled_at__gte=moment).exclude(settled_at=moment, pk__lte=pk)


def _text(change: Change) -> str:
    moment = change.settled_at.isoformat(timespec="seconds") if change.settled_at else ""
    return f"{moment}  {change.status:8} {change.action:8} {change.identity or '–'}  {steps.why(change)}".rstrip()
