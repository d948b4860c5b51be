"""Rows whose answer was lost: look in the application first, then decide. Nothing is sent twice blindly."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from provisioning.connectors.base import Account as ToldAccount
from provisioning.connectors.base import Outcome, Target
from provisioning.engine import reading_target
from provisioning.engine.holding import Holding
from provisioning.engine.settling import Settler
from provisioning.errors import OutcomeUnknown
from provisioning.mapping.evaluation import same
from provisioning.models import Account, Change, Job
from provisioning.sentences import Sentence

LISTED_FROM = 5
"""From this many lost creations on, one listing is cheaper than a query for each."""
LOST_AT_MOST = 3
"""Answers of one row: then it fails and is retried by later cycles, so that this one comes to its end."""
NAP = 0.2

FOUND = Sentence("The answer was lost; the account was looked up and shows what was sent.")
NOT_FOUND = Sentence("The answer was lost; the account was looked up, shows nothing of it, and is sent again.")

GIVEN_UP = Sentence(
    "The answer was lost several times. The account was looked up each time and shows nothing of it. It is tried again "
    "by itself."
)


class Looking:
    """Keeps the rows whose ending is not known, until new accounts must have become visible."""

    def __init__(
        self, job: Job, target: Target, settler: Settler, holding: Holding, clock: Callable[[], datetime]
    ) -> None:
        self.job, self.target, self.settler, self.holding, self.clock = job, target, settler, holding, clock
        self._rows: list[Change] = []
        self._visible_at = clock()

    def recover(self) -> None:
        """Rows that a worker before us left in flight: its lease has lapsed, so nothing more of it will be sent.

        When it sent them is not known: a row may have waited in flight for the pace. So the time in which a new account
        may be invisible counts from now.
        """
        left = Change.objects.filter(job=self.job, status=Change.Status.IN_FLIGHT).select_related("subject", "account")
        self.expect(list(left))
        self.look()

    def expect(self, rows: Sequence[Change]) -> None:
        if rows:
            self._rows += rows
            self._visible_at = self.clock() + self.target.visibility_delay

    def look(self) -> None:
        """Decide every expected row; waits until the youngest one must be visible. Raises Halted."""
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        while self.clock() < self._visible_at:
            self.holding.check()
            time.sleep(NAP)
        creations = [row for row in rows if row.action == Change.Action.CREATE]
        if len(creations) >= LISTED_FROM and self.target.can_list:
            reading_target.list_accounts(self.job, self.target, self.holding, self.clock())
            listed = True
        else:
            listed = False
        for row in rows:
            self.holding.check()
            self._decide(row, self._look_for(row, listed=listed))

    def _look_for(self, row: Change, *, listed: bool) -> Account | None:
        if row.action != Change.Action.CREATE:
            assert row.account is not None, "only a creation has no account"
            return reading_target.look_up(self.job, self.target, row.account.key, self.clock())
        attribute, value = row.facts["matching"]["attribute"], row.facts["matching"]["value"]
        if listed and attribute == "userName":
            mirror = Account.objects.filter(application=self.job.application, removed=False)
            return mirror.filter(user_name=value.lower()).first()
        found = reading_target.find(self.job, self.target, attribute, value, self.clock())
        return found[0] if len(found) == 1 else None

    def _decide(self, row: Change, account: Account | None) -> None:
        if row.action == Change.Action.DELETE and account is None:
            self.settler.settle([(row, Outcome(note=FOUND))])
        elif account is not None and _has_happened(row, account):
            told = ToldAccount(account.key, account.attributes)
            self.settler.settle([(row, Outcome(account=told, note=FOUND))])
        elif row.lost + 1 < LOST_AT_MOST:
            self.settler.send_again(row, NOT_FOUND)
        else:
            self.settler.settle([(row, Outcome(error=OutcomeUnknown(GIVEN_UP)))])


def _has_happened(row: Change, account: Account) -> bool:
    if row.action == Change.Action.DELETE:
        return False
    return row.action == Change.Action.CREATE or _shows(account, row.payload)


def _shows(account: Account, payload: dict[str, Any]) -> bool:
    return all(same(value, account.attributes.get(name), case_exact=True) for name, value in payload.items())
