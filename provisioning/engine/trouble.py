"""A tenant that cannot be read: recorded once, mailed once, tried again ever more rarely, healed by the next good
reading.
"""

from datetime import datetime, timedelta

from provisioning import notifications
from provisioning.engine.quarantine import back_off
from provisioning.errors import ConfigurationError, ProvisioningError
from provisioning.models import Tenant

FIRST_REST = timedelta(minutes=1)


def record(tenant: Tenant, error: ProvisioningError, now: datetime) -> None:
    """Only an error that an administrator must mend is mailed; what passes by itself is shown and tried again."""
    if tenant.trouble_code != error.code:
        tenant.trouble_began_at, tenant.trouble_count = now, 0
    tenant.trouble_code, tenant.trouble = error.code, str(error)
    tenant.trouble_count += 1
    tenant.next_attempt_at = now + back_off(tenant.trouble_count, FIRST_REST)
    tenant.save(update_fields=["trouble_code", "trouble", "trouble_began_at", "trouble_count", "next_attempt_at"])
    if isinstance(error, ConfigurationError):
        notifications.tenant_in_trouble(tenant)


def clear(tenant: Tenant, now: datetime) -> None:
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
