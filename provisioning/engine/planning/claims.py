"""Values and accounts that a plan gives out, kept in memory: for whoever decides everybody without writing a row.

As in a plan that is written, the first keeps what it claims and the second fails.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from provisioning.engine.planning.rivals import duplicate
from provisioning.engine.planning.rows import claim_of, claimed_twice
from provisioning.models import Change, Job

if TYPE_CHECKING:
    from provisioning.engine.planning.planner import Decided


class Claims:
    """Begins with what open changes claim."""

    def __init__(self, job: Job) -> None:
        rows = Change.objects.filter(job=job, status__in=Change.OPEN, claim__isnull=False)
        claimed = rows.values_list("claim", "subject_id")
        self.values: dict[str, int | None] = {str(claim): subject for claim, subject in claimed}
        self.accounts: dict[int, tuple[int, str]] = {}
        """Accounts that were matched to somebody: account → (person, name)."""
        self._of_open_changes = {subject: claim for claim, subject in self.values.items()}

    def give_back(self, subjects: Iterable[int]) -> None:
        """Whoever is planned anew loses what their open change claims."""
        for subject in subjects:
            if claim := self._of_open_changes.pop(subject, None):
                self.values.pop(claim, None)

    def judge(self, decided: "Decided") -> None:
        """Turns the decision into an error where somebody else has the value or the account already."""
        decision, subject = decided.decision, decided.subject
        if decision is None or decided.error is not None:
            return
        found = decision.match
        if found and found.account:
            holder, name = self.accounts.setdefault(found.account.pk, (subject.pk, subject.identity))
            if holder != subject.pk:
                decided.error = duplicate(name, found.attribute, found.value)
                return
        claim = claim_of(decision.action)
        if claim and self.values.setdefault(claim, subject.pk) != subject.pk:
            decided.error = claimed_twice(claim)
