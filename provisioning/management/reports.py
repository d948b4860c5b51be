"""What the command line says of a job, a cycle and a decision: as JSON with stable keys, and as text.

docs/command-line.md lists the keys.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from provisioning.engine.explaining import Explanation
from provisioning.models import Change, Cycle, Heartbeat, Job, Link

ENDED = {Change.Status.SUCCESS, Change.Status.FAILURE, Change.Status.SKIPPED, Change.Status.STAGED}


def job_report(job: Job) -> dict[str, Any]:
    application, tenant = job.application, job.application.tenant
    last = job.cycles.exclude(ended_at=None).order_by("-pk").first()
    running = job.cycles.filter(ended_at=None).first()
    links = Link.objects.filter(job=job)
    failing = Counter(links.exclude(failure_code="").values_list("failure_code", flat=True))
    quarantine = {
        "reason": job.quarantine_reason,
        "code": job.quarantine_code,
        "message": job.quarantine_error,
        "since": _moment(job.quarantine_began_at),
    }
    return {
        "application": application.display_name,
        "applicationId": application.pk,
        "template": application.template_id,
        "tenant": tenant.name,
        "jobId": job.job_id,
        "provisioningStatus": "On" if job.enabled else "Off",
        "state": state_of(job),
        "quarantine": quarantine if job.quarantined else None,
        "tenantTrouble": {"code": tenant.trouble_code, "message": tenant.trouble} if tenant.trouble_code else None,
        "peopleProvisioned": links.filter(account__isnull=False, disabled_at=None).count(),
        "peopleFailing": dict(sorted(failing.items())),
        "running": cycle_report(running) if running else None,
        "lastCycle": cycle_report(last) if last else None,
        "nextRunAt": _moment(job.next_run_at) if job.enabled else None,
    }


def state_of(job: Job) -> str:
    """ "Stopped", "Off", "Quarantine", "Running" or "On"."""
    if job.halted:
        return "Stopped"
    if job.quarantined:
        return "Quarantine"
    if job.cycles.filter(ended_at=None).exists():
        return "Running"
    return "On" if job.enabled else "Off"


def cycle_report(cycle: Cycle) -> dict[str, Any]:
    rows = Change.objects.filter(cycle=cycle).values_list("action", "status")
    counts = Counter(f"{action}:{status}" for action, status in rows)
    ended = sum(number for name, number in counts.items() if name.split(":")[1] in ENDED)
    waiting = sum(number for name, number in counts.items() if name.endswith((":planned", ":in_flight")))
    return {
        "cycleId": str(cycle.cycle_id),
        "kind": cycle.kind,
        "state": cycle.state,
        "stage": cycle.stage,
        "beganAt": _moment(cycle.began_at),
        "endedAt": _moment(cycle.ended_at),
        "people": cycle.counts.get("people", 0),
        "decided": cycle.counts.get("decided", 0),
        "done": ended,
        "left": waiting,
        "changes": dict(sorted((name, number) for name, number in counts.items() if not name.endswith("superseded"))),
        "failures": sum(number for name, number in counts.items() if name.endswith(":failure")),
        "error": {"code": cycle.error_code, "message": cycle.error} if cycle.error_code else None,
    }


def explanation_report(told: Explanation) -> dict[str, Any]:
    link = told.link
    failing = (
        {
            "code": link.failure_code,
            "message": link.failure,
            "since": _moment(link.failed_at),
            "retryAt": _moment(link.retry_at),
        }
        if link and link.failure_code
        else None
    )
    return {
        "person": str(told.subject),
        "userPrincipalName": told.subject.user_principal_name,
        "objectId": told.subject.object_id,
        "action": told.action,
        "reason": told.reason,
        "message": told.sentence,
        "scoping": told.scoping,
        "roles": list(told.roles),
        "assignedThrough": list(told.via),
        "account": told.account or None,
        "differences": [{"name": each.name, "old": each.old, "new": each.new} for each in told.differences],
        "failing": failing,
        "provisionedAt": _moment(link.provisioned_at) if link else None,
        "disabledAt": _moment(link.disabled_at) if link else None,
        "directoryReadAt": _moment(told.read_at),
    }


def worker_report() -> dict[str, str | None]:
    """Name of the worker → its last sign of life."""
    signs = dict(Heartbeat.objects.values_list("name", "at"))
    return {name: _moment(signs.get(name)) for name in Heartbeat.Name.values}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
