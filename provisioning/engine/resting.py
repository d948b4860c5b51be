"""A job that fails: what is said to whom, how long it rests, and how it heals. Call inside a transaction of the lease's
holder; mail goes out once that is committed.
"""

from datetime import datetime, timedelta

from django.db import transaction

from provisioning import notifications
from provisioning.engine.quarantine import GIVE_UP_AFTER, TOO_MANY_DELETES, back_off, judge
from provisioning.errors import (
    ConfigurationError,
    LicenceLimitExceeded,
    ProvisioningError,
    RateLimited,
    TransientError,
)
from provisioning.models import AuditEntry, Change, Cycle, Job, Link
from provisioning.sentences import Sentence

FIRST_REST = timedelta(minutes=1)
"""After a cycle that failed through what may pass by itself; doubles with each in a row."""
PATIENCE = 3
"""Failed cycles in a row, whatever the cause, after which somebody is told."""
LOOKED_BACK = 12
"""Failed cycles that are counted: after so many the rest is the longest anyway."""

FIELDS = [
    "quarantine_reason",
    "quarantine_code",
    "quarantine_error",
    "quarantine_began_at",
    "quarantine_count",
]


class DirectoryTrouble(ProvisioningError):
    """The tenant cannot be read; the tenant's own record says why, and has mailed it."""

    def __init__(self, message: Sentence, *, code: str, next_attempt_at: datetime) -> None:
        super().__init__(message, code=code)
        self.next_attempt_at = next_attempt_at


def fail(job: Job, cycle: Cycle, error: ProvisioningError, now: datetime) -> timedelta:
    """Record what a cycle failed of. Returns how long the job rests before the next one."""
    failures = _failures_in_a_row(job) + 1
    if _calls_for_somebody(error, failures):
        quarantine(job, "EncounteredQuarantineException", error.code, error.message, now)
    _log(job, cycle, error, now)
    return _rest_after(job, error, failures, now)


def quarantine(job: Job, reason: str, code: str, message: Sentence, now: datetime) -> None:
    first = job.quarantine_reason != reason or job.quarantine_code != code
    job.quarantine_reason, job.quarantine_code, job.quarantine_error = reason, code, message
    job.quarantine_began_at = (job.quarantine_began_at if not first else None) or now
    job.quarantine_count = 1 if first else job.quarantine_count + 1
    job.save(update_fields=FIELDS)
    if first:
        changes = [{"name": reason, "old": "", "new": message.facts()}]
        AuditEntry.record(None, "Quarantine", application=job.application, changes=changes)
    if now - job.quarantine_began_at > GIVE_UP_AFTER:
        Job.objects.filter(pk=job.pk).update(enabled=False)
    transaction.on_commit(lambda: notifications.job_quarantined(job))


def heal(job: Job) -> None:
    job.quarantine_reason = job.quarantine_code = job.quarantine_error = job.quarantine_mailed_code = ""
    job.quarantine_began_at, job.quarantine_count = None, 0
    job.save(update_fields=[*FIELDS, "quarantine_mailed_code"])


def judge_people(job: Job, cycle: Cycle, now: datetime) -> None:
    """At the end of a cycle: whether so many people fail that the job must rest, or what stood in the way is over."""
    failing = Link.objects.filter(job=job).exclude(failure_code="").count()
    linked = Link.objects.filter(job=job, account__isnull=False).count()
    reason = judge(failing, linked)
    if reason and cycle.kind == Cycle.Kind.INITIAL:
        job.escrows_pruned = True
    if reason:
        quarantine(
            job,
            reason,
            reason,
            Sentence(
                "%(failing)s of %(people)s people cannot be provisioned.", failing=failing, people=failing + linked
            ),
            now,
        )
    elif job.quarantine_reason and job.quarantine_reason != TOO_MANY_DELETES:
        heal(job)
    _tell_of_seats(job, cycle)


def _tell_of_seats(job: Job, cycle: Cycle) -> None:
    """Once, when the first people have to wait for a licence; not again while anybody still waits."""
    waiting = Link.objects.filter(job=job, failure_code=LicenceLimitExceeded.code)
    people, first = waiting.count(), waiting.order_by("failed_at").first()
    if first is not None and first.failed_at is not None and first.failed_at >= cycle.began_at:
        reason = first.failure
        transaction.on_commit(lambda: notifications.seats_used_up(job, people, reason))


def _rest_after(job: Job, error: ProvisioningError, failures: int, now: datetime) -> timedelta:
    """Ever longer; what an administrator must mend first is not tried as soon as what may pass by itself."""
    if isinstance(error, ConfigurationError):
        return back_off(job.quarantine_count, job.interval)
    if isinstance(error, DirectoryTrouble):
        return max(error.next_attempt_at - now, timedelta(seconds=1))
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return max(back_off(failures, FIRST_REST), timedelta(seconds=asked or 0))


def _calls_for_somebody(error: ProvisioningError, failures: int) -> bool:
    """What an administrator must mend, or cannot be reached at all, is told at once; anything else when it does not
    pass. The directory's trouble is told by the tenant.
    """
    if isinstance(error, DirectoryTrouble):
        return False
    at_once = isinstance(error, ConfigurationError | TransientError) and not isinstance(error, RateLimited)
    return at_once or failures >= PATIENCE


def _failures_in_a_row(job: Job) -> int:
    ended = job.cycles.exclude(ended_at=None).order_by("-began_at")
    count = 0
    for state in ended.values_list("state", flat=True)[:LOOKED_BACK]:
        if state != Cycle.State.FAILED:
            break
        count += 1
    return count


def _log(job: Job, cycle: Cycle, error: ProvisioningError, now: datetime) -> None:
    """A failed cycle is a row of the log as well: nobody should have to guess why nothing happened."""
    Change.objects.create(
        job=job,
        cycle=cycle,
        action=Change.Action.OTHER,
        status=Change.Status.FAILURE,
        identity="",
        error_code=error.code,
        reason=error.message,
        planned_at=now,
        settled_at=now,
        facts={"answer": error.details} if error.details else {},
    )
