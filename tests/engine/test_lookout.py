"""What no cycle asks: the end of the credentials, Microsoft's own provisioning, the clock."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from pytest_django import Settings

from provisioning.engine import lookout
from provisioning.models import Credential, Job
from provisioning.tasks import look_after
from tests.engine.test_certificates import certificate
from tests.world import World

ENDS = datetime(2027, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def watched(world: World, settings: Settings) -> World:
    """The secret ends on 30 June; two applications' failures are told to the same address."""
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.{EmailBackend.__qualname__}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = world.sandbox.smtp_host, world.sandbox.smtp_port
    Job.objects.update(notify_failures=True, notification_email="it@contoso.example")
    world.sandbox.control.change_application(world.sandbox.client_id, secret_ends=ENDS.timestamp())
    return world


def look(world: World, at: datetime) -> None:
    lookout.look_after(world.tenant, lambda: at)
    world.tenant.refresh_from_db()
    world.application.refresh_from_db()


def mails(world: World) -> list[dict[str, Any]]:
    time.sleep(0.1)  # mail takes a moment to be taken in by the inbox
    return world.sandbox.control.mail("smtp")


def test_the_end_of_the_secret_is_read_and_mailed_thirty_and_seven_days_before(watched: World) -> None:
    told = []
    for days in (60, 31, 30, 29, 8, 7, 6, 0, -1):
        look(watched, ENDS - timedelta(days=days))
        told.append(len(mails(watched)))

    assert watched.tenant.secret_expires_on == date(2027, 6, 30)
    assert told == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    first, second = mails(watched)
    assert "30 days" in first["subject"] and "7 days" in second["subject"]
    assert first["recipients"] == ["it@contoso.example"] and "30 Jun 2027" in first["text"]


def test_a_new_secret_is_reminded_of_anew_and_a_late_look_sends_one_mail(watched: World) -> None:
    look(watched, ENDS - timedelta(days=3))
    assert len(mails(watched)) == 1

    later = ENDS + timedelta(days=365)
    watched.sandbox.control.change_application(watched.sandbox.client_id, secret_ends=later.timestamp())
    look(watched, ENDS)
    assert len(mails(watched)) == 1
    look(watched, later - timedelta(days=30))
    assert len(mails(watched)) == 2


def test_a_mail_that_was_not_taken_is_sent_the_next_time(watched: World, settings: Settings) -> None:
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    look(watched, ENDS - timedelta(days=20))
    settings.EMAIL_PORT = right

    look(watched, ENDS - timedelta(days=19))

    assert len(mails(watched)) == 1


def test_what_an_administrator_entered_stands_where_the_tenant_does_not_say(watched: World) -> None:
    watched.sandbox.control.change_application(watched.sandbox.client_id, revoke="Application.Read.All")
    type(watched.tenant).objects.update(secret_expires_on=date(2027, 1, 31))

    look(watched, datetime(2027, 1, 25, tzinfo=UTC))

    assert watched.tenant.secret_expires_on == date(2027, 1, 31)
    assert len(mails(watched)) == 1


def test_a_certificate_says_its_end_itself(watched: World) -> None:
    pair = certificate(ends=ENDS + timedelta(days=100))
    credential = Credential.objects.get(tenant=watched.tenant)
    credential.seal(pair)
    credential.save()
    watched.sandbox.control.change_application(watched.sandbox.client_id, certificates=[pair["public_certificate"]])

    look(watched, ENDS)

    assert watched.tenant.secret_expires_on == (ENDS + timedelta(days=100)).date()


def test_microsofts_own_provisioning_is_noticed_and_its_end_as_well(watched: World) -> None:
    control = watched.sandbox.control
    for state, found in (("Active", True), ("Disabled", False), ("Active", True)):
        control.knobs(microsoft_provisioning=state)
        look(watched, watched.now())
        assert watched.application.microsoft_provisions is found

    control.change_application(watched.sandbox.client_id, revoke="Synchronization.Read.All")
    look(watched, watched.now())
    assert watched.application.microsoft_provisions is None


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=5), timedelta(minutes=-5)])
def test_our_clock_is_compared_with_graphs(watched: World, ahead: timedelta) -> None:
    watched.wait(ahead)

    look(watched, watched.now())

    assert watched.tenant.clock_ahead is not None
    assert abs(watched.tenant.clock_ahead - ahead) < timedelta(seconds=30)


def test_a_tenant_that_does_not_answer_is_left_to_the_next_reading(watched: World) -> None:
    look(watched, watched.now())
    watched.sandbox.control.change_application(watched.sandbox.client_id, enabled=False)

    look(watched, ENDS - timedelta(days=5))

    assert watched.tenant.trouble_code == ""
    assert len(mails(watched)) == 1, "the day is known"


def test_the_task_of_every_hour_looks(watched: World) -> None:
    look_after(watched.tenant.pk)
    look_after(watched.tenant.pk + 1)  # disconnected meanwhile

    watched.tenant.refresh_from_db()
    assert watched.tenant.secret_expires_on == ENDS.date()
