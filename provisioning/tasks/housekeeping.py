"""Once an hour: what may be forgotten is forgotten."""

import time
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from provisioning.engine import retention
from provisioning.models import Credential, Installation, Question

DRAFT_LIFE = timedelta(days=1)
"""Also of questions: nobody looks at their answers any more."""


@shared_task(name="provisioning.tasks.housekeeping")
def housekeeping() -> None:
    Credential.objects.filter(draft=True, changed_at__lt=now() - DRAFT_LIFE).delete()
    Question.objects.filter(asked_at__lt=now() - DRAFT_LIFE).delete()
    retention.forget(Installation.in_force(), now(), until=time.monotonic() + settings.SLICE.total_seconds())
