"""The one writer of an application: many requests in flight, every row committed as in flight before its request
leaves.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from provisioning.connectors.base import Creation, Outcome, Target
from provisioning.engine import reading_target
from provisioning.engine.export.looking import LISTED_FROM, Looking
from provisioning.engine.export.queue import Queue, Sending
from provisioning.engine.holding import Holding
from provisioning.engine.planning import Planner
from provisioning.engine.settling import Settler
from provisioning.errors import (
    ConfigurationError,
    Halted,
    ObjectError,
    OutcomeUnknown,
    ProvisioningError,
    TransientError,
)
from provisioning.models import Change, Job

GIVE_UP_AFTER = 3
"""Requests in a row that failed through nobody's fault: the application is down, the rest waits."""
GLANCE = 0.5
"""Seconds between two looks at the clock and at urgent rows while requests are in flight."""


class Exporter:
    """Sends a job's planned rows until none is left, the time is up, or it is halted.

    Raises Halted, ConfigurationError (the job must be quarantined) or TransientError (the application is down); rows
    that were not sent are then planned again, and every ending that was received is settled.

    `guard` weighs the removals of a plan that was made anew on the way. `plan_urgent` plans whom somebody has asked for
    on demand since it was last called, and says whether there was anybody.
    """

    def __init__(
        self,
        job: Job,
        target: Target,
        planner: Planner,
        token: uuid.UUID,
        holding: Holding,
        clock: Callable[[], datetime],
        *,
        guard: Callable[[], None],
        concurrency: int,
        urgent_only: bool = False,
        plan_urgent: Callable[[], bool] = lambda: False,
    ) -> None:
        self.job, self.target, self.planner, self.token = job, target, planner, token
        self.holding, self.clock, self.guard, self.plan_urgent = holding, clock, guard, plan_urgent
        self.concurrency = concurrency
        self.queue = Queue(job, lambda: target.array_limit, urgent_only=urgent_only)
        self.settler = Settler(job, target, token, clock)
        self.looking = Looking(job, target, self.settler, holding, clock)
        self._flying: dict[Future[list[Outcome]], Sending] = {}
        self._stopped_by: ProvisioningError | None = None
        self._transient_in_a_row = 0

    def run(self, until: float) -> bool:
        """Args:
            until: time.monotonic() after which nothing new is taken.

        Returns:
            True when nothing is left to send.
        """
        with ThreadPoolExecutor(self.concurrency, thread_name_prefix="export") as pool:
            while True:
                if self._may_take(until):
                    with self._stopping():
                        self._launch(pool)
                if not self._flying:
                    break
                done, _ = wait(self._flying, timeout=GLANCE, return_when=FIRST_COMPLETED)
                self._settle(done)
        self.settler.put_back(self.queue.refused())
        if self._stopped_by:
            raise self._stopped_by
        self.looking.look()
        self._look_at_corrected()
        planned = Change.objects.filter(job=self.job, status=Change.Status.PLANNED, subject__isnull=False)
        return not planned.exists()

    def _look_at_corrected(self) -> None:
        """Whether the application took the correction, or insists on what it had: only right after the write can that
        be told from somebody who edits the account again.
        """
        corrected, self.settler.corrected = self.settler.corrected, []
        if len(corrected) >= LISTED_FROM and self.target.can_list:
            reading_target.list_accounts(self.job, self.target, self.holding, self.clock())
            return
        for key in corrected:
            self.holding.check()
            reading_target.look_up(self.job, self.target, key, self.clock())

    def _may_take(self, until: float) -> bool:
        if self._stopped_by or time.monotonic() >= until:
            return False
        try:
            self.holding.check()
        except Halted as halted:
            self._stopped_by = halted
            return False
        return True

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """What goes wrong while planning anew ends the run, but only once all answers that are due are settled."""
        try:
            yield
        except ProvisioningError as error:
            self._stopped_by = self._stopped_by or error

    # --- sending --------------------------------------------------------------------------------------------

    def _launch(self, pool: ThreadPoolExecutor) -> None:
        if self.plan_urgent() or self.queue.urgent():
            self.queue.forget()
        while (room := self.concurrency - len(self._flying)) > 0:
            sendings = self.queue.take(room, flying=list(self._flying.values()))
            if self.queue.stale:
                self._plan_anew()
                continue
            if not sendings:
                return
            for sending in self._mark_in_flight(sendings):
                if not self.settler.refuse_exhausted(sending.rows):
                    self._flying[pool.submit(self._send, sending)] = sending
            if self.queue.stale:
                self._plan_anew()

    def _plan_anew(self) -> None:
        """What moved since it was planned is decided again; never re-evaluated in place."""
        subjects, self.queue.stale = self.queue.stale, []
        Change.objects.filter(job=self.job, subject_id__in=subjects, status=Change.Status.PLANNED).update(
            status=Change.Status.SUPERSEDED, settled_at=self.clock(), sealed="", claim=None
        )
        self._plan(subjects)

    def _plan(self, subjects: Sequence[int]) -> None:
        """Decide these people again, with evidence; nothing that is taken away goes around the guard."""
        self.planner.look_up(self.planner.evidence_wanted(subjects))
        self.planner.plan(subjects)
        self.guard()
        self.queue.forget()

    def _mark_in_flight(self, sendings: Sequence[Sending]) -> list[Sending]:
        """Committed before anything leaves, by the lease's holder only. Returns what may be sent."""
        now = self.clock()
        with transaction.atomic():
            Job.holding(self.job.pk, self.token)
            current = self.queue.check(sendings)
            rows = [row for sending in current for row in sending.rows]
            Change.objects.filter(pk__in=[row.pk for row in rows]).update(status=Change.Status.IN_FLIGHT, sent_at=now)
        for row in rows:
            row.status, row.sent_at = Change.Status.IN_FLIGHT, now
        return current

    def _send(self, sending: Sending) -> list[Outcome]:
        """In a thread of the pool; touches no row of the job."""
        first = sending.rows[0]
        try:
            self.holding.check()
            if first.action == Change.Action.CREATE:
                people = [Creation(row.full_payload()) for row in sending.rows]
                return self.target.create(people, [(name, value) for name, value in first.shared])
            assert first.account is not None, "only a creation has no account"
            if first.action == Change.Action.DELETE:
                return [self.target.delete(first.account.key)]
            return [self.target.update(first.account.key, first.full_payload())]
        except ProvisioningError as error:
            return [Outcome(error=error)] * len(sending.rows)
        finally:
            connection.close()  # opened when this thread had to store a refreshed token

    # --- endings --------------------------------------------------------------------------------------------

    def _settle(self, done: "set[Future[list[Outcome]]]") -> None:
        endings: list[tuple[Change, Outcome]] = []
        answered = [(self._flying.pop(future), future.result()) for future in done]
        for sending, outcomes in answered:
            if _refused_whole(outcomes):
                self.queue.put_back(sending.halves())
                continue
            endings += zip(sending.rows, outcomes, strict=True)
        unsent = [row for row, outcome in endings if isinstance(outcome.error, Halted | ConfigurationError)]
        unknown = [row for row, outcome in endings if isinstance(outcome.error, OutcomeUnknown)]
        gone = [row for row, outcome in endings if outcome.error is not None and outcome.error.code == "InvalidAnchor"]
        apart = {row.pk for row in (*unsent, *unknown, *gone)}
        self.settler.settle([(row, outcome) for row, outcome in endings if row.pk not in apart])
        self.settler.put_back(unsent)
        self.looking.expect(unknown)
        self._watch([outcomes for _, outcomes in answered])
        if gone:
            with self._stopping():
                self._match_again(gone)

    def _match_again(self, rows: Sequence[Change]) -> None:
        """The account behind a link is gone: the link is dropped and the person planned again, in this cycle."""
        self._plan(self.settler.drop_links(rows))

    def _watch(self, requests: Sequence[list[Outcome]]) -> None:
        """Whether the endings say that nothing more should be sent. An array is one request, however many it names."""
        for outcomes in requests:
            errors = [outcome.error for outcome in outcomes]
            must_end = next((error for error in errors if isinstance(error, Halted | ConfigurationError)), None)
            self._stopped_by = self._stopped_by or must_end
            if not all(isinstance(error, TransientError) for error in errors):
                self._transient_in_a_row = 0
                continue
            self._transient_in_a_row += 1
            if self._transient_in_a_row >= GIVE_UP_AFTER:
                self._stopped_by = self._stopped_by or errors[0]


def _refused_whole(outcomes: Sequence[Outcome]) -> bool:
    """One error for a whole array: halved until the culprit is alone."""
    first = outcomes[0].error
    return len(outcomes) > 1 and isinstance(first, ObjectError) and all(outcome.error is first for outcome in outcomes)
