"""Provisioning jobs: turned on and off, stopped, restarted, and told what to do with removals that were held back.

Off lets a running cycle end; Stop halts it within about a second; On and Start go on where it stood.
Source: Microsoft Entra ID, "Managing user account provisioning"; Microsoft Graph v1.0, "synchronizationJob".
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.credentials import saved
from provisioning.actions.errors import refuse, refuse_if_any
from provisioning.engine.reading_directory.feeds import forget_links
from provisioning.errors import ConfigurationError
from provisioning.mapping import compile_mapping
from provisioning.models import AuditEntry, Change, Credential, DirectoryObject, Job, Link, Question
from provisioning.tasks.messages import ask_soon, run_soon
from provisioning.wording import in_words

TOO_MANY_DELETES = "TooManyDeletes"
NO_QUARANTINE: dict[str, Any] = {
    "quarantine_reason": "",
    "quarantine_code": "",
    "quarantine_error": "",
    "quarantine_mailed_code": "",
    "quarantine_began_at": None,
    "quarantine_count": 0,
}


class ResetScope(StrEnum):
    """What a restart clears, in Graph's words."""

    WATERMARK = "Watermark"
    ESCROWS = "Escrows"
    QUARANTINE_STATE = "QuarantineState"
    CONNECTOR_DATA_STORE = "ConnectorDataStore"
    """Links are proved anew; one is dropped only when its person is decided: a pending leaver is not forgotten."""
    FORCE_DELETES = "ForceDeletes"
    FULL = "Full"
    NONE = "None"


PORTAL_BUTTON = frozenset({ResetScope.WATERMARK, ResetScope.ESCROWS, ResetScope.QUARANTINE_STATE})


def unready(job: Job) -> list[str]:
    """Why provisioning cannot be turned on yet, as sentences; empty when it can."""
    reasons = []
    credential = saved(job.application)
    if credential is None:
        reasons.append(_("Enter the admin credentials, and save them."))
    elif credential.test in (Credential.Test.WAITING, Credential.Test.RUNNING):
        reasons.append(_("The admin credentials are being tested. Wait for the result."))
    elif credential.test == Credential.Test.FAILED:
        reasons.append(_("The last test of the admin credentials failed. Correct them, and test them again."))
    elif credential.test != Credential.Test.PASSED:
        reasons.append(_("Test the admin credentials first."))
    try:
        compile_mapping(job.schema)
    except ConfigurationError as error:
        reasons.append(in_words(error.message))
    return reasons


def turn_on(job: Job, *, by: Actor) -> bool:
    """Provisioning Status On. The first cycle begins as soon as a worker is free; later ones go on from the watermark.

    Lifts a quarantine, except where removals still wait for a decision. Returns whether anything differs.
    """
    with transaction.atomic():
        _lock(job)
        if job.enabled and not job.halted:
            return False
        refuse_if_any([("", sentence) for sentence in unready(job)])
        lifted = {} if job.quarantine_reason == TOO_MANY_DELETES else NO_QUARANTINE
        _save(job, enabled=True, halted=False, **lifted)
        _run_now(job)
        _record(by, Activity.START, job, [{"name": "enabled", "old": False, "new": True}])
    return True


start = turn_on
"""The command bar's word for it."""


def turn_off(job: Job, *, by: Actor) -> bool:
    """Provisioning Status Off: a running cycle ends, no other begins. Returns whether anything differs."""
    with transaction.atomic():
        _lock(job)
        if not job.enabled:
            return False
        _save(job, enabled=False, run_requested_at=None)
        _record(by, Activity.STOP, job, [{"name": "enabled", "old": True, "new": False}])
    return True


def stop(job: Job, *, by: Actor) -> bool:
    """Halt: no request leaves later than two seconds from now, and nothing is sent until Start."""
    with transaction.atomic():
        _lock(job)
        if job.halted:
            return False
        changes = [
            {"name": "enabled", "old": job.enabled, "new": False},
            {"name": "halted", "old": False, "new": True},
        ]
        _save(job, enabled=False, halted=True, run_requested_at=None)
        _record(by, Activity.STOP, job, changes)
    return True


def restart(job: Job, *, by: Actor, scopes: Collection[ResetScope] = PORTAL_BUTTON) -> None:
    """Begin anew: everything is read, matched and decided again. Turns provisioning on."""
    wanted = set(ResetScope) if ResetScope.FULL in scopes else set(scopes)
    if ResetScope.FULL in scopes:
        wanted.discard(ResetScope.FORCE_DELETES)
    with transaction.atomic():
        _lock(job)
        refuse_if_any([("", sentence) for sentence in unready(job)])
        fields: dict[str, Any] = {"enabled": True, "halted": False}
        if ResetScope.QUARANTINE_STATE in wanted:
            fields |= NO_QUARANTINE
        if ResetScope.ESCROWS in wanted:
            fields["escrows_pruned"] = False
            _clear_escrows(job)
        if wanted & {ResetScope.WATERMARK, ResetScope.CONNECTOR_DATA_STORE}:
            fields["rematch"] = True
            _read_everything(job)
        if ResetScope.FORCE_DELETES in wanted:
            _release_removals(job)
            fields["deletes_allowed"] = True
        _save(job, **fields)
        _run_now(job)
        cleared = ", ".join(sorted(scopes))
        _record(by, Activity.RESTART, job, [{"name": "resetScope", "old": None, "new": cleared}])


def request_cycle(job: Job, *, by: Actor, full: bool = False) -> datetime:
    """A cycle now, outside the schedule; in quarantine it is tried at once. Returns the moment it begins after.

    `full` reads everything anew and decides everybody, without clearing failures or a quarantine.
    """
    with transaction.atomic():
        _lock(job)
        if job.halted:
            raise refuse(_("Provisioning was stopped. Start it first."))
        if not job.enabled:
            raise refuse(_("Provisioning is off. Turn it on first."))
        if full:
            _read_everything(job)
            _save(job, rematch=True)
        moment = _run_now(job)
        _record(by, Activity.REQUEST_CYCLE, job, [{"name": "full", "old": None, "new": full}])
    return moment


def retry_failed(job: Job, code: str, *, by: Actor) -> int:
    """Try everybody again who fails for the reason `code`, in a cycle now. Returns how many they are."""
    with transaction.atomic():
        _lock(job)
        if job.halted or not job.enabled:
            raise refuse(_("Provisioning is off. Turn it on first."))
        count = Link.objects.filter(job=job, failure_code=code).exclude(failure_code="").update(retry_at=now())
        if count:
            _run_now(job)
            _record(by, Activity.REQUEST_CYCLE, job, [{"name": "retry", "old": None, "new": f"{code}: {count}"}])
    return count


def provision_on_demand(job: Job, subject: DirectoryObject, *, by: Actor) -> Question:
    """One person now, whatever the state of the job. The question's answer names the change that the log shows."""
    if saved(job.application) is None:
        raise refuse(_("Enter the admin credentials, and save them."))
    with transaction.atomic():
        question = Question.objects.create(
            kind=Question.Kind.ON_DEMAND,
            tenant=job.application.tenant,
            application=job.application,
            arguments={"objectId": subject.object_id},
            asked_by=by.get_username() if by else "",
        )
        AuditEntry.record(by, Activity.ON_DEMAND, application=job.application, target=str(subject))
        ask_soon(question.pk)
    return question


def allow_removals(job: Job, *, by: Actor) -> int:
    """Send the removals that were held back, in a cycle now. Returns how many."""
    with transaction.atomic():
        _lock(job)
        if not job.enabled:
            raise refuse(_("Provisioning is off. Turn it on first."))
        count = _release_removals(job)
        if not count:
            raise refuse(_("No removals are held back."))
        _save(job, deletes_allowed=True)
        _run_now(job)
        _record(by, Activity.ALLOW_DELETES, job, [{"name": "removals", "old": None, "new": count}])
    return count


def reject_removals(job: Job, *, by: Actor) -> int:
    """Drop the removals that were held back, and go on without them. Returns how many.

    Those people keep their access until something about them changes, or provisioning is restarted.
    """
    with transaction.atomic():
        _lock(job)
        staged = Change.objects.filter(job=job, status=Change.Status.STAGED)
        count = staged.update(status=Change.Status.SUPERSEDED, settled_at=now(), sealed="", claim=None)
        if not count:
            raise refuse(_("No removals are held back."))
        if job.quarantine_reason == TOO_MANY_DELETES:
            _save(job, **NO_QUARANTINE)
        if job.enabled:
            _run_now(job)
        _record(by, Activity.REJECT_DELETES, job, [{"name": "removals", "old": None, "new": count}])
    return count


def run_now(job: Job) -> datetime | None:
    """Part of other actions, in their transaction: what they changed takes effect without waiting for the interval.

    Returns the moment that the cycle begins after; None while provisioning is off.
    """
    return _run_now(job) if job.enabled and not job.halted else None


def _run_now(job: Job) -> datetime:
    moment = now()
    # Both: a cycle that is due already must not be satisfied with what was read before this moment.
    _save(job, run_requested_at=moment, next_run_at=moment)
    run_soon(job.pk)
    return moment


def _lock(job: Job) -> None:
    """The job as it is now, and nobody else's until the transaction ends."""
    job.refresh_from_db(from_queryset=Job.objects.select_for_update())


def _save(job: Job, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(job, name, value)
    job.save(update_fields=list(fields))


def _record(by: Actor, activity: str, job: Job, changes: list[dict[str, Any]]) -> None:
    AuditEntry.record(by, activity, application=job.application, changes=changes)


def _read_everything(job: Job) -> None:
    forget_links(job.application.tenant)
    job.decide_everybody_anew()


def _clear_escrows(job: Job) -> None:
    Link.objects.filter(job=job).update(failed_at=None, failure_code="", failure="", failure_count=0, retry_at=None)


def _release_removals(job: Job) -> int:
    staged = Change.objects.filter(job=job, status=Change.Status.STAGED)
    return staged.update(status=Change.Status.PLANNED)
