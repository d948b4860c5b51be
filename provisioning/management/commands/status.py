"""How provisioning stands."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from provisioning.management.choosing import chosen_job
from provisioning.management.reports import job_report, worker_report
from provisioning.models import Job


class Command(BaseCommand):
    help = "Show how provisioning of one application, or of all, stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("application", nargs="?", help="number, display name or template id; all without it")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, application: str | None, **options: Any) -> None:
        rows = Job.objects.select_related("application__tenant").order_by("application__display_name")
        chosen = [chosen_job(application)] if application else list(rows)
        reports = [job_report(job) for job in chosen]
        if options["json"]:
            told: Any = reports[0] if application else {"applications": reports, "workers": worker_report()}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        if not reports:
            self.stdout.write("No application has been added yet.")
        for report in reports:
            self.stdout.write(_text(report))
        for name, seen in worker_report().items():
            self.stdout.write(f"Worker “{name}”: last sign of life {seen or 'never'}")


def _text(report: dict[str, Any]) -> str:
    lines = [f"{report['application']} ({report['tenant']}): {report['state']}"]
    for trouble in (report["quarantine"], report["tenantTrouble"]):
        if trouble:
            lines.append(f"  {trouble['message']}")
    lines.append(f"  {report['peopleProvisioned']:,} people provisioned")
    lines += [f"  {number:,} people failing: {code}" for code, number in report["peopleFailing"].items()]
    for label, cycle in (("Running", report["running"]), ("Last cycle", report["lastCycle"])):
        if cycle:
            lines.append(f"  {label}: {cycle['kind']}, {cycle['state']}, began {cycle['beganAt']}")
    if report["nextRunAt"]:
        lines.append(f"  Next cycle: {report['nextRunAt']}")
    return "\n".join(lines)
