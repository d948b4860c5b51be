"""Provision on demand: one person, by the rules of a cycle, at once.

The directory is read, then the job's writer plans and sends this one person with priority: we are that writer when the
lease is free; when a cycle has it, its exporter looks at what was asked for between two requests.
Source: Microsoft Entra ID, "On-demand provisioning".
"""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from provisioning.engine import connections, reading_directory
from provisioning.engine.accounts import account_context
from provisioning.engine.export import Exporter
from provisioning.engine.holding import Holding
from provisioning.engine.planning import Planner
from provisioning.engine.planning.rows import ON_DEMAND
from provisioning.engine.planning.rules import rules_for
from provisioning.errors import ConfigurationError, ObjectError, TransientError
from provisioning.models import Change, Cycle, DirectoryObject, Job, Question, Tenant
from provisioning.sentences import Sentence

PATIENCE = 25.0
"""Seconds in which the result is there. Source: Microsoft Entra ID, "On-demand provisioning": under thirty."""
GLANCE = 0.2

Clock = Callable[[], datetime]


def provision(question: Question, clock: Clock) -> int:
    """The primary key of the settled change. Raises ConfigurationError, TransientError or ObjectError."""
    assert question.application is not None, "a person is provisioned to an application"
    job = Job.objects.select_related("application__tenant").get(application=question.application)
    ends = time.monotonic() + PATIENCE
    _read(job.application.tenant, clock, ends)
    subject = DirectoryObject.objects.filter(
        tenant=job.application.tenant, object_id=question.arguments["objectId"]
    ).first()
    if subject is None:
        raise ObjectError(Sentence("The directory knows nobody with this id any more."), code="SourceObjectDeleted")
    while (result := _result(question, subject)) is None:
        if time.monotonic() > ends:
            raise TransientError(
                Sentence(
                    "A cycle is running, and has not come to this person yet. Look at the provisioning logs in a "
                    "minute."
                )
            )
        if (token := job.claim(settings.LEASE)) is None:
            time.sleep(GLANCE)
            continue
        with Holding(job, token, settings.LEASE) as holding:
            job.refresh_from_db()
            _send(job, subject, question, token, holding, clock, ends)
    return result


def waiting(job: Job, now: datetime) -> QuerySet[Question]:
    """What somebody is waiting for: the writer of a running cycle plans these between two requests."""
    asked = Question.objects.filter(application=job.application_id, kind=Question.Kind.ON_DEMAND)
    return asked.filter(answered_at=None, taken_at__gte=now - timedelta(seconds=PATIENCE))


def plan_waiting(job: Job, planner: Planner, planned: set[int], clock: Clock) -> bool:
    """For the writer of a running cycle: `planned` are the questions it has seen. Returns whether there was one."""
    fresh = [question for question in waiting(job, clock()) if question.pk not in planned]
    for question in fresh:
        planned.add(question.pk)
        subject = DirectoryObject.objects.filter(
            tenant=job.application.tenant_id, object_id=question.arguments["objectId"]
        ).first()
        if subject is not None:
            _plan(planner, subject, question)
    return bool(fresh)


def _read(tenant: Tenant, clock: Clock, ends: float) -> None:
    since = clock()
    while not reading_directory.read_tenant(tenant, connections.open_source, since=since, now=clock()):
        if time.monotonic() > ends:
            raise TransientError(Sentence("The directory is being read by another worker. Try again in a minute."))
        time.sleep(GLANCE)
    tenant.refresh_from_db()
    if tenant.trouble_code:
        raise ConfigurationError(Sentence.of(tenant.trouble), code=tenant.trouble_code)


def _result(question: Question, subject: DirectoryObject) -> int | None:
    rows = Change.objects.filter(subject=subject, initiated_by=initiator(question), status__in=Change.SETTLED)
    return rows.filter(settled_at__gte=question.asked_at).order_by("-pk").values_list("pk", flat=True).first()


def initiator(question: Question) -> str:
    return question.asked_by or "Rollcall"


def _send(
    job: Job,
    subject: DirectoryObject,
    question: Question,
    token: uuid.UUID,
    holding: Holding,
    clock: Clock,
    ends: float,
) -> None:
    if Change.objects.filter(job=job, subject=subject, status=Change.Status.IN_FLIGHT).exists():
        raise TransientError(Sentence("A change of this person is still on its way. Try again in a minute."))
    now = clock()
    target = connections.open_target(job.application, interactive=True)
    rules = rules_for(job, target, now)
    rules.context = account_context(job, target, now, fresh_since=now)
    planner = Planner(job, Cycle(job=job, began_at=now, requested_at=now), target, rules, token, clock)
    _plan(planner, subject, question)
    exporter = Exporter(job, target, planner, token, holding, clock, guard=_nothing, concurrency=1, urgent_only=True)
    exporter.run(ends)


def _plan(planner: Planner, subject: DirectoryObject, question: Question) -> None:
    subjects: Sequence[int] = [subject.pk]
    planner.look_up(planner.evidence_wanted(subjects))
    planner.plan(subjects, priority=ON_DEMAND, initiated_by=initiator(question))


def _nothing() -> None:
    """One person whom somebody named is no mishap."""
