"""Adding an application of the gallery, renaming and deleting it."""

import uuid
from datetime import timedelta

import pytest
from django.utils.timezone import now

from provisioning import gallery
from provisioning.actions import applications
from provisioning.actions.applications import ServicePrincipal
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, AuditEntry, Job, Tenant
from tests.actions.conftest import audited, last_entry


def test_an_application_kept_here_starts_with_the_roles_and_the_mapping_of_its_template(kept_here: Application) -> None:
    template = gallery.template("gotomeeting")

    assert {role.value for role in kept_here.roles.all()} == {row["value"] for row in template["rollcall"]["roles"]}
    assert kept_here.job.schema == template["schema"]
    assert (kept_here.job.enabled, kept_here.job.watermark) == (False, 0)
    assert last_entry().activity == "Add service principal"


def test_an_enterprise_application_keeps_its_own_roles_with_what_the_template_proposes(enterprise: Application) -> None:
    role = enterprise.roles.get()

    assert (role.value, role.products) == ("User", ["G2M"])
    assert enterprise.job.job_id.endswith(enterprise.service_principal_id)


def test_a_service_principal_has_one_application(enterprise: Application, tenant: Tenant) -> None:
    again = ServicePrincipal(enterprise.service_principal_id, "", "GoToMeeting")

    with pytest.raises(ActionRefused) as refusal:
        applications.add(tenant, "gotomeeting", display_name="Another", by=None, service_principal=again)

    assert refusal.value.problems[0][0] == "service_principal"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "gotomeeting", " GoToMeeting "])
def test_a_name_is_there_short_and_not_taken(kept_here: Application, tenant: Tenant, name: str) -> None:
    with pytest.raises(ActionRefused) as refusal:
        applications.add(tenant, "gotomeeting", display_name=name, by=None)

    assert refusal.value.problems[0][0] == "display_name"


def test_the_gallery_must_have_it(tenant: Tenant) -> None:
    with pytest.raises(ActionRefused, match="zoom"):
        applications.add(tenant, "zoom", display_name="Zoom", by=None)


def test_renaming_is_audited_old_to_new(kept_here: Application) -> None:
    assert applications.rename(kept_here, "Meetings", by=None)
    assert last_entry().changes == [{"name": "display_name", "old": "GoToMeeting", "new": "Meetings"}]

    before = audited()
    assert not applications.rename(kept_here, "Meetings", by=None)
    assert audited() == before


def test_an_application_that_runs_is_not_deleted(running: Job) -> None:
    with pytest.raises(ActionRefused, match="Stop"):
        applications.delete(running.application, by=None)


def test_an_application_in_a_workers_hands_is_not_deleted(kept_here: Application) -> None:
    token = kept_here.job.claim(timedelta(seconds=30))
    assert token is not None

    with pytest.raises(ActionRefused, match="worker"):
        applications.delete(kept_here, by=None)

    kept_here.job.release(token)
    applications.delete(kept_here, by=None)
    assert not Application.objects.exists()


def test_the_audit_log_outlives_the_application(kept_here: Application) -> None:
    applications.delete(kept_here, by=None)

    assert last_entry().target == "GoToMeeting"
    assert AuditEntry.objects.filter(at__lte=now()).count() == len(audited())


def test_job_ids_are_microsofts(tenant: Tenant) -> None:
    principal = ServicePrincipal(str(uuid.uuid4()), "", "GoToMeeting")
    added = applications.add(tenant, "gotomeeting", display_name="G", by=None, service_principal=principal)

    assert added.job.job_id == f"gotomeeting.{tenant.tenant_id.replace('-', '')}.{principal.id}"
