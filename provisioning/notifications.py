"""Mail to the administrator: when provisioning stops, once; never one for each person.

Source: Microsoft Entra ID, "Application provisioning in quarantine status": one mail on entering, another only when the
reason changes.
"""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from provisioning.models import Job, Tenant

log = logging.getLogger(__name__)


def job_quarantined(job: Job) -> None:
    """Once for each cause: whoever changes the mailed cause first sends the mail."""
    won = Job.objects.filter(pk=job.pk).exclude(quarantine_mailed_code=job.quarantine_code)
    if won.update(quarantine_mailed_code=job.quarantine_code) != 1:
        return
    if job.notify_failures and job.notification_email:
        sent = _send("quarantine", [job.notification_email], {"job": job, "application": job.application})
        if not sent:
            Job.objects.filter(pk=job.pk).update(quarantine_mailed_code="")


def seats_used_up(job: Job, people: int, reason: str) -> None:
    """One mail for all who wait for a licence; the caller knows whether it was told already."""
    if job.notify_failures and job.notification_email:
        context = {"job": job, "application": job.application, "people": people, "reason": reason}
        _send("seats", [job.notification_email], context)


def tenant_in_trouble(tenant: Tenant) -> None:
    """To everybody who asked to hear of failures of one of the tenant's applications; one mail for the tenant."""
    won = Tenant.objects.filter(pk=tenant.pk).exclude(trouble_mailed_code=tenant.trouble_code)
    if won.update(trouble_mailed_code=tenant.trouble_code) != 1:
        return
    jobs = Job.objects.filter(application__tenant=tenant, notify_failures=True).exclude(notification_email="")
    recipients = sorted(set(jobs.values_list("notification_email", flat=True)))
    if recipients and not _send("tenant", recipients, {"tenant": tenant}):
        Tenant.objects.filter(pk=tenant.pk).update(trouble_mailed_code="")


def _send(kind: str, recipients: Iterable[str], context: dict[str, object]) -> bool:
    """False when the mail server did not take it: tried again with the next cycle."""
    with translation.override(settings.LANGUAGE_CODE):
        context = {**context, "portal": settings.PUBLIC_URL}
        subject = render_to_string(f"mail/{kind}_subject.txt", context).strip()
        body = render_to_string(f"mail/{kind}.txt", context)
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, list(recipients)).send()
    except OSError:
        log.exception("The mail “%s” was not sent", subject)
        return False
    return True
