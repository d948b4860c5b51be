"""Endings → rows: result, account mirror, link and counters in one transaction that only the lease's holder can
commit.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from provisioning.connectors.base import Outcome, Target
from provisioning.engine.planning.rows import record_failure
from provisioning.engine.reading_target import ACCOUNT_FIELDS, bury
from provisioning.errors import LicenceLimitExceeded, ProvisioningError
from provisioning.mapping.evaluation import same
from provisioning.models import Account, Change, Cycle, Job, Link, bulk
from provisioning.sentences import Sentence, together

CHANGE_FIELDS = ["status", "sealed", "claim", "account", "error_code", "reason", "facts", "settled_at", "cycle"]
LINK_FIELDS = [
    "account",
    "provisioned_at",
    "disabled_at",
    "written",
    "written_at",
    "replaced",
    "skip_reason",
    "failed_at",
    "failure_code",
    "failure",
    "failure_count",
    "retry_at",
]


class Settler:
    def __init__(self, job: Job, target: Target, token: uuid.UUID, clock: Callable[[], datetime]) -> None:
        self.job, self.target, self.token, self.clock = job, target, token, clock
        self._exhausted: dict[str, ProvisioningError] = {}
        self.corrected: list[str] = []
        """Keys of accounts in which a value was written that they had been given before: to be looked at again."""

    def settle(self, endings: Sequence[tuple[Change, Outcome]]) -> None:
        if not endings:
            return
        now = self.clock()
        good = [(row, outcome) for row, outcome in endings if outcome.error is None]
        bad = [(row, outcome.error) for row, outcome in endings if outcome.error is not None]
        with transaction.atomic():
            Job.holding(self.job.pk, self.token)
            links = self._links([row for row, _ in endings])
            accounts = self._mirror(good, now)
            self._give_way(accounts.values(), links)
            for row, outcome in good:
                self._succeed(row, outcome, accounts.get(row.pk), links[row.subject_id], now)
            for row, error in bad:
                self._fail(row, error, links[row.subject_id], now)
            cycle = Cycle.objects.filter(job=self.job, ended_at=None).first()
            for row, outcome in endings:
                row.cycle_id = cycle.pk if cycle else row.cycle_id  # planned in an earlier one, it ends in this one
                self._close(row, outcome, now)
            bulk.upsert(list(links.values()), unique=["job", "subject"], update=LINK_FIELDS)
            bulk.update([row for row, _ in endings], CHANGE_FIELDS)
            if cycle is not None:
                _count(cycle, endings)

    def put_back(self, rows: Sequence[Change]) -> None:
        """Not sent: planned again."""
        if rows:
            self._plan_again([row.pk for row in rows], reason="")

    def send_again(self, row: Change, note: Sentence) -> None:
        """Sent, its answer lost, and proven to have had no effect: planned again, and counted."""
        row.facts = {**row.facts, "lost": row.lost + 1}
        self._plan_again([row.pk], reason=note, facts=row.facts)

    def _plan_again(self, pks: Sequence[int], **fields: Any) -> None:
        with transaction.atomic():
            Job.holding(self.job.pk, self.token)
            Change.objects.filter(pk__in=pks, status=Change.Status.IN_FLIGHT).update(
                status=Change.Status.PLANNED, sent_at=None, **fields
            )

    def drop_links(self, rows: Sequence[Change]) -> list[int]:
        """The linked account is gone (InvalidAnchor): returns the subjects, to be matched again."""
        now = self.clock()
        with transaction.atomic():
            Job.holding(self.job.pk, self.token)
            Change.objects.filter(pk__in=[row.pk for row in rows]).update(
                status=Change.Status.SUPERSEDED, settled_at=now, sealed="", claim=None, error_code="InvalidAnchor"
            )
            bury(self.job, [row.account.key for row in rows if row.account], now)
        return [row.subject_id for row in rows if row.subject_id]

    def refuse_exhausted(self, rows: Sequence[Change]) -> bool:
        """Whether these people need a licence that was used up in this run: failed without a request."""
        needed = {key for row in rows for key in _licences_taken(row)}
        error = next((self._exhausted[key] for key in needed if key in self._exhausted), None)
        if error is None:
            return False
        self.settle([(row, Outcome(error=error)) for row in rows])
        return True

    # --- pieces ---------------------------------------------------------------------------------------------

    def _links(self, rows: Sequence[Change]) -> dict[int | None, Link]:
        subjects = [row.subject_id for row in rows if row.subject_id]
        links = {link.subject_id: link for link in Link.objects.filter(job=self.job, subject_id__in=subjects)}
        return {subject: links.get(subject) or Link(job=self.job, subject_id=subject) for subject in subjects}

    def _mirror(self, good: Sequence[tuple[Change, Outcome]], now: datetime) -> dict[int, Account]:
        """The mirror as it must be now: what was read before, with what was written on top."""
        wanted: dict[int, Account] = {}
        keys = [outcome.account.key for _, outcome in good if outcome.account]
        known = {row.key: row for row in Account.objects.filter(application=self.job.application, key__in=keys)}
        for row, outcome in good:
            if row.action == Change.Action.DELETE:
                if row.account:
                    row.account.removed, row.account.number = True, row.account.number + 1
                    wanted[row.pk] = row.account
                continue
            account = row.account
            if account is None:
                assert outcome.account is not None, "a creation that succeeded has an account"
                account = known.get(outcome.account.key) or Account(
                    application=self.job.application, key=outcome.account.key, number=0
                )
            told = outcome.account.attributes if outcome.account else {}
            account.attributes = {**account.attributes, **row.payload, **told}
            account.user_name = str(account.attributes.get("userName") or "").lower()[:300]
            account.removed, account.number = False, account.number + 1
            account.read_at = now if outcome.account else account.read_at
            wanted[row.pk] = account
        rows = list(wanted.values())
        bulk.upsert(rows, unique=["application", "key"], update=ACCOUNT_FIELDS)
        saved = {
            row.key: row
            for row in Account.objects.filter(application=self.job.application, key__in=[row.key for row in rows])
        }
        return {pk: saved[account.key] for pk, account in wanted.items()}

    def _give_way(self, accounts: Any, links: dict[int | None, Link]) -> None:
        """An account that another person's link still names goes to the person it was written for."""
        pks = [account.pk for account in accounts]
        Link.objects.filter(job=self.job, account_id__in=pks).exclude(subject_id__in=links).update(account=None)

    def _succeed(self, row: Change, outcome: Outcome, account: Account | None, link: Link, now: datetime) -> None:
        row.status = Change.Status.SUCCESS
        row.account = account
        row.error_code = ""
        row.reason = together((outcome.note, row.reason))
        link.account = None if row.action == Change.Action.DELETE else account
        corrected = {
            entry["name"]: entry["old"]
            for entry in row.modified
            if entry["name"] in link.written and same(link.written[entry["name"]], entry["new"], case_exact=True)
        }
        if corrected and account is not None:
            self.corrected.append(account.key)
        link.replaced = {**{k: v for k, v in link.replaced.items() if k not in row.payload}, **corrected}
        link.written = {**link.written, **row.payload}
        link.written_at = link.provisioned_at = now
        gone = row.action in (Change.Action.DISABLE, Change.Action.DELETE)
        link.disabled_at = now if gone else None
        link.skip_reason = link.failure_code = link.failure = ""
        link.failed_at = link.retry_at = None
        link.failure_count = 0

    def _fail(self, row: Change, error: ProvisioningError, link: Link, now: datetime) -> None:
        row.status = Change.Status.FAILURE
        row.error_code, row.reason = error.code, error.message
        record_failure(link, error.code, error.message, now)
        if isinstance(error, LicenceLimitExceeded):
            used_up = self._licences_with(error.product)
            self._exhausted |= {key: error for key in _licences_taken(row) if not used_up or key in used_up}

    def _licences_with(self, product: str) -> set[str]:
        """Keys of the licences that are named after a product."""
        return {row["key"] for row in self.job.application.licences if row["products"][:1] == [product]}

    def _close(self, row: Change, outcome: Outcome, now: datetime) -> None:
        row.settled_at, row.sealed, row.claim = now, "", None
        if outcome.request is not None:
            request = outcome.request
            row.facts = {
                **row.facts,
                "export": {
                    "method": request.method,
                    "path": request.path,
                    "status": request.status,
                    "milliseconds": round(request.duration.total_seconds() * 1000),
                    "attempts": request.attempts,
                },
            }
        if outcome.error is not None and outcome.error.details:
            row.facts = {**row.facts, "answer": outcome.error.details}


def _licences_taken(row: Change) -> set[str]:
    """The licences that a change gives to somebody who does not hold them."""
    held = row.account.attributes.get("licenseKeys") if row.account else None
    return set(row.payload.get("licenseKeys") or []) - set(held or [])


def _count(cycle: Cycle, endings: Sequence[tuple[Change, Outcome]]) -> None:
    for row, _ in endings:
        name = f"{row.action}:{row.status}"
        cycle.counts[name] = cycle.counts.get(name, 0) + 1
    Cycle.objects.filter(pk=cycle.pk).update(counts=cycle.counts)
