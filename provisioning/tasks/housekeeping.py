"""Once an hour: what may be forgotten is forgotten, and tenants are asked what no cycle asks."""

import time
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from provisioning.engine import lookout, retention
from provisioning.models import Credential, Installation, Question, Tenant

DRAFT_LIFE = timedelta(days=1)
"""Also of questions: nobody looks at their answers any more."""
HOUR = 3600


@shared_task(name="provisioning.tasks.housekeeping")
def housekeeping() -> None:
    Credential.objects.filter(draft=True, changed_at__lt=now() - DRAFT_LIFE).delete()
    Question.objects.filter(asked_at__lt=now() - DRAFT_LIFE).delete()
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        look_after.apply_async((tenant_id,), expires=HOUR)
    retention.forget(Installation.in_force(), now(), until=time.monotonic() + settings.SLICE.total_seconds())


@shared_task(name="provisioning.tasks.look_after")
def look_after(tenant_id: int) -> None:
    """When its credentials end, whether Microsoft provisions as well, whose clock is wrong."""
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is not None:
        lookout.look_after(tenant, now)
