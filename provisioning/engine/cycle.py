"""The stages of one run, in order: read, look at the application, plan, guard, export, settle.

Each stage is safe to repeat, so a worker that takes a cycle over goes on where the last one stood; only looking and
planning are begun again together, because what was looked up lives in memory.
"""

import enum
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from provisioning.connectors.base import Pace, Target
from provisioning.engine import connections, on_demand, reading_directory, reading_target, resting
from provisioning.engine.accounts import account_context
from provisioning.engine.export import Exporter, Looking
from provisioning.engine.guards import weigh_removals
from provisioning.engine.holding import Holding
from provisioning.engine.pacing import LearnedPace
from provisioning.engine.planning import Planner
from provisioning.engine.planning.dirty import dirty
from provisioning.engine.planning.rules import rules_for
from provisioning.engine.quarantine import TOO_MANY_DELETES, back_off
from provisioning.engine.settling import Settler
from provisioning.errors import Halted, ProvisioningError
from provisioning.models import Application, Change, Cycle, Job, Tenant
from provisioning.sentences import Sentence

log = logging.getLogger(__name__)

BATCH = 1000
PAGE = 1000
"""Accounts that one request of a listing brings: a listing is cheaper than as many lookups as it has pages."""

Clock = Callable[[], datetime]
OpenTarget = Callable[[Application, Pace], Target]


class Next(enum.Enum):
    """What the caller must do after a slice."""

    DONE = "done"
    AGAIN = "again"
    """The time was up: give others their turn, then go on."""
    READ = "read"
    """The directory must be read first."""
    TAKEN = "taken"
    """Another worker has the job."""


def due_jobs(now: datetime) -> list[int]:
    """Jobs that should run now: due by schedule, asked for, or left in the middle of a cycle by a dead worker."""
    jobs = Job.objects.filter(halted=False)
    scheduled = jobs.filter(enabled=True, next_run_at__lte=now)
    asked = jobs.filter(run_requested_at__isnull=False)
    unfinished = jobs.filter(cycles__ended_at=None, cycles__isnull=False)
    return sorted({pk for query in (scheduled, asked, unfinished) for pk in query.values_list("pk", flat=True)})


def advance(job_id: int, *, clock: Clock, open_target: OpenTarget = connections.open_target) -> Next:
    """Work on a job's cycle for at most one slice. Delivered twice, the second finds it taken and leaves."""
    job = Job.objects.select_related("application__tenant").get(pk=job_id)
    if job.pk not in due_jobs(clock()):
        return Next.DONE
    token = job.claim(settings.LEASE)
    if token is None:
        return Next.TAKEN
    with Holding(job, token, settings.LEASE, stopped=lambda: _halted(job_id)) as holding:
        job.refresh_from_db()
        return _Run(job, token, holding, clock, open_target).slice()


def _halted(job_id: int) -> bool:
    return Job.objects.filter(pk=job_id, halted=True).exists()


def open_cycle(job: Job, now: datetime) -> Cycle:
    """The unfinished cycle, or a new one."""
    running = job.cycles.filter(ended_at=None).first()
    if running is not None:
        return running
    due = min(moment for moment in (job.next_run_at, job.run_requested_at, now) if moment is not None)
    with transaction.atomic():
        Job.objects.filter(pk=job.pk).update(run_requested_at=None)
        job.run_requested_at = None
        return Cycle.objects.create(
            job=job,
            kind=Cycle.Kind.INITIAL if job.watermark == 0 else Cycle.Kind.INCREMENTAL,
            full=job.rematch,
            requested_at=due,
            began_at=now,
        )


class _Run:
    """One slice of one cycle, in the hands of the lease's holder."""

    def __init__(self, job: Job, token: uuid.UUID, holding: Holding, clock: Clock, open_target: OpenTarget) -> None:
        self.job, self.token, self.holding, self.clock = job, token, holding, clock
        self.until = time.monotonic() + settings.SLICE.total_seconds()
        self.cycle = open_cycle(job, clock())
        self.pace = self._pace()
        self._open_target = open_target
        self._target: Target | None = None

    def slice(self) -> Next:
        try:
            return self._work()
        except Halted as halted:
            log.info("The cycle of %s was halted: %s", self.job, halted)
            return Next.DONE
        finally:
            self._keep_pace()

    def _work(self) -> Next:
        try:
            return self._stages()
        except Halted:
            raise
        except ProvisioningError as error:
            self._fail(error)
            return Next.DONE
        except Exception:
            self._fail(ProvisioningError(Sentence("Rollcall met a fault of its own. The log of its worker says more.")))
            raise

    def _stages(self) -> Next:
        if reading_directory.needs_full_round(self.job.application):
            self._enter(Cycle.Stage.READING)  # a mapping saved since we read needs what nobody has read: begin again
        if self.cycle.stage == Cycle.Stage.READING:
            if not self._directory_is_read():
                return Next.READ
            self._enter(Cycle.Stage.TARGET)
        self._recover()
        planner = self._planner()
        if self.cycle.stage in (Cycle.Stage.TARGET, Cycle.Stage.PLANNING):
            self._plan(planner)
            self._enter(Cycle.Stage.GUARD)
        if self.cycle.stage == Cycle.Stage.GUARD:
            self._guard()
            self._enter(Cycle.Stage.EXPORT)
        if self.cycle.stage == Cycle.Stage.EXPORT:
            exporter = Exporter(
                self.job,
                self.target,
                planner,
                self.token,
                self.holding,
                self.clock,
                guard=self._guard,
                plan_urgent=partial(on_demand.plan_waiting, self.job, planner, set(), self.clock),
                concurrency=settings.EXPORT_CONCURRENCY,
            )
            if not exporter.run(self.until):
                return Next.AGAIN
            self._enter(Cycle.Stage.SETTLING)
        self._end()
        return Next.DONE

    def _enter(self, stage: str) -> None:
        self._note(stage=stage)

    def _note(self, **fields: Any) -> None:
        """On the cycle's row. Raises Halted when another worker has taken the cycle over."""
        with self._held():
            Cycle.objects.filter(pk=self.cycle.pk).update(**fields)
        for name, value in fields.items():
            setattr(self.cycle, name, value)

    @contextmanager
    def _held(self) -> Iterator[Job]:
        """A transaction that only the lease's holder can commit. Raises Halted."""
        with transaction.atomic():
            yield Job.holding(self.job.pk, self.token)

    @property
    def target(self) -> Target:
        if self._target is None:
            self._target = self._open_target(self.job.application, self.pace)
        return self._target

    def _pace(self) -> LearnedPace:
        ceiling = settings.GOTO_REQUESTS_PER_SECOND
        return LearnedPace(self.job.application.pace.get("per_second", ceiling), ceiling, self.holding.check)

    def _keep_pace(self) -> None:
        Application.objects.filter(pk=self.job.application_id).update(
            pace={"per_second": round(self.pace.per_second, 3)}
        )

    # --- stages ---------------------------------------------------------------------------------------------

    def _directory_is_read(self) -> bool:
        """Raises what stands in the way when the tenant's last reading failed."""
        application = self.job.application
        if reading_directory.is_fresh(application, self.cycle.requested_at):
            return True
        tenant = Tenant.objects.get(pk=application.tenant_id)
        if tenant.trouble_code and tenant.next_attempt_at and tenant.next_attempt_at > self.clock():
            raise resting.DirectoryTrouble(
                Sentence.of(tenant.trouble), code=tenant.trouble_code, next_attempt_at=tenant.next_attempt_at
            )
        return False

    def _recover(self) -> None:
        """Before anything is planned or sent: what a worker before us left in flight, with an unknown ending."""
        settler = Settler(self.job, self.target, self.token, self.clock)
        Looking(self.job, self.target, settler, self.holding, self.clock).recover()

    def _planner(self) -> Planner:
        rules = rules_for(self.job, self.target, self.cycle.began_at)
        return Planner(self.job, self.cycle, self.target, rules, self.token, self.clock)

    def _plan(self, planner: Planner) -> None:
        self._look_at_the_application()
        job, cycle = self.job, self.cycle
        tenant = Tenant.objects.get(pk=job.application.tenant_id)
        if planner.rules.mapping.uses_time and job.decided_on != self.clock().date():
            job.decide_everybody_anew()
        up_to = tenant.reading_number
        everybody = dirty(job, up_to, self.clock())
        if everybody:
            planner.rules.context = account_context(job, self.target, self.clock(), fresh_since=cycle.began_at)
            if job.watermark == 0:  # what the licences mean has changed
                everybody = dirty(job, up_to, self.clock())
            self._gather_evidence(planner, everybody)
        self._enter(Cycle.Stage.PLANNING)
        self._note(target_number=up_to, epoch=job.epoch)
        written: Counter[str] = Counter()
        for start in range(0, len(everybody), BATCH):
            self.holding.check()
            written += planner.plan(everybody[start : start + BATCH])
            self._count(decided=min(start + BATCH, len(everybody)), people=len(everybody), **written)

    def _look_at_the_application(self) -> None:
        """Nothing beyond what proves the credentials, unless the mirror of the accounts is missing, old or
        suspicious. Where the proof brings all accounts, that is a listing.
        """
        job, now = self.job, self.clock()
        if not job.application.account_key:
            account_context(job, self.target, now, fresh_since=now)
        listed = job.accounts_listed_at
        if listed is not None and listed >= self.cycle.began_at:
            return
        if self.cycle.full or listed is None or job.watermark == 0 or now - listed > settings.DRIFT_CHECK:
            reading_target.list_accounts(job, self.target, self.holding, now)
            return
        proven = self.target.prove(job.accounts_total)
        if proven.accounts is not None:
            reading_target.take_in(job, self.target, [proven.accounts], self.holding, now)
        elif proven.total is not None and proven.total != job.accounts_total:
            reading_target.list_accounts(job, self.target, self.holding, now)

    def _gather_evidence(self, planner: Planner, people: list[int]) -> None:
        """By a listing or by lookups, whichever takes fewer requests."""
        wanted = planner.evidence_wanted(people)
        pages = 1 + (self.job.accounts_total or 0) // PAGE
        if not wanted:
            return
        if len(wanted) > pages and self.target.can_list:
            reading_target.list_accounts(self.job, self.target, self.holding, self.clock())
            wanted = planner.evidence_wanted(people)
        planner.look_up(wanted)

    def _guard(self) -> None:
        """More removals than the threshold: none of them is sent, all are staged.

        Asked again whenever people are planned anew while rows are being sent; those that were sent count too.
        """
        job = self.job
        removals = Change.objects.filter(job=job, action__in=["disable", "delete"])
        planned = removals.filter(status=Change.Status.PLANNED)
        staged = removals.filter(status=Change.Status.STAGED)
        sent = removals.filter(cycle=self.cycle, sent_at__isnull=False).exclude(status__in=["planned", "staged"])
        verdict = weigh_removals(
            planned.count(),
            staged.count() + sent.count(),
            threshold=job.deletion_threshold,
            allowed=job.deletes_allowed,
        )
        with self._held():
            if verdict.stage_removals:
                planned.update(status=Change.Status.STAGED)
                resting.quarantine(job, TOO_MANY_DELETES, TOO_MANY_DELETES, verdict.reason, self.clock())
            elif job.quarantine_reason == TOO_MANY_DELETES and not staged.exists():
                resting.heal(job)

    def _end(self) -> None:
        """The watermark moves: everybody up to the cycle's number has been decided."""
        job, cycle, now = self.job, self.cycle, self.clock()
        with self._held() as held:
            resting.judge_people(job, cycle, now)
            cycle.state = Cycle.State.ENTRY_ERRORS if _failed_in(cycle) else Cycle.State.SUCCEEDED
            self._close(now)
            fields: dict[str, Any] = {
                "deletes_allowed": False,
                "decided_on": now.date(),
                "next_run_at": self._next_run(now),
                "steady_first_at": job.steady_first_at or now,
                "steady_last_at": now,
                "escrows_pruned": job.escrows_pruned,
                "accounts_total": job.application.accounts.filter(removed=False).count(),
            }
            if held.epoch == cycle.epoch:
                fields |= {"watermark": max(cycle.target_number or 0, 1), "rematch": False}
            # Else restarted, or the mapping was saved, while this cycle ran: the next one decides everybody anew.
            Job.objects.filter(pk=job.pk).update(**fields)

    def _next_run(self, now: datetime) -> datetime:
        if self.job.quarantine_reason:
            return now + back_off(max(self.job.quarantine_count, 1), self.job.interval)
        return max(self.cycle.requested_at + self.job.interval, now + timedelta(seconds=1))

    def _close(self, now: datetime) -> None:
        self.cycle.ended_at = now
        Cycle.objects.filter(pk=self.cycle.pk).update(
            ended_at=now,
            state=self.cycle.state,
            stage=self.cycle.stage,
            error=self.cycle.error,
            error_code=self.cycle.error_code,
        )

    def _count(self, **counts: int) -> None:
        self._note(counts={**self.cycle.counts, **counts})

    def _fail(self, error: ProvisioningError) -> None:
        """The cycle ends here; the plan that was not sent stays planned, the mirrors stay as they were."""
        now = self.clock()
        log.warning("The cycle of %s failed: %s", self.job, error)
        self.cycle.state, self.cycle.error_code, self.cycle.error = Cycle.State.FAILED, error.code, error.message
        with self._held():
            rest = resting.fail(self.job, self.cycle, error, now)
            self._close(now)
            Job.objects.filter(pk=self.job.pk).update(next_run_at=now + rest)


def _failed_in(cycle: Cycle) -> bool:
    return Change.objects.filter(cycle=cycle, status=Change.Status.FAILURE).exists()
