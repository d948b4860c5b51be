"""Contoso, connected through the actions themselves; no outside world, since actions never ask it anything."""

import uuid

import pytest
from django.contrib.auth.models import User

from provisioning.actions import applications, credentials, jobs, tenants
from provisioning.actions.applications import ServicePrincipal
from provisioning.models import Application, AuditEntry, Credential, DirectoryObject, Job, Tenant

PASSWORD = "a password that must never be seen"
CLIENT_SECRET = "a client secret that must never be seen"


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_user("anna", password="correct horse battery")


@pytest.fixture
def tenant(administrator: User) -> Tenant:
    return tenants.connect(
        name="Contoso",
        tenant_id=str(uuid.uuid4()),
        client_id=str(uuid.uuid4()),
        secrets={"client_secret": CLIENT_SECRET},
        by=administrator,
    )


@pytest.fixture
def kept_here(tenant: Tenant, administrator: User) -> Application:
    return applications.add(tenant, "gotomeeting", display_name="GoToMeeting", by=administrator)


@pytest.fixture
def enterprise(tenant: Tenant, administrator: User) -> Application:
    """Connected to an enterprise application of the tenant, which has a role of its own name."""
    role = {"id": str(uuid.uuid4()), "value": "User", "displayName": "User", "enabled": True}
    principal = ServicePrincipal(str(uuid.uuid4()), str(uuid.uuid4()), "GoToMeeting", (role,))
    return applications.add(
        tenant, "gotomeeting", display_name="GoToMeeting SSO", by=administrator, service_principal=principal
    )


@pytest.fixture
def ready(kept_here: Application, administrator: User) -> Job:
    """A job that can be turned on: its credentials have passed their test."""
    credential = credentials.save(
        kept_here, values={"username": "admin@contoso.example"}, secrets={"password": PASSWORD}, by=administrator
    )
    Credential.objects.filter(pk=credential.pk).update(test=Credential.Test.PASSED)
    return kept_here.job


@pytest.fixture
def running(ready: Job, administrator: User) -> Job:
    jobs.turn_on(ready, by=administrator)
    return ready


def person(tenant: Tenant, name: str, **fields: object) -> DirectoryObject:
    """Somebody of the mirror."""
    kind = fields.pop("kind", DirectoryObject.Kind.USER)
    with tenant.numbered() as number:
        return DirectoryObject.objects.create(
            tenant=tenant, object_id=str(uuid.uuid4()), kind=kind, display_name=name, reading=number, **fields
        )


def audited() -> list[str]:
    """The activities of the audit log, oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list("activity", flat=True))


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")
