"""After a restore: the database remembers an older state of directory and application than the true one.

What was planned then may be wrong by now, so nothing of it is sent: both sides are read from the start and everybody is
decided anew. What was under way is looked up in the application first, as after a crash.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.jobs import NO_QUARANTINE, TOO_MANY_DELETES
from provisioning.engine.reading_directory.feeds import forget_links
from provisioning.models import AuditEntry, Change, Credential, Cycle, Feed, Heartbeat, Job, Question, Tenant
from provisioning.sentences import Sentence
from provisioning.tasks.messages import run_soon

CODE = "Restored"
WHY = Sentence("The database was restored from a backup.")


@dataclass(frozen=True)
class Restored:
    jobs: int
    superseded: int
    """Rows of old plans that will not be sent."""
    in_flight: int
    """Rows that are looked up in the application before anything is planned."""


def after_restore(*, by: Actor) -> Restored:
    """To be called once, on a restored database, before any worker is started. Calling it again does no harm."""
    with transaction.atomic():
        for tenant in Tenant.objects.all():
            forget_links(tenant)
        Tenant.objects.update(next_attempt_at=None)
        _let_go()
        restored = [_decide_anew(job) for job in Job.objects.select_for_update()]
        unanswered = Question.objects.filter(answered_at=None)
        unanswered.update(error_code=CODE, error=WHY, answered_at=now())
        found = Restored(
            jobs=len(restored),
            superseded=sum(restored),
            in_flight=Change.objects.filter(status=Change.Status.IN_FLIGHT).count(),
        )
        changes = [{"name": "superseded", "old": None, "new": found.superseded}]
        AuditEntry.record(by, Activity.RESTORE, target="Rollcall", changes=changes)
    return found


def _let_go() -> None:
    """Leases and signs of life are of processes that are long gone."""
    for model in (Job, Feed, Credential):
        model._default_manager.update(lease_token=None, leased_until=None)
    Heartbeat.objects.all().delete()


def _decide_anew(job: Job) -> int:
    """Returns how many rows of its plan were superseded."""
    moment = now()
    job.cycles.filter(ended_at=None).update(ended_at=moment, state=Cycle.State.FAILED, error_code=CODE, error=WHY)
    unsent = job.changes.filter(status__in=[Change.Status.PLANNED, Change.Status.STAGED])
    count = unsent.update(status=Change.Status.SUPERSEDED, settled_at=moment, sealed="", claim=None, error_code=CODE)
    job.decide_everybody_anew()
    going = job.enabled and not job.halted
    fields: dict[str, Any] = {
        "rematch": True,
        "accounts_listed_at": None,
        "deletes_allowed": False,  # what was allowed then was another plan
        "run_requested_at": moment if going else None,
        "next_run_at": moment if going else job.next_run_at,
    }
    if job.quarantine_reason == TOO_MANY_DELETES:
        fields |= NO_QUARANTINE
    Job.objects.filter(pk=job.pk).update(**fields)
    if going:
        run_soon(job.pk)
    return count
