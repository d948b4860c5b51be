"""Which rows go next, alone or together as the elements of one array request."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from provisioning.models import Account, Change, Job

WINDOW = 1000


@dataclass(slots=True)
class Sending:
    """One request: one row, or creations that share their request-level values."""

    rows: list[Change]

    @property
    def takes_away(self) -> bool:
        return self.rows[0].action in (Change.Action.DISABLE, Change.Action.DELETE)

    def halves(self) -> "list[Sending]":
        return self.parts((len(self.rows) + 1) // 2)

    def parts(self, most: int) -> "list[Sending]":
        return [Sending(self.rows[start : start + most]) for start in range(0, len(self.rows), most)]


class Queue:
    """Reads the planned rows in windows, in the order in which they are to be sent.

    `array_limit` is asked anew for every array: the application may turn out to take less. `urgent_only`: what somebody
    asked for on demand, and nothing else.
    """

    def __init__(self, job: Job, array_limit: Callable[[], int], *, urgent_only: bool = False) -> None:
        self.job = job
        self.urgent_only = urgent_only
        self.array_limit = array_limit
        self._ready: deque[Sending] = deque()
        self._halves: deque[Sending] = deque()
        self.stale: list[int] = []
        """Subjects whose object, account or schema moved since they were planned: to be planned anew."""

    def put_back(self, sendings: list[Sending]) -> None:
        """Ahead of everything else: the halves of a refused array. Their rows stay in flight."""
        self._halves.extend(sendings)

    def refused(self) -> list[Change]:
        """Rows of refused arrays that were not sent again; forgotten here."""
        rows = [row for sending in self._halves for row in sending.rows]
        self._halves.clear()
        return rows

    def forget(self) -> None:
        """Rows were superseded or planned anew: read the window again."""
        self._ready.clear()

    def urgent(self) -> bool:
        """Whether somebody asked for a person on demand since the window was read."""
        return Change.objects.filter(job=self.job, status=Change.Status.PLANNED, priority__lt=0).exists()

    def take(self, most: int, *, flying: Sequence[Sending]) -> list[Sending]:
        """Up to `most` requests' worth of rows, while `flying` are on their way. The caller marks them in flight before
        it asks again: until then the database shows them as planned, and a new window would hold them a second time.

        Nobody goes beside a leaver whose seat is not free yet. When nothing is in flight, whoever waits for a value to
        be freed waits for another who waits, and one of them has to go first.
        """
        if self._halves:
            return [self._halves.popleft() for _ in range(min(most, len(self._halves)))]
        if not self._ready:
            self._fill(alone=not flying)
        taken: list[Sending] = []
        while self._ready and len(taken) < most:
            leaving = any(sending.takes_away for sending in (*flying, *taken))
            if leaving and not self._ready[0].takes_away:
                break
            first, *rest = self._ready.popleft().parts(self.array_limit())
            self._ready.extendleft(reversed(rest))
            taken.append(first)
        return taken

    def check(self, sendings: Sequence[Sending]) -> list[Sending]:
        """The same without the rows that are no longer to be sent: somebody superseded or staged them, or what they
        were made from has moved since the window was read; those are then `stale`.
        """
        rows = [row for sending in sendings for row in sending.rows]
        open_rows = Change.objects.filter(pk__in=[row.pk for row in rows])
        open_rows = open_rows.filter(status__in=[Change.Status.PLANNED, Change.Status.IN_FLIGHT])
        seen = {
            pk: numbers
            for pk, *numbers in open_rows.values_list("pk", "subject__reading", "account__number", "account__removed")
        }
        moved = {row.pk for row in rows if row.status == Change.Status.PLANNED and _moved(row, seen.get(row.pk))}
        self.stale = [row.subject_id for row in rows if row.pk in moved and row.subject_id]
        kept = [[row for row in sending.rows if row.pk in seen and row.pk not in moved] for sending in sendings]
        return [Sending(rows) for rows in kept if rows]

    def _fill(self, *, alone: bool) -> None:
        planned = (
            Change.objects.filter(job=self.job, status=Change.Status.PLANNED, subject__isnull=False)
            .select_related("subject", "account")
            .defer("subject__attributes")
            .order_by("priority", "id")
        )
        if self.urgent_only:
            planned = planned.filter(priority__lt=0)
        window = list(planned[:WINDOW])
        stale = [row for row in window if self._stale(row)]
        self.stale = [row.subject_id for row in stale if row.subject_id]
        held = self._held({row.claim for row in window if row.claim})
        current = [row for row in window if row not in stale]
        waiting = [row for row in current if self._waits(row, held)]
        if alone and waiting and len(waiting) == len(current):
            waiting = waiting[1:]
        bundles: dict[str, Sending] = {}
        for row in current:
            if row not in waiting:
                self._add(row, bundles)

    def _stale(self, row: Change) -> bool:
        if row.subject is None or row.schema_version != self.job.schema_version:
            return True
        if row.object_reading != row.subject.reading:
            return True
        if row.account is None:
            return row.action != Change.Action.CREATE
        return row.account.removed or row.account_number != row.account.number

    def _add(self, row: Change, bundles: dict[str, Sending]) -> None:
        if row.action != Change.Action.CREATE:
            self._ready.append(Sending([row]))
            return
        key = repr(row.shared)
        bundle = bundles.get(key)
        if bundle is None or len(bundle.rows) >= self.array_limit():
            bundle = bundles[key] = Sending([])
            self._ready.append(bundle)
        bundle.rows.append(row)

    def _held(self, claims: set[str]) -> dict[str, int]:
        """Claimed values that an account still has, whose open change is about to free it: value → account."""
        if not claims:
            return {}
        freeing = Change.objects.filter(job=self.job, status__in=Change.OPEN, account__isnull=False)
        freeing = freeing.filter(Q(payload__has_key="userName") | Q(action=Change.Action.DELETE))
        holders = Account.objects.filter(application=self.job.application, removed=False, user_name__in=claims)
        found = holders.filter(pk__in=freeing.exclude(claim=F("account__user_name")).values("account_id"))
        return {str(name): pk for name, pk in found.values_list("user_name", "pk")}

    def _waits(self, row: Change, held: dict[str, int]) -> bool:
        holder = held.get(row.claim or "")
        return holder is not None and holder != row.account_id


def _moved(row: Change, numbers: Sequence[int | bool | None] | None) -> bool:
    """Whether the person or the account is no longer what the row was made from.

    `numbers`: the person's reading, the account's number, whether it was removed.
    """
    if numbers is None:
        return False
    reading, number, removed = numbers
    if reading != row.object_reading:
        return True
    return row.account_id is not None and (number != row.account_number or bool(removed))
