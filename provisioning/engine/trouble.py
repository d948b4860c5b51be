"""A tenant that cannot be read: recorded once, mailed once, tried again ever more rarely, healed by the next good
reading.
"""

from datetime import datetime, timedelta

from provisioning import notifications
from provisioning.engine.quarantine import back_off
from provisioning.errors import ConfigurationError, ProvisioningError, RateLimited, TransientError
from provisioning.models import Job, Tenant

FIRST_REST = timedelta(minutes=1)
PATIENCE = 3
"""Attempts in a row that failed for the same reason, whatever it is, after which somebody is told."""


def record(tenant: Tenant, error: ProvisioningError, now: datetime) -> None:
    """What an administrator must mend, or cannot be reached at all, is mailed at once; what may pass by itself is shown
    and tried again, and mailed when it does not pass.
    """
    if tenant.trouble_code != error.code:
        tenant.trouble_began_at, tenant.trouble_count = now, 0
    tenant.trouble_code, tenant.trouble = error.code, error.message
    tenant.trouble_count += 1
    tenant.next_attempt_at = now + back_off(tenant.trouble_count, FIRST_REST)
    tenant.save(update_fields=["trouble_code", "trouble", "trouble_began_at", "trouble_count", "next_attempt_at"])
    at_once = isinstance(error, ConfigurationError | TransientError) and not isinstance(error, RateLimited)
    if at_once or tenant.trouble_count >= PATIENCE:
        notifications.tenant_in_trouble(tenant)


def clear(tenant: Tenant, now: datetime) -> None:
    """The jobs that rest because of it go on at once."""
    if not tenant.trouble_code:
        return
    Tenant.objects.filter(pk=tenant.pk).update(
        trouble_code="",
        trouble="",
        trouble_began_at=None,
        trouble_count=0,
        trouble_mailed_code="",
        next_attempt_at=None,
    )
    tenant.refresh_from_db()
    Job.objects.filter(application__tenant=tenant, enabled=True, next_run_at__gt=now).update(next_run_at=now)
