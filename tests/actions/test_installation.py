"""The settings of the whole installation, and what wins over them."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from pytest_django import Settings

from provisioning.actions import applications, installation
from provisioning.actions.errors import ActionRefused
from provisioning.encryption import decrypt
from provisioning.models import AuditEntry, Installation, Tenant
from provisioning.notifications import deliver
from tests.actions.conftest import audited, last_entry

SERVER = {"mail_host": "mail.contoso.com", "mail_user": "rollcall", "mail_password": "the mail password"}


@pytest.fixture(autouse=True)
def nothing_set_outside(settings: Settings) -> None:
    settings.SET_OUTSIDE = frozenset()
    settings.ALLOWED_HOSTS = [".contoso.com"]


def test_what_is_saved_counts_and_is_audited_old_to_new(administrator: User) -> None:
    assert installation.update(by=administrator, language="nl", time_zone="Europe/Amsterdam", log_days=30)
    assert installation.update(by=administrator, language="en")

    counts = Installation.in_force()
    assert (counts.language, counts.time_zone, counts.log_days) == ("en", "Europe/Amsterdam", 30)
    assert (last_entry().activity, last_entry().by) == ("Update settings of the installation", administrator)
    assert last_entry().changes == [{"name": "language", "old": "nl", "new": "en"}]
    before = audited()
    assert not installation.update(by=administrator, language="en")
    assert audited() == before


def test_what_is_not_saved_has_the_defaults(db: None, settings: Settings) -> None:
    counts = Installation.in_force()

    assert (counts.public_url, counts.time_zone) == (settings.PUBLIC_URL, settings.TIME_ZONE)
    assert (counts.mail_sender, counts.mail_host) == (settings.DEFAULT_FROM_EMAIL, "")
    assert (counts.log_days, counts.audit_days, counts.interval) == (90, 365, timedelta(minutes=40))


def test_the_environment_wins(db: None, settings: Settings) -> None:
    installation.update(by=None, language="nl", public_url="https://rollcall.contoso.com/", **SERVER)
    assert Installation.in_force().public_url == "https://rollcall.contoso.com"
    assert Installation.in_force().mail_host == "mail.contoso.com"

    settings.SET_OUTSIDE = frozenset({"LANGUAGE_CODE", "PUBLIC_URL", "EMAIL_URL"})

    counts = Installation.in_force()
    assert (counts.language, counts.public_url, counts.mail_host) == ("en", settings.PUBLIC_URL, "")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"public_url": "rollcall.contoso.com"}, "public_url"),
        ({"public_url": "https://rollcall.contoso.com/path"}, "public_url"),
        ({"public_url": "https://rollcall.fabrikam.com"}, "public_url"),
        ({"language": "fr"}, "language"),
        ({"time_zone": "Europe/Utopia"}, "time_zone"),
        ({"mail_host": "smtp://mail.contoso.com"}, "mail_host"),
        ({"mail_port": 0}, "mail_port"),
        ({"mail_security": "ssh"}, "mail_security"),
        ({"mail_sender": "nobody"}, "mail_sender"),
        ({"mail_sender": "Rollcall <a@contoso.com>\r\nBcc: b@contoso.com"}, "mail_sender"),
        ({"log_days": 0}, "log_days"),
        ({"audit_days": -1}, "audit_days"),
        ({"interval": timedelta(seconds=5)}, "interval"),
    ],
)
def test_what_cannot_be_set_is_refused_at_its_field(db: None, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ActionRefused) as refusal:
        installation.update(by=None, **wrong)

    assert [name for name, _ in refusal.value.problems] == [field]
    assert not AuditEntry.objects.exists()
    assert not Installation.objects.exists()


def test_the_password_is_sealed_and_told_to_nobody(db: None) -> None:
    installation.update(by=None, **SERVER)

    row = Installation.objects.get()
    assert decrypt(row.sealed) == {"password": "the mail password"}
    assert {"name": "mail_password", "old": None, "new": "••••••"} in last_entry().changes
    stored = repr(list(AuditEntry.objects.values())) + repr(list(Installation.objects.values()))
    assert "the mail password" not in stored


def test_an_empty_password_keeps_the_stored_one_for_the_same_server_only(db: None) -> None:
    installation.update(by=None, **SERVER)
    installation.update(by=None, mail_port=25)
    assert decrypt(Installation.objects.get().sealed) == {"password": "the mail password"}

    with pytest.raises(ActionRefused, match="Enter the password again"):
        installation.update(by=None, mail_host="mail.fabrikam.com")

    installation.update(by=None, mail_user="")
    assert Installation.objects.get().sealed == ""


def test_the_password_is_sealed_anew_with_a_new_key(db: None, settings: Settings) -> None:
    installation.update(by=None, **SERVER)
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]

    call_command("rotate_keys", verbosity=0)

    settings.ENCRYPTION_KEYS = [new]
    assert decrypt(Installation.objects.get().sealed) == {"password": "the mail password"}


def test_a_new_application_gets_the_interval(tenant: Tenant) -> None:
    installation.update(by=None, interval=timedelta(hours=2))

    added = applications.add(tenant, "gotomeeting", display_name="GoToMeeting", by=None)

    assert added.job.interval == timedelta(hours=2)


def test_mail_has_the_sender_that_is_set(db: None) -> None:
    installation.update(by=None, mail_sender="Provisioning <it@contoso.com>")

    deliver("Subject", "Body", ["anna@contoso.com"], Installation.in_force())

    assert mail.outbox[0].from_email == "Provisioning <it@contoso.com>"
