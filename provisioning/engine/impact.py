"""Before Save: whom a mapping that is not saved yet would touch, beside what today's decides.

Everybody whom the job concerns is decided twice on the mirrors as they are: no request leaves, nothing is written, and
one batch is in memory at a time. What a cycle finds out first by reading either side is not in here.
"""

import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioning.engine import connections
from provisioning.engine.guards import weigh_removals
from provisioning.engine.planning import Planner
from provisioning.engine.planning.claims import Claims
from provisioning.engine.planning.dirty import dirty
from provisioning.engine.planning.people import Subject
from provisioning.engine.planning.planner import Decided
from provisioning.engine.planning.rows import REDACTED
from provisioning.engine.planning.rules import rules_for
from provisioning.engine.preview import batches, kind_of
from provisioning.engine.processing import Create, Update
from provisioning.engine.reading_directory.feeds import ALWAYS_READ, unread
from provisioning.errors import ConfigurationError
from provisioning.mapping import Difference, ObjectMapping, compile_mapping
from provisioning.models import Change, Cycle, DirectoryObject, Job, Membership
from provisioning.sentences import Sentence

EXAMPLES = 5
"""People who are named of each kind; the others are only counted."""

REMOVALS = ("disable", "delete")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would be done to one person: a kind of the preview, with the code and the sentence that explain it.

    `properties` are what would be written: of an account that is created, everything.
    """

    kind: str
    reason: str
    sentence: Sentence
    properties: tuple[Difference, ...]
    account: int | None

    def same_as(self, other: "Outcome") -> bool:
        """Whoever is left out today is not touched by being left out for another reason."""
        if self.kind == other.kind == "skip":
            return True
        return (self.kind, self.reason, self.properties, self.account) == (
            other.kind, other.reason, other.properties, other.account,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One person for whom the two mappings decide differently; `properties` are what only the candidate writes."""

    subject: int
    identity: str
    before: str
    after: Outcome
    properties: tuple[Difference, ...]


@dataclass(slots=True)
class Impact:
    """Kinds are those of the preview: create, takeover, update, enable, disable, delete, skip, fail, unchanged.

    `touched` counts the people for whom the candidate decides otherwise than today's mapping, by what it decides;
    `examples` are the first of them. `next_cycle` counts everybody: what the next cycle does after saving, touched or
    not. `attributes` counts by target attribute how many of the touched get it written. With any attribute `unread`,
    nothing can be foretold, and nobody is counted.
    """

    people: int = 0
    concerned: int = 0
    """How many are to be decided; `people` how many have been."""
    touched: Counter[str] = field(default_factory=Counter)
    next_cycle: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def add(self, subject: Subject, before: Outcome | None, after: Outcome) -> None:
        """`before`: None where today's mapping cannot be used at all."""
        self.people += 1
        self.next_cycle[after.kind] += 1
        if before is not None and before.same_as(after):
            return
        self.touched[after.kind] += 1
        known = before.properties if before else ()
        properties = tuple(each for each in after.properties if each not in known)
        self.attributes.update(each.name for each in properties)
        named = self.examples.setdefault(after.kind, [])
        if len(named) < EXAMPLES:
            named.append(Example(subject.pk, subject.identity, before.kind if before else "", after, properties))


def nothing(found: Impact) -> None:
    """The progress of somebody who does not ask."""


def impact(
    job: Job, schema: Mapping[str, Any], now: datetime, *, progress: Callable[[Impact], None] = nothing
) -> Impact:
    """`progress` is told after every batch.

    Raises ConfigurationError when the candidate cannot be compiled, or this deployment cannot decide at all.
    """
    mapping = compile_mapping(schema)
    found = Impact(unread=unread(job.application.tenant, mapping.source_attributes | ALWAYS_READ))
    if found.unread:
        return found
    candidate, today = Side(job, now, mapping), _today(job, now)
    everybody = _everybody(job, now)
    found.concerned = len(everybody)
    for batch in batches(everybody):
        subjects = candidate.planner.load(batch)
        before = today.decide(subjects) if today else [None] * len(subjects)
        for subject, was, will in zip(subjects, before, candidate.decide(subjects), strict=True):
            found.add(subject, was, will)
        progress(found)
    return found


def size(job: Job) -> int:
    """About how many people the job concerns: counted, not listed."""
    tenant = job.application.tenant
    if job.scope == Job.Scope.ALL:
        return DirectoryObject.objects.filter(tenant=tenant, kind=DirectoryObject.Kind.USER).count()
    live = job.application.assignments.filter(removed=False)
    groups = live.filter(principal_kind="group").values("principal_id")
    members = Membership.objects.filter(tenant=tenant, removed=False, group_id__in=groups)
    return max(live.filter(principal_kind="user").count() + members.count(), job.links.count())


def told(job: Job, found: Impact) -> dict[str, Any]:
    """As plain values: `Impact`, with "held": whether the guard over removals would hold the next cycle's back."""
    staged = Change.objects.filter(job=job, action__in=REMOVALS, status=Change.Status.STAGED).count()
    removals = sum(found.next_cycle[kind] for kind in REMOVALS)
    verdict = weigh_removals(removals, staged, threshold=job.deletion_threshold, allowed=False)
    return {
        "people": found.people,
        "concerned": found.concerned,
        "touched": dict(found.touched),
        "next_cycle": dict(found.next_cycle),
        "attributes": dict(found.attributes.most_common()),
        "examples": {kind: [_example(each) for each in named] for kind, named in found.examples.items()},
        "unread": sorted(found.unread),
        "held": verdict.stage_removals,
        "threshold": job.deletion_threshold,
    }


def _example(each: Example) -> dict[str, Any]:
    return {
        "id": each.subject,
        "name": each.identity,
        "before": each.before,
        "reason": each.after.reason,
        "sentence": each.after.sentence.facts(),
        "properties": [{"name": name, "old": old, "new": new} for name, old, new in each.properties],
    }


def _today(job: Job, now: datetime) -> "Side | None":
    with suppress(ConfigurationError):
        return Side(job, now, compile_mapping(job.schema))
    return None


def _everybody(job: Job, now: datetime) -> list[int]:
    """As after saving: a cycle decides everybody whom the job concerns. The row itself keeps its watermark."""
    anew = copy.copy(job)
    anew.watermark = 0
    return dirty(anew, job.application.tenant.reading_number, now)


class Side:
    """One of the two mappings at work."""

    def __init__(self, job: Job, now: datetime, mapping: ObjectMapping) -> None:
        target = connections.pure_target(job.application)
        self.rules = rules_for(job, target, now, mapping)
        cycle = Cycle(job=job, began_at=now, requested_at=now)
        self.planner = Planner(job, cycle, target, self.rules, None, lambda: now)
        self.claims = Claims(job)

    def decide(self, subjects: Sequence[Subject]) -> list[Outcome]:
        self.claims.give_back([subject.pk for subject in subjects])
        return [self._outcome(decided) for decided in self.planner.decide_loaded(subjects)]

    def _outcome(self, decided: Decided) -> Outcome:
        self.claims.judge(decided)
        kind, reason = kind_of(decided)
        action: Any = decided.decision.action if decided.decision and not decided.error else None
        said = decided.error.message if decided.error else getattr(action, "note", "")
        account = getattr(action, "account", None)
        properties = tuple(self._shown(each) for each in _properties(action))
        return Outcome(kind, reason, Sentence.of(said), properties, account.pk if account else None)

    def _shown(self, difference: Difference) -> Difference:
        secret = difference.name in self.rules.mapping.redacted
        return Difference(difference.name, None, REDACTED) if secret else difference


def _properties(action: Any) -> list[Difference]:
    if isinstance(action, Create):
        return [Difference(name, None, value) for name, value in action.attributes.items()]
    return list(action.differences) if isinstance(action, Update) else []
