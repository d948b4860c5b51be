"""Why: the pure decision, run for one person on the mirrors. No request, nothing is written."""

from dataclasses import dataclass, field
from datetime import datetime

from provisioning.engine import connections
from provisioning.engine.planning import Planner
from provisioning.engine.planning.planner import Decided
from provisioning.engine.planning.rules import rules_for
from provisioning.engine.processing import Create, Delete, Skip
from provisioning.mapping import Difference
from provisioning.models import Cycle, DirectoryObject, Job, Link


@dataclass(frozen=True)
class Explanation:
    """`action` is "create", "update", "enable", "disable", "delete", "skip" or "fail"; `reason` its code, if any."""

    subject: DirectoryObject
    action: str
    reason: str
    sentence: str
    scoping: dict[str, str]
    roles: tuple[str, ...]
    via: tuple[str, ...]
    account: str
    """Key of the account, "" without one."""
    differences: tuple[Difference, ...] = ()
    link: Link | None = None
    read_at: datetime | None = field(default=None)
    """When the directory was last read: what happened since is not in here."""


def explain(job: Job, subject: DirectoryObject, now: datetime) -> Explanation:
    target = connections.pure_target(job.application)
    cycle = Cycle(job=job, began_at=now, requested_at=now)
    planner = Planner(job, cycle, target, rules_for(job, target, now), None, lambda: now)
    (decided,) = planner.decide([subject.pk])
    return _told(decided, subject)


def _told(decided: Decided, subject: DirectoryObject) -> Explanation:
    person, link = decided.subject.person, decided.subject.link
    action = decided.decision.action if decided.decision else None
    account = getattr(action, "account", None) or person.linked
    differences: tuple[Difference, ...] = tuple(getattr(action, "differences", ()))
    reason, sentence = "", ""
    if decided.error is not None:
        name, reason, sentence = "fail", decided.error.code, str(decided.error)
    elif isinstance(action, Skip):
        name, reason, sentence = "skip", action.reason, action.note
    else:
        name = type(action).__name__.lower()
        reason = decided.scoping.reason if decided.scoping else ""
        sentence = getattr(action, "note", "")
    if isinstance(action, Create):
        differences = tuple(Difference(key, None, value) for key, value in action.attributes.items())
    elif isinstance(action, Delete):
        differences = ()
    feed = subject.tenant.feeds.filter(kind="users").first()
    return Explanation(
        subject=subject,
        action=name,
        reason=reason,
        sentence=sentence,
        scoping=decided.scoping.details() if decided.scoping else {},
        roles=tuple(grant.value for grant in person.entitlement.grants),
        via=person.entitlement.via,
        account=account.key if account else "",
        differences=differences,
        link=link,
        read_at=feed.began_at if feed else None,
    )
