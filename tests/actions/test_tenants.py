"""Connecting, changing and disconnecting a tenant."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from provisioning.actions import tenants
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, AuditEntry, Credential, Job, Tenant
from tests.actions.conftest import CLIENT_SECRET, audited, last_entry


def test_a_connected_tenant_has_credentials_that_wait_for_their_test(tenant: Tenant, administrator: User) -> None:
    credential = Credential.objects.get(tenant=tenant)

    assert credential.open() == {"client_secret": CLIENT_SECRET}
    assert credential.test == Credential.Test.WAITING
    assert tenant.authority == "https://login.microsoftonline.com"
    assert (last_entry().activity, last_entry().by) == ("Connect tenant", administrator)


def test_no_secret_reaches_a_column_or_the_audit_log(tenant: Tenant) -> None:
    tenants.update(tenant, by=None, secrets={"client_secret": "another secret"})

    stored = repr(list(Credential.objects.values())) + repr(list(AuditEntry.objects.values()))
    assert CLIENT_SECRET not in stored
    assert "another secret" not in stored
    assert {"name": "client_secret", "old": None, "new": "••••••"} in last_entry().changes


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("tenant_id", "not a tenant"),
        ("client_id", "not a guid"),
        ("client_id", ""),
        ("authority", "http://login.example.com"),
        ("graph_url", "graph.example.com"),
        ("graph_url", "https://graph.example.com/v1.0"),
        ("name", "x" * 201),
    ],
)
def test_what_cannot_be_connected_is_refused_at_its_field(db: None, field: str, wrong: str) -> None:
    given: dict[str, Any] = {"tenant_id": str(uuid.uuid4()), "client_id": str(uuid.uuid4())}

    with pytest.raises(ActionRefused) as refusal:
        tenants.connect(**{**given, field: wrong}, secrets={"client_secret": "x"}, by=None)

    assert [name for name, _ in refusal.value.problems] == [field]
    assert not Tenant.objects.exists()
    assert not AuditEntry.objects.exists()


def test_all_problems_are_told_at_once(db: None) -> None:
    with pytest.raises(ActionRefused) as refusal:
        tenants.connect(tenant_id="?", client_id="?", secrets={}, by=None)

    assert {name for name, _ in refusal.value.problems} == {"tenant_id", "client_id", "client_secret"}


def test_a_tenant_is_connected_once(tenant: Tenant) -> None:
    with pytest.raises(ActionRefused, match="connected already"):
        tenants.connect(
            tenant_id=tenant.tenant_id.upper(), client_id=str(uuid.uuid4()), secrets={"client_secret": "x"}, by=None
        )


def test_what_does_not_differ_is_neither_written_nor_audited(tenant: Tenant) -> None:
    Credential.objects.update(test=Credential.Test.PASSED)
    before = audited()

    assert not tenants.update(tenant, by=None, name="Contoso", secrets={"client_secret": CLIENT_SECRET})

    assert audited() == before
    assert Credential.objects.get(tenant=tenant).test == Credential.Test.PASSED


def test_an_empty_secret_keeps_what_is_stored(tenant: Tenant) -> None:
    tenants.update(tenant, by=None, name="Contoso Ltd", secrets={"client_secret": ""})

    assert Credential.objects.get(tenant=tenant).open() == {"client_secret": CLIENT_SECRET}
    assert [change["name"] for change in last_entry().changes] == ["name"]


def test_a_new_name_leaves_the_test_as_it_was_and_a_new_client_does_not(tenant: Tenant) -> None:
    Credential.objects.update(test=Credential.Test.PASSED)

    tenants.update(tenant, by=None, name="Contoso Ltd")
    assert Credential.objects.get(tenant=tenant).test == Credential.Test.PASSED

    tenants.update(tenant, by=None, client_id=str(uuid.uuid4()))
    assert Credential.objects.get(tenant=tenant).test == Credential.Test.WAITING


def test_a_certificate_takes_the_place_of_the_secret(tenant: Tenant) -> None:
    tenants.update(tenant, by=None, secrets={"private_key": "PEM", "public_certificate": "PEM"})

    assert Credential.objects.get(tenant=tenant).stored == {"private_key", "public_certificate"}


def test_a_mended_connection_is_tried_at_once(running: Job, tenant: Tenant) -> None:
    Job.objects.update(run_requested_at=None)

    tenants.update(tenant, by=None, secrets={"client_secret": "mended"})

    running.refresh_from_db()
    assert running.run_requested_at is not None


def test_a_tenant_with_applications_stays_connected(kept_here: Application, tenant: Tenant) -> None:
    with pytest.raises(ActionRefused, match="GoToMeeting"):
        tenants.disconnect(tenant, by=None)

    kept_here.delete()
    tenants.disconnect(tenant, by=None)
    assert not Tenant.objects.exists()
    assert last_entry().activity == "Disconnect tenant"
