"""Django's admin: support looks at every table, changes none, and sees no secret."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path, reverse

from portal.urls import urlpatterns as pages
from provisioning import models
from provisioning.models import Credential, Tenant

urlpatterns = [path("support/", admin.site.urls), *pages]
pytestmark = pytest.mark.urls(__name__)

TABLES = [getattr(models, name) for name in models.__all__]


@pytest.fixture
def support(db: None) -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("sue", password="correct horse battery"),
        "django.contrib.auth.backends.ModelBackend",
    )
    return client


@pytest.fixture
def credential(support: Client) -> Credential:
    tenant = Tenant.objects.create(name="Contoso", tenant_id="T", client_id="C")
    row = Credential(tenant=tenant)
    row.enter({"client_secret": "never to be seen"})
    row.save()
    return row


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_table_is_listed_and_nothing_can_be_added(support: Client, model: type[Tenant]) -> None:
    name = f"admin:provisioning_{model._meta.model_name}"

    assert support.get(reverse(f"{name}_changelist")).status_code == 200
    assert support.get(reverse(f"{name}_add")).status_code == 403


def test_a_row_is_shown_and_cannot_be_changed_or_deleted(support: Client, credential: Credential) -> None:
    name = "admin:provisioning_tenant"
    key = [credential.tenant_id]

    assert b"Contoso" in support.get(reverse(f"{name}_change", args=key)).content
    assert support.post(reverse(f"{name}_change", args=key), {"name": "Fabrikam"}).status_code == 403
    assert support.post(reverse(f"{name}_delete", args=key), {"post": "yes"}).status_code == 403
    assert Tenant.objects.get().name == "Contoso"


def test_not_even_a_sealed_secret_is_shown(support: Client, credential: Credential) -> None:
    page = support.get(reverse("admin:provisioning_credential_change", args=[credential.pk])).content.decode()

    assert page.count("Contoso") > 0
    assert "client_secret" not in page
    assert credential.sealed[:40] not in page
