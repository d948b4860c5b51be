"""The cycles of all jobs: beat's minute, the reading of a tenant, a slice of a job."""

from datetime import datetime, timedelta

from celery import shared_task
from django.utils.timezone import now

from provisioning.engine import connections, cycle, reading_directory
from provisioning.models import Cycle, Heartbeat, Job, Tenant
from provisioning.tasks import interactive

MESSAGE_LIFE = 120
"""Seconds after which a message that nobody took is dropped: the next minute brings another."""
SOON = timedelta(seconds=2)


@shared_task(name="provisioning.tasks.dispatch")
def dispatch() -> None:
    """Every minute, from beat: everything that is due, and everything that a dead worker left."""
    Heartbeat.give(Heartbeat.Name.CYCLES, now())
    interactive.sign.apply_async(expires=MESSAGE_LIFE)
    for job_id in cycle.due_jobs(now()):
        run.apply_async((job_id,), expires=MESSAGE_LIFE)


@shared_task(name="provisioning.tasks.run")
def run(job_id: int) -> None:
    """A slice of one job's cycle. What is left waits its turn behind other jobs."""
    try:
        outcome = cycle.advance(job_id, clock=now)
    except Job.DoesNotExist:
        return
    if outcome is cycle.Next.AGAIN:
        run.apply_async((job_id,), expires=MESSAGE_LIFE)
    elif outcome is cycle.Next.READ:
        tenant_id = Job.objects.values_list("application__tenant_id", flat=True).get(pk=job_id)
        read.apply_async((tenant_id,), expires=MESSAGE_LIFE)
    elif outcome is cycle.Next.DONE and job_id in cycle.due_jobs(now()):
        # Asked for while this cycle ran, when the message for it found the job taken.
        run.apply_async((job_id,), expires=MESSAGE_LIFE)


@shared_task(name="provisioning.tasks.read")
def read(tenant_id: int) -> None:
    """One reading for all applications of a tenant; then each cycle that waited for it goes on."""
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None:
        return
    waiting = Cycle.objects.filter(job__application__tenant=tenant, ended_at=None, stage=Cycle.Stage.READING)
    since: datetime = max(waiting.values_list("requested_at", flat=True), default=now())
    done = reading_directory.read_tenant(tenant, connections.open_source, since=since, now=now())
    if not done:
        read.apply_async((tenant_id,), countdown=SOON.total_seconds(), expires=MESSAGE_LIFE)
        return
    for job in Job.objects.filter(cycles__in=waiting).select_related("application"):
        # Not fresh after a reading: something else was asked for meanwhile, and the two must not chase each other.
        fresh = reading_directory.is_fresh(job.application, since)
        run.apply_async((job.pk,), countdown=0 if fresh else SOON.total_seconds(), expires=MESSAGE_LIFE)
