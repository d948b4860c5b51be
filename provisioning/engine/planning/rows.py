"""Decisions → rows: at most one open change of a person, one open claim of a value."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provisioning.engine.planning.rivals import TAKEN_OVER
from provisioning.engine.processing import Action, Create, Decision, Delete, Disable, Enable, Rules, Skip, Update
from provisioning.engine.quarantine import retry_at
from provisioning.errors import ObjectError
from provisioning.models import Change, Cycle, Job, Link, bulk
from provisioning.sentences import Sentence

if TYPE_CHECKING:
    from provisioning.engine.planning.planner import Decided

LEAVERS, STAYERS, NEWCOMERS = 0, 10, 20
"""Leavers are sent first, which also frees their seats; then those who keep access, then newcomers."""
ON_DEMAND = -10

CLAIMED = "userName"
REDACTED = "[Redact]"

LINK_FIELDS = ["account", "skip_reason", "failed_at", "failure_code", "failure", "failure_count", "retry_at"]

ACTIONS: list[tuple[type, str, int]] = [
    (Enable, Change.Action.ENABLE, STAYERS),
    (Disable, Change.Action.DISABLE, LEAVERS),
    (Update, Change.Action.UPDATE, STAYERS),
    (Create, Change.Action.CREATE, NEWCOMERS),
    (Delete, Change.Action.DELETE, LEAVERS),
]


@dataclass
class Writer:
    """Writes the decisions of one batch. Call inside a transaction."""

    job: Job
    cycle: Cycle
    now: datetime
    rules: Rules
    priority: int | None
    initiated_by: str
    changes: list[Change] = field(default_factory=list)
    links: dict[int, Link] = field(default_factory=dict)
    superseded: list[int] = field(default_factory=list)
    claims: set[str] = field(default_factory=set)
    found_off: list[int] = field(default_factory=list)
    """Links of whoever left and whose account somebody else had disabled already; `found_on` the other way round."""
    found_on: list[int] = field(default_factory=list)

    def write(self, decided: Sequence["Decided"]) -> Counter[str]:
        subjects = [result.subject.pk for result in decided]
        open_rows = Change.objects.filter(job=self.job, subject_id__in=subjects, status__in=Change.OPEN)
        already_open = {row.subject_id: row for row in open_rows}
        self.claims = self._open_claims(subjects)
        self._hand_over([result.takes_over for result in decided if result.takes_over is not None])
        for result in decided:
            self._write_one(result, already_open.get(result.subject.pk))
        Change.objects.filter(pk__in=self.superseded).exclude(status=Change.Status.IN_FLIGHT).update(
            status=Change.Status.SUPERSEDED, settled_at=self.now, sealed="", claim=None
        )
        bulk.insert(self.changes)
        bulk.upsert(list(self.links.values()), unique=["job", "subject"], update=LINK_FIELDS)
        Link.objects.filter(pk__in=self.found_off).update(disabled_at=self.now)
        Link.objects.filter(pk__in=self.found_on).update(disabled_at=None)
        return Counter(
            change.action if change.status == Change.Status.PLANNED else change.status for change in self.changes
        )

    def _open_claims(self, subjects: Sequence[int]) -> set[str]:
        """Values that open changes of other people take."""
        others = Change.objects.filter(job=self.job, status__in=Change.OPEN, claim__isnull=False)
        claims = others.exclude(subject_id__in=subjects).values_list("claim", flat=True)
        return {claim for claim in claims if claim}

    def _hand_over(self, links: Iterable[int]) -> None:
        """Whoever left loses the link to an account that somebody else takes over now."""
        for link in Link.objects.filter(pk__in=list(links)):
            open_rows = Change.objects.filter(job=self.job, subject_id=link.subject_id, status__in=Change.OPEN)
            open_rows.exclude(status=Change.Status.IN_FLIGHT).update(
                status=Change.Status.SUPERSEDED, settled_at=self.now, sealed="", claim=None
            )
            Link.objects.filter(pk=link.pk).update(account=None, disabled_at=self.now, skip_reason=TAKEN_OVER)

    def _write_one(self, result: "Decided", open_row: Change | None) -> None:
        if open_row is not None and open_row.status == Change.Status.IN_FLIGHT:
            self._link(result).retry_at = self.now  # nobody may have two open rows: decided again with the next cycle
            return
        if result.error is not None:
            self._supersede(open_row)
            self._fail(result, result.error)
            return
        decision = result.decision
        assert decision is not None, "a person is decided or failed"
        if isinstance(decision.action, Skip):
            self._supersede(open_row)
            self._skip(result, decision, decision.action)
            return
        self._has_been_woken(result)
        change = self._change(result, decision)
        if open_row and _same_plan(open_row, change):
            return
        if change.claim and change.claim in self.claims:
            self._supersede(open_row)
            self._fail(result, claimed_twice(change.claim))
            return
        if change.claim:
            self.claims.add(change.claim)
        self._supersede(open_row)
        self.changes.append(change)

    def _has_been_woken(self, result: "Decided") -> None:
        """An account that changed made this person due; from here on the open change remembers them. A failure stays
        due until an attempt has ended.
        """
        link = result.subject.link
        if link and link.retry_at and not link.failure_code:
            self._link(result).retry_at = None

    def _supersede(self, open_row: Change | None) -> None:
        if open_row:
            self.superseded.append(open_row.pk)

    # --- rows -----------------------------------------------------------------------------------------------

    def _change(self, result: "Decided", decision: Decision) -> Change:
        action = decision.action
        name, priority = next((name, priority) for kind, name, priority in ACTIONS if type(action) is kind)
        change = self._blank(result, name, _facts(result, decision))
        change.priority = priority if self.priority is None else self.priority
        if isinstance(action, Create):
            payload: dict[str, Any] = dict(action.attributes)
            change.shared = [list(pair) for pair in action.shared]
            change.modified = [{"name": key, "old": None, "new": value} for key, value in payload.items()]
            change.reason = action.note
        elif isinstance(action, Update):
            payload = {difference.name: difference.new for difference in action.differences}
            change.modified = [{"name": d.name, "old": d.old, "new": d.new} for d in action.differences]
            change.reason = action.note
        else:
            payload = {}
        if isinstance(action, Update | Delete):
            change.account_id, change.account_number = action.account.pk, action.account.number
        change.claim = claim_of(action)
        self._set_payload(change, payload)
        return change

    def _set_payload(self, change: Change, payload: dict[str, Any]) -> None:
        secret = {name: value for name, value in payload.items() if name in self.rules.mapping.redacted}
        change.payload = {name: value for name, value in payload.items() if name not in secret}
        if secret:
            change.seal({name: str(value) for name, value in secret.items()})
            change.modified = [
                {**row, "old": None, "new": REDACTED} if row["name"] in secret else row for row in change.modified
            ]

    def _blank(self, result: "Decided", action: str, facts: dict[str, Any]) -> Change:
        subject = result.subject
        return Change(
            job=self.job,
            cycle=self.cycle if self.cycle.pk else None,
            subject_id=subject.pk,
            action=action,
            identity=subject.identity,
            object_reading=subject.reading,
            schema_version=self.job.schema_version,
            facts=facts,
            planned_at=self.now,
            initiated_by=self.initiated_by,
            priority=NEWCOMERS,
        )

    def _skip(self, result: "Decided", decision: Decision, action: Skip) -> None:
        """A skip is written when its reason is new, and only for people whom the job concerns."""
        link = result.subject.link
        account = action.account
        adopted = account is not None and (link is None or link.account_id != account.pk)
        as_wanted = action.reason == "RedundantExport"
        off_already = account is not None and not adopted and action.reason == decision.scoping.reason
        quiet = as_wanted or off_already  # nothing to tell
        if link and link.account_id and off_already and link.disabled_at is None:
            self.found_off.append(link.pk)
        elif link and link.disabled_at and as_wanted and account and self.rules.target.is_active(account.attributes):
            self.found_on.append(link.pk)
        reason = "" if quiet else action.reason
        new = not quiet and _concerns(result) and (link is None or link.skip_reason != reason)
        if adopted or new or self.initiated_by:  # whoever asked for this person gets an answer
            change = self._blank(result, Change.Action.OTHER, _facts(result, decision))
            change.status = Change.Status.SKIPPED
            change.error_code = action.reason
            change.reason = action.note
            change.settled_at = self.now
            change.account_id = account.pk if account else None
            self.changes.append(change)
        elif link is None or not (link.failure_code or link.retry_at or link.skip_reason != reason):
            return
        row = self._link(result)
        row.skip_reason = reason
        row.failed_at, row.failure_code, row.failure, row.failure_count, row.retry_at = None, "", "", 0, None
        if adopted:
            row.account_id = account.pk if account else None

    def _fail(self, result: "Decided", error: ObjectError) -> None:
        row = self._link(result)
        record_failure(row, error.code, error.message, self.now)
        change = self._blank(
            result, Change.Action.OTHER if row.account_id else Change.Action.CREATE, _facts(result, None)
        )
        change.status = Change.Status.FAILURE
        change.error_code, change.reason = error.code, error.message
        change.settled_at = self.now
        change.account_id = row.account_id
        self.changes.append(change)

    def _link(self, result: "Decided") -> Link:
        subject = result.subject
        return self.links.setdefault(subject.pk, subject.link or Link(job=self.job, subject_id=subject.pk))


def claim_of(action: Action) -> str | None:
    """The value that no other open change may give out at the same time, in small letters."""
    claimed: Any = None
    if isinstance(action, Create):
        claimed = action.attributes.get(CLAIMED)
    elif isinstance(action, Update):
        claimed = next((each.new for each in action.differences if each.name == CLAIMED), None)
    return str(claimed).lower()[:300] if claimed else None


def record_failure(link: Link, code: str, cause: str, now: datetime) -> None:
    """Failures live on the link, so that pruning the log forgets nothing."""
    link.failed_at = link.failed_at or now
    link.failure_code, link.failure = code, cause
    link.failure_count += 1
    link.retry_at = retry_at(code, link.failed_at, now)


def _concerns(result: "Decided") -> bool:
    person = result.subject.person
    return person.entitlement.assigned or result.subject.link is not None


def claimed_twice(value: str) -> ObjectError:
    return ObjectError(
        Sentence(
            "Somebody else is about to get the same address, “%(value)s”. Give one of the two another.", value=value
        ),
        code="DuplicateSourceEntries",
    )


def _same_plan(one: Change, other: Change) -> bool:
    """What is staged is planned anew, so that the guard weighs it anew, too."""
    names = ["action", "account_id", "account_number", "schema_version", "payload", "shared", "claim"]
    return (
        one.status == Change.Status.PLANNED
        and not one.sealed
        and not other.sealed
        and one.object_reading == other.object_reading
        and one.priority <= other.priority
        and all(getattr(one, name) == getattr(other, name) for name in names)
    )


def _facts(result: "Decided", decision: Decision | None) -> dict[str, Any]:
    """What the steps of the log are rendered from; only what cannot be known later."""
    person = result.subject.person
    facts: dict[str, Any] = {
        "objectId": person.object_id,
        "roles": [grant.value for grant in person.entitlement.grants],
        "via": list(person.entitlement.via),
    }
    if result.scoping is not None:
        facts["scoping"] = result.scoping.details()
        facts["reason"] = result.scoping.reason
    if decision is None:
        return facts
    if decision.match:
        facts["matching"] = {"attribute": decision.match.attribute, "value": decision.match.value}
    account: Any = getattr(decision.action, "account", None)
    if account is not None:
        facts["account"] = account.key
    return facts
