"""The settings of a job: scope, interval, who is told of failures, the guard over removals."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.differences import record_changes, set_fields
from provisioning.actions.errors import refuse_if_any
from provisioning.actions.jobs import run_now
from provisioning.models import Job

FIELDS = (
    "scope",
    "interval",
    "notification_email",
    "notify_failures",
    "deletion_threshold",
    "skip_out_of_scope_deletions",
)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)
DECIDES_ANEW = {"scope", "skip_out_of_scope_deletions"}
"""Who is in scope, and what leaving it means: everybody has to be decided again."""


def update(job: Job, *, by: Actor, **fields: Any) -> bool:
    """Change `FIELDS`; the others stay. Returns whether anything differs.

    `interval` is a timedelta; a `deletion_threshold` of None turns the guard off.
    """
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"not a setting of a job: {sorted(unknown)}")
    with transaction.atomic():
        job.refresh_from_db(from_queryset=Job.objects.select_for_update())
        refuse_if_any(_problems({name: getattr(job, name) for name in FIELDS} | fields))
        changes = set_fields(job, **fields)
        changed = {change["name"] for change in changes}
        if changed & DECIDES_ANEW:
            job.decide_everybody_anew()
            run_now(job)
        if "interval" in changed and job.next_run_at is not None:
            set_fields(job, next_run_at=min(job.next_run_at, now() + job.interval))
        return record_changes(by, Activity.UPDATE_SETTINGS, changes, application=job.application)


def _problems(wanted: dict[str, Any]) -> list[tuple[str, str]]:
    problems = []
    if wanted["scope"] not in Job.Scope.values:
        problems.append(("scope", _("The scope is one of: %(scopes)s.") % {"scopes": ", ".join(Job.Scope.values)}))
    if not SHORTEST <= wanted["interval"] <= LONGEST:
        problems.append(("interval", _("The interval is between one minute and seven days.")))
    if wanted["notification_email"]:
        try:
            validate_email(wanted["notification_email"])
        except ValidationError:
            problems.append(("notification_email", _("This is not an e-mail address.")))
    elif wanted["notify_failures"]:
        problems.append(("notification_email", _("Enter the address that failures are told to.")))
    threshold = wanted["deletion_threshold"]
    if threshold is not None and threshold < 1:
        problems.append(("deletion_threshold", _("The threshold is a number from 1 up.")))
    return problems
