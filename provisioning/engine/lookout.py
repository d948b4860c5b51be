"""What a tenant is asked beside its cycles, for pages and reminders. Whatever is found stops nothing.

When the credentials of its connection end, whether Microsoft's own provisioning writes to the same applications, and
what time it is there.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from provisioning import notifications
from provisioning.connectors.graph.source import GraphSource
from provisioning.engine import connections
from provisioning.errors import ProvisioningError
from provisioning.models import Application, Tenant

log = logging.getLogger(__name__)


def look_after(
    tenant: Tenant,
    clock: Callable[[], datetime],
    open_source: Callable[[Tenant], GraphSource] = connections.open_source,
) -> None:
    """Trouble on the way is left to the next reading, which meets it as well and tells it."""
    try:
        _ask(tenant, open_source(tenant), clock)
    except ProvisioningError as error:
        log.info("%s could not be looked after: %s", tenant, error)
    tenant.refresh_from_db(fields=["secret_expires_on"])
    notifications.credentials_end(tenant, clock().date())


def _ask(tenant: Tenant, source: GraphSource, clock: Callable[[], datetime]) -> None:
    ends = source.credential_ends_on()
    if ends is not None:  # else what an administrator entered stands
        Tenant.objects.filter(pk=tenant.pk).update(secret_expires_on=ends)
    if (told := source.time()) is not None:
        Tenant.objects.filter(pk=tenant.pk).update(clock_ahead=clock() - told)
    for application in tenant.applications.exclude(service_principal_id=""):
        found = source.microsoft_provisions(application.service_principal_id)
        Application.objects.filter(pk=application.pk).update(microsoft_provisions=found)
