"""Connecting a directory tenant."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.credentials import enter_tenant_secrets
from provisioning.actions.differences import printed, record_changes, set_fields
from provisioning.actions.errors import refuse, refuse_if_any
from provisioning.models import AuditEntry, Job, Tenant
from provisioning.tasks.messages import run_soon

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)

FIELDS = ("name", "client_id", "authority", "graph_url", "ca_file", "secret_expires_on")
"""What `update` may change. Another tenant id is another directory: connect it as a tenant of its own."""


def connect(
    *,
    tenant_id: str,
    client_id: str,
    secrets: Mapping[str, str],
    by: Actor,
    name: str = "",
    authority: str = "",
    graph_url: str = "",
    ca_file: str = "",
    secret_expires_on: date | None = None,
) -> Tenant:
    """Store a tenant with its credentials, and let a worker test them.

    Args:
        tenant_id: a GUID, or a verified domain of the tenant.
        secrets: {"client_secret"}, or {"private_key", "public_certificate"} as PEM.
        authority, graph_url: empty for Microsoft's public cloud.
        ca_file: PEM file, on the workers' machines, of the authorities to trust instead of the public ones.
    """
    given = {"name": name or tenant_id, "client_id": client_id, "authority": authority, "graph_url": graph_url}
    wanted = {key: value.strip() for key, value in given.items() if value.strip()}
    problems = _problems({"client_id": "", **wanted})
    if not (GUID.fullmatch(tenant_id) or DOMAIN.fullmatch(tenant_id)):
        problems.append(("tenant_id", _("The tenant ID is a GUID, or a domain of the tenant.")))
    elif Tenant.objects.filter(tenant_id__iexact=tenant_id).exists():
        problems.append(("tenant_id", _("This tenant is connected already.")))
    if not any(secrets.values()):
        problems.append(("client_secret", _("Enter a client secret, or a certificate with its private key.")))
    refuse_if_any(problems)
    with transaction.atomic():
        tenant = Tenant.objects.create(
            tenant_id=tenant_id, ca_file=ca_file, secret_expires_on=secret_expires_on, **wanted
        )
        enter_tenant_secrets(tenant, secrets, changed_otherwise=True)
        shown = {"tenant_id": tenant_id, **{field: printed(getattr(tenant, field)) for field in FIELDS}}
        changes = [{"name": field, "old": None, "new": value} for field, value in shown.items() if value]
        AuditEntry.record(by, Activity.CONNECT_TENANT, tenant=tenant, changes=changes)
    return tenant


def update(tenant: Tenant, *, by: Actor, secrets: Mapping[str, str] | None = None, **fields: Any) -> bool:
    """Change `FIELDS`, or the secrets of which an empty one keeps what is stored. Returns whether anything differs.

    A changed connection is tested, and what waited for it is tried at once.
    """
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"not a field of a tenant's connection: {sorted(unknown)}")
    refuse_if_any(_problems({key: value for key, value in fields.items() if isinstance(value, str)}))
    with transaction.atomic():
        changes = set_fields(tenant, **fields)
        reconnected = any(change["name"] not in ("name", "secret_expires_on") for change in changes)
        changes += enter_tenant_secrets(tenant, secrets or {}, changed_otherwise=reconnected)
        if reconnected or len(changes) > len(fields):
            _try_again(tenant)
        return record_changes(by, Activity.UPDATE_TENANT, changes, tenant=tenant)


def disconnect(tenant: Tenant, *, by: Actor) -> None:
    """Forget a tenant with its mirror and credentials. Refused while it has applications."""
    with transaction.atomic():
        applications = list(tenant.applications.values_list("display_name", flat=True)[:5])
        if applications:
            raise refuse(_("Delete its applications first: %(names)s.") % {"names": ", ".join(applications)})
        AuditEntry.record(by, Activity.DISCONNECT_TENANT, target=f"{tenant.name} ({tenant.tenant_id})")
        tenant.delete()


def _try_again(tenant: Tenant) -> None:
    """The cycles that could not read the directory need not wait for their next turn."""
    Tenant.objects.filter(pk=tenant.pk).update(next_attempt_at=now())
    for job in Job.objects.filter(application__tenant=tenant, enabled=True):
        Job.objects.filter(pk=job.pk).update(run_requested_at=now(), next_run_at=now())
        run_soon(job.pk)


def _problems(wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    problems = []
    if not wanted.get("name", "-").strip() or len(wanted.get("name", "")) > 200:
        problems.append(("name", _("The name has 1 to 200 characters.")))
    if not GUID.fullmatch(wanted.get("client_id", GUID_LIKE)):
        problems.append(("client_id", _("The application (client) ID is a GUID.")))
    for field, schemes in (("authority", ("https",)), ("graph_url", ("https", "http"))):
        if field in wanted and not _is_address(wanted[field], schemes):
            problems.append((field, _("Enter an address such as https://login.microsoftonline.com.")))
    return problems


GUID_LIKE = "00000000-0000-0000-0000-000000000000"


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and parts.path in ("", "/") and not parts.query
