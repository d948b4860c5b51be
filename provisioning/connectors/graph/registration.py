"""What the tenant says beside its people: when our own secret ends, and whether Microsoft provisions as well.

Source: Microsoft Graph v1.0, "Get application", "passwordCredential"; "List synchronizationJobs".
"""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote

from cryptography.x509 import load_pem_x509_certificate

from provisioning.connectors.graph.client import GraphClient, literal
from provisioning.connectors.sending import time_of
from provisioning.errors import ConfigurationError, PermissionMissing

READ = "Application.Read.All"
READ_JOBS = "Synchronization.Read.All"
RUNNING = "Active"
HINT = 3
"""Characters at the beginning of a secret that Graph tells, so that one can be told from another."""


def secret_ends_on(client: GraphClient, client_id: str, secret: str) -> date | None:
    """Of the secrets that begin like this one, the first to end; None where the tenant does not say, or may not."""
    address = client.address(f"/applications(appId={quote(literal(client_id))})", select="passwordCredentials")
    try:
        told = client.get(address, permission=READ)
    except PermissionMissing:
        return None
    credentials = told.get("passwordCredentials") if isinstance(told, dict) else None
    ends = [
        moment
        for each in credentials or []
        if isinstance(each, dict) and each.get("hint") == secret[:HINT] and (moment := _day(each.get("endDateTime")))
    ]
    return min(ends, default=None)


def certificate_ends_on(certificate: Mapping[str, str]) -> date | None:
    """None for what is no certificate."""
    try:
        return load_pem_x509_certificate(certificate["public_certificate"].encode()).not_valid_after_utc.date()
    except (KeyError, ValueError):
        return None


def microsoft_provisions(client: GraphClient, service_principal_id: str) -> bool | None:
    """Whether Microsoft's own provisioning of the application is on; None when that may not be asked."""
    address = client.address(f"/servicePrincipals/{quote(service_principal_id, safe='')}/synchronization/jobs")
    try:
        told = client.get(address, permission=READ_JOBS)
    except ConfigurationError:
        return None
    jobs = told.get("value") if isinstance(told, dict) else None
    if not isinstance(jobs, list):
        return None
    schedules = [job.get("schedule") for job in jobs if isinstance(job, dict)]
    return any(isinstance(each, dict) and each.get("state") == RUNNING for each in schedules)


def time_there(client: GraphClient) -> datetime | None:
    """From any answer, a refusal included. In whole seconds."""
    return time_of(client.request("GET", client.address("/servicePrincipals", select="id", top="1")).headers)


def _day(text: object) -> date | None:
    try:
        return datetime.fromisoformat(str(text)).date()
    except ValueError:
        return None
