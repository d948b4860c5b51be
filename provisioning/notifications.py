"""Mail to the administrator: when provisioning stops, or is about to, once; never one for each person.

Source: Microsoft Entra ID, "Application provisioning in quarantine status": one mail on entering, another only when the
reason changes.
"""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import translation

from provisioning.encryption import decrypt
from provisioning.errors import ConfigurationError
from provisioning.models import Installation, Job, Tenant

REMINDERS = (30, 7)
"""Days before the end."""
SMTP = "django.core.mail.backends.smtp.EmailBackend"

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
    recipients = _concerned(tenant)
    if recipients and not _send("tenant", recipients, {"tenant": tenant}):
        Tenant.objects.filter(pk=tenant.pk).update(trouble_mailed_code="")


def credentials_end(tenant: Tenant, today: date) -> None:
    """Thirty and seven days before the credentials of the tenant's connection end, once each."""
    if tenant.secret_expires_on is None or not (recipients := _concerned(tenant)):
        return
    left = (tenant.secret_expires_on - today).days
    due = min((days for days in REMINDERS if 0 <= left <= days), default=None)
    if due is None:
        return
    before, mark = tenant.expiry_mailed, f"{tenant.secret_expires_on.isoformat()}/{due}"
    won = Tenant.objects.filter(pk=tenant.pk).exclude(expiry_mailed=mark)
    if won.update(expiry_mailed=mark) == 1 and not _send("expiry", recipients, {"tenant": tenant, "left": left}):
        Tenant.objects.filter(pk=tenant.pk).update(expiry_mailed=before)


def _concerned(tenant: Tenant) -> list[str]:
    """Everybody who asked to hear of failures of one of the tenant's applications."""
    jobs = Job.objects.filter(application__tenant=tenant, notify_failures=True).exclude(notification_email="")
    return sorted(set(jobs.values_list("notification_email", flat=True)))


def deliver(subject: str, body: str, recipients: Iterable[str], installation: Installation) -> None:
    """Through the mail server that `installation` names. Workers only: its password is opened here.

    Raises OSError when the server does not take the mail, ConfigurationError when the password cannot be opened.
    """
    connection = _connection(installation)
    EmailMessage(subject, body, installation.mail_sender, list(recipients), connection=connection).send()


def _connection(installation: Installation) -> Any:
    if not installation.mail_host:
        return get_connection()
    return get_connection(
        SMTP,
        host=installation.mail_host,
        port=installation.mail_port,
        username=installation.mail_user,
        password=decrypt(installation.sealed).get("password", ""),
        use_tls=installation.mail_security == Installation.Security.STARTTLS,
        use_ssl=installation.mail_security == Installation.Security.TLS,
        timeout=settings.EMAIL_TIMEOUT,
    )


def _send(kind: str, recipients: Iterable[str], context: dict[str, object]) -> bool:
    """In the installation's language. False when it could not be sent: tried again with the next cycle."""
    installation = Installation.in_force()
    with translation.override(installation.language):
        context = {**context, "portal": installation.public_url}
        subject = render_to_string(f"mail/{kind}_subject.txt", context).strip()
        body = render_to_string(f"mail/{kind}.txt", context)
    try:
        deliver(subject, body, recipients, installation)
    except (OSError, ConfigurationError):
        log.exception("The mail “%s” was not sent", subject)
        return False
    return True
