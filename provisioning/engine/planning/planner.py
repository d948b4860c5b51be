"""Deciding a batch of people and writing the plan."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from provisioning.connectors.base import Target
from provisioning.engine import reading_target
from provisioning.engine.matching import Match, match
from provisioning.engine.planning import rows
from provisioning.engine.planning.people import Assignments, Subject, load, mirrored
from provisioning.engine.planning.rivals import TAKEN_OVER, Rivals
from provisioning.engine.processing import (
    Create,
    Decision,
    Delete,
    Disable,
    Enable,
    Rules,
    Skip,
    decide,
    judge_scope,
    source_values,
)
from provisioning.engine.scoping import Scoping
from provisioning.errors import ObjectError
from provisioning.models import Account, Cycle, Job

BATCH = 1000


@dataclass(slots=True)
class Decided:
    """How it was decided for one person: a decision, or the error that stands in its way."""

    subject: Subject
    scoping: Scoping | None = None
    values: list[tuple[str, str | None]] = field(default_factory=list)
    """Of somebody in scope who has no account yet: what to look for, by matching attribute."""
    decision: Decision | None = None
    error: ObjectError | None = None
    takes_over: int | None = None
    """The primary key of the link whose account this person takes: of somebody who left."""


@dataclass
class Wanted:
    """What must be looked up before the plan may be written."""

    keys: set[str] = field(default_factory=set)
    values: set[tuple[str, str]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.keys) + len(self.values)


class Planner:
    """Plans for one job in one cycle.

    `looked_up` holds (attribute, value) pairs that the application was asked for in this cycle; whoever is not found
    there
    does not exist, as far as anybody can know. Without a token it can decide, but not plan.
    """

    def __init__(
        self,
        job: Job,
        cycle: Cycle,
        target: Target,
        rules: Rules,
        token: uuid.UUID | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.job, self.cycle, self.target, self.rules, self.token, self.clock = job, cycle, target, rules, token, clock
        self.assignments = Assignments.of(job.application)
        self.looked_up: set[tuple[str, str]] = set()
        self._all_accounts: dict[str, dict[str, list[int]]] = {}

    # --- evidence -------------------------------------------------------------------------------------------

    def evidence_wanted(self, pks: Sequence[int]) -> Wanted:
        """Whom and what to look up; decided on the mirrors as they are, nothing is written."""
        wanted = Wanted()
        if self._listed():
            return wanted
        for batch in _batches(pks):
            for decided in self.decide(batch):
                self._want(decided, wanted)
        return wanted

    def _want(self, decided: Decided, wanted: Wanted) -> None:
        decision = decided.decision
        if decision is None:
            return
        action = decision.action
        if isinstance(action, Create):
            if action.matched_on not in self.looked_up:
                wanted.values.add(action.matched_on)
        elif isinstance(action, Disable | Enable | Delete) and not action.account.seen:
            wanted.keys.add(action.account.key)

    def _listed(self) -> bool:
        listed = self.job.accounts_listed_at
        return listed is not None and listed >= self.cycle.began_at

    def look_up(self, wanted: Wanted) -> None:
        for key in sorted(wanted.keys):
            reading_target.look_up(self.job, self.target, key, self.clock())
        for attribute, value in sorted(wanted.values):
            reading_target.find(self.job, self.target, attribute, value, self.clock())
            self.looked_up.add((attribute, value))

    # --- deciding -------------------------------------------------------------------------------------------

    def decide(self, pks: Sequence[int]) -> list[Decided]:
        """One result for each person; what cannot be evaluated for one of them is that person's error alone."""
        return self.decide_loaded(self.load(pks))

    def load(self, pks: Sequence[int]) -> list[Subject]:
        return load(self.job, pks, self.assignments, self.cycle.began_at)

    def decide_loaded(self, subjects: Sequence[Subject]) -> list[Decided]:
        decided = [Decided(subject) for subject in subjects]
        for result in decided:
            with _own_error(result):
                result.scoping = judge_scope(result.subject.person, self.rules)
                matches = self.rules.mapping.enabled and result.subject.person.linked is None
                if matches and result.scoping.in_scope:
                    result.values = self._matching_values(result.subject)
        accounts = self._accounts_with(result.values for result in decided)
        rivals = Rivals(self.job, self.rules, accounts)
        for result in decided:
            if result.scoping is not None and result.error is None:
                with _own_error(result):
                    found = self._match(result, accounts, rivals) if result.values else None
                    result.decision = decide(result.subject.person, result.scoping, found, self.rules)
        return _without_the_replaced(decided)

    def _matching_values(self, subject: Subject) -> list[tuple[str, str | None]]:
        source = source_values(subject.person, self.rules.grants(subject.person), soft_deleted=False)
        context = self.rules.expression_context(subject.person.object_id)
        return [(rule.target, rule.evaluate(source, context)) for rule in self.rules.mapping.matching]

    def _match(self, result: Decided, accounts: dict[tuple[str, str], list[Account]], rivals: Rivals) -> Match:
        """The account of a person who has none yet; notes the link it is taken from, if somebody who left had it."""
        candidates = []
        for attribute, value in result.values:
            found = accounts.get((attribute, (value or "").lower()), []) if value else []
            free = [
                account for account in found if not rivals.keeps(account, attribute, value or "", result.subject.pk)
            ]
            candidates.append((attribute, value, [mirrored(account, self.cycle.began_at) for account in free]))
        chosen = match(candidates)
        if chosen.account is not None:
            result.takes_over = rivals.take(chosen.account.pk, result.subject.pk, result.subject.identity)
        return chosen

    def _accounts_with(self, values: Iterable[list[tuple[str, str | None]]]) -> dict[tuple[str, str], list[Account]]:
        wanted: dict[str, set[str]] = {}
        for pairs in values:
            for attribute, value in pairs:
                if value:
                    wanted.setdefault(attribute, set()).add(value.lower())
        found: dict[tuple[str, str], list[Account]] = {}
        for attribute, texts in wanted.items():
            for account in self._candidates(attribute, texts):
                text = str(account.attributes.get(attribute) or "").lower()
                found.setdefault((attribute, text), []).append(account)
        return found

    def _candidates(self, attribute: str, texts: set[str]) -> list[Account]:
        mirror = Account.objects.filter(application=self.job.application, removed=False)
        if attribute == "userName":
            return list(mirror.filter(user_name__in=texts))
        index = self._all_accounts.get(attribute)
        if index is None:
            index = self._all_accounts[attribute] = {}
            for pk, attributes in mirror.values_list("pk", "attributes").iterator():
                index.setdefault(str(attributes.get(attribute) or "").lower(), []).append(pk)
        return list(mirror.filter(pk__in=[pk for text in texts for pk in index.get(text, ())]))

    # --- writing --------------------------------------------------------------------------------------------

    def plan(self, pks: Sequence[int], *, priority: int | None = None, initiated_by: str = "") -> Counter[str]:
        """Decide and write one batch, in one transaction that only the lease's holder can commit.

        Returns how many rows of which kind were written: "create", …, "skipped", "failure".
        """
        self._all_accounts.clear()
        decided = self.decide(pks)
        assert self.token is not None, "only the lease's holder writes a plan"
        with transaction.atomic():
            Job.holding(self.job.pk, self.token)
            writer = rows.Writer(self.job, self.cycle, self.clock(), self.rules, priority, initiated_by)
            return writer.write(decided)


@contextmanager
def _own_error(result: Decided) -> Iterator[None]:
    try:
        yield
    except ObjectError as error:
        result.error = error


def _without_the_replaced(decided: list[Decided]) -> list[Decided]:
    """Somebody who left, and whose account is taken over in the same breath, is not disabled first."""
    taken = {result.takes_over for result in decided if result.takes_over is not None}
    for result in decided:
        link, decision = result.subject.link, result.decision
        if link and link.pk in taken and decision and isinstance(decision.action, Disable | Delete):
            result.decision = Decision(Skip(TAKEN_OVER), decision.scoping)
        if link and link.pk in taken:
            link.account, link.skip_reason = None, TAKEN_OVER
    return decided


def _batches(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pks), BATCH):
        yield pks[start : start + BATCH]
