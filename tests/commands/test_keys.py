"""Encryption keys: made, rotated, and taken away."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from pytest_django import Settings

from provisioning import gallery
from provisioning.errors import ConfigurationError
from provisioning.models import Application, AuditEntry, Change, Credential, Job, Tenant


def run(name: str) -> str:
    out = StringIO()
    call_command(name, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def credential(db: None) -> Credential:
    tenant = Tenant.objects.create(name="Contoso", tenant_id="T", client_id="C")
    row = Credential(tenant=tenant)
    row.enter({"client_secret": "S1", "passphrase": "S2"})
    row.save()
    return row


def test_a_new_key_opens_what_it_sealed() -> None:
    key = run("make_keys")

    assert Fernet(key).decrypt(Fernet(key).encrypt(b"secret")) == b"secret"
    assert key != run("make_keys")


def test_after_rotation_the_old_key_can_be_taken_away(credential: Credential, settings: Settings) -> None:
    new = run("make_keys")
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]

    assert run("rotate_keys").startswith("1 secret")

    settings.ENCRYPTION_KEYS = [new]
    credential.refresh_from_db()
    assert credential.open() == {"client_secret": "S1", "passphrase": "S2"}
    assert credential.enter({"client_secret": "S1"}) == []
    assert AuditEntry.objects.latest("pk").activity == "Rotate encryption keys"


def test_secrets_of_planned_changes_are_rotated_too(credential: Credential, settings: Settings) -> None:
    application = Application.objects.create(
        tenant=credential.tenant, template_id="gotomeeting", connector="goto_admin", display_name="G"
    )
    job = Job.objects.create(application=application, job_id="j", schema=gallery.template("gotomeeting")["schema"])
    change = Change(job=job, action=Change.Action.CREATE, planned_at=now())
    change.seal({"password": "one-time"})
    change.save()
    new = run("make_keys")
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]

    run("rotate_keys")

    settings.ENCRYPTION_KEYS = [new]
    change.refresh_from_db()
    assert change.full_payload() == {"password": "one-time"}


def test_a_secret_that_no_key_opens_is_told(credential: Credential, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [run("make_keys")]

    with pytest.raises(CommandError, match="Enter the credentials again"):
        run("rotate_keys")


def test_a_lost_key_is_a_sentence_and_no_traceback(credential: Credential, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [run("make_keys")]

    with pytest.raises(ConfigurationError, match="cannot be opened"):
        credential.open()
