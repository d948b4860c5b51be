"""Why a person is in, out, failed or disabled."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from provisioning.engine.causes import cause
from provisioning.engine.explaining import explain
from provisioning.management.choosing import chosen_job, chosen_person
from provisioning.management.reports import explanation_report

OUTCOMES = {
    "create": "would be created",
    "update": "would be updated",
    "enable": "would be enabled",
    "disable": "would be disabled",
    "delete": "would be deleted",
    "skip": "nothing would be done",
    "fail": "cannot be provisioned",
}


class Command(BaseCommand):
    help = "Decide for one person on the mirrors, and say why. No request is made, nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("application", help="number, display name or template id")
        parser.add_argument("person", help="user principal name, mail, object id or display name")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, application: str, person: str, **options: Any) -> None:
        job = chosen_job(application)
        report = explanation_report(explain(job, chosen_person(job, person), now()))
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else _text(report))


def _text(report: dict[str, Any]) -> str:
    lines = [f"{report['person']} ({report['userPrincipalName']}): {OUTCOMES[report['action']]}"]
    if report["reason"]:
        known = cause(report["reason"])
        lines.append(f"  {known.words}: {report['message'] or known.advice}")
    elif report["message"]:
        lines.append(f"  {report['message']}")
    lines += [f"  {name}: {value}" for name, value in report["scoping"].items()]
    if report["assignedThrough"]:
        lines.append(
            f"  Assigned: {', '.join(report['assignedThrough'])}; roles: {', '.join(report['roles']) or 'none'}"
        )
    lines.append(f"  Account: {report['account'] or 'none'}")
    lines += [f"  {each['name']}: {each['old']!r} → {each['new']!r}" for each in report["differences"]]
    if report["failing"]:
        lines.append(f"  Failing since {report['failing']['since']}: {report['failing']['message']}")
        lines.append(f"  Tried again: {report['failing']['retryAt'] or 'not by itself any more'}")
    lines.append(f"  The directory was read at {report['directoryReadAt'] or 'no time yet'}.")
    return "\n".join(lines)
