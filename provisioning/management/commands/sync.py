"""A cycle now."""

import json
import sys
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from provisioning.actions import jobs
from provisioning.actions.errors import ActionRefused
from provisioning.management.choosing import chosen_job
from provisioning.management.reports import cycle_report
from provisioning.management.workers import require_worker
from provisioning.models import Cycle, Job

GLANCE = 0.25


class Command(BaseCommand):
    help = "Run a provisioning cycle of an application now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("application", help="number, display name or template id")
        parser.add_argument(
            "--wait", action="store_true", help="until it has ended; exit code 0 only if nothing failed"
        )
        parser.add_argument("--full", action="store_true", help="read directory and accounts from the start")
        parser.add_argument("--json", action="store_true", help="print the cycle as JSON")

    def handle(self, *, application: str, wait: bool, full: bool, json: bool, **options: Any) -> None:
        job = chosen_job(application)
        require_worker()
        try:
            asked_at = jobs.request_cycle(job, by=None, full=full)
        except ActionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if not wait:
            self._say({"requestedAt": asked_at.isoformat()}, json, f"A cycle of {job.application} was asked for.")
            return
        cycle = self._wait(job, asked_at, quiet=json or not sys.stdout.isatty())
        report = cycle_report(cycle)
        self._say(report, json, _summary(report))
        if report["failures"] or cycle.state != Cycle.State.SUCCEEDED:
            sys.exit(1)

    def _wait(self, job: Job, asked_at: datetime, *, quiet: bool) -> Cycle:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} of {task.total}"))
        console = Console(quiet=quiet)
        with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
            bar = progress.add_task("Waiting for a worker", total=None)
            while True:
                cycle = job.cycles.filter(requested_at__gte=asked_at).order_by("pk").first()
                if cycle is not None and cycle.ended_at is not None:
                    return cycle
                job.refresh_from_db()
                if job.halted:
                    raise CommandError("Provisioning was stopped before the cycle had ended.")
                if cycle is not None and not quiet:
                    report = cycle_report(cycle)
                    total = report["done"] + report["left"]
                    progress.update(
                        bar, description=f"{cycle.stage}".capitalize(), completed=report["done"], total=total or None
                    )
                time.sleep(GLANCE)

    def _say(self, report: dict[str, Any], as_json: bool, text: str) -> None:
        self.stdout.write(json.dumps(report, ensure_ascii=False) if as_json else text)


def _summary(report: dict[str, Any]) -> str:
    lines = [f"{report['kind'].capitalize()} cycle: {report['state']}"]
    lines += [f"  {number:>7,}  {name.replace(':', ', ')}" for name, number in report["changes"].items()]
    if not report["changes"]:
        lines.append("  Nothing had to be done.")
    if report["error"]:
        lines.append(f"  {report['error']['message']}")
    return "\n".join(lines)
