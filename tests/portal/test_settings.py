"""The page of the settings: what is saved counts, what is set outside stays, and a message can be tried first."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from provisioning.engine import questions
from provisioning.models import AuditEntry, Installation, Question
from tests.portal.conftest import Open, signed_in
from tests.portal.world import World
from tests.sandbox_process import SandboxProcess

PAGE = "/settings"


@pytest.fixture(autouse=True)
def nothing_set_outside(settings: Settings) -> None:
    settings.SET_OUTSIDE = frozenset()


@pytest.fixture
def administrator(db: None) -> Client:
    """Nobody's world is needed here."""
    World.user("admin", "Administrators")
    return signed_in("admin")


def filled(client: Client, **changes: Any) -> dict[str, Any]:
    """The form as the page shows it, with changes."""
    form = client.get(PAGE).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (shown | changes).items()}


def test_saving_changes_what_counts(administrator: Client) -> None:
    given = filled(administrator, language="nl", time_zone="Asia/Tokyo", log_days="", interval="60")

    response = administrator.post(PAGE, given)

    assert response.status_code == 302
    counts = Installation.in_force()
    assert (counts.language, counts.time_zone, counts.log_days) == ("nl", "Asia/Tokyo", None)
    names = {change["name"] for change in AuditEntry.objects.latest("pk").changes}
    assert names == {"language", "time_zone", "log_days", "interval"}
    assert administrator.post(PAGE, filled(administrator)).status_code == 302
    assert Installation.objects.get().public_url == "", "what was not touched keeps its default"


def test_pages_follow_them(administrator: Client) -> None:
    administrator.post(PAGE, filled(administrator, language="nl", time_zone="Asia/Tokyo"))

    page = administrator.get(reverse("health")).content.decode()
    assert '<html lang="nl"' in page and "JST" in page
    english = {"Accept-Language": "en-GB,en;q=0.8"}
    assert '<html lang="en"' in administrator.get(reverse("health"), headers=english).content.decode()
    administrator.cookies["timezone"] = "Europe/Amsterdam"
    assert "JST" not in administrator.get(reverse("health")).content.decode()


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(administrator: Client) -> None:
    response = administrator.post(PAGE, filled(administrator, public_url="nowhere", log_days="0"))

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"log_days"}
    response = administrator.post(PAGE, filled(administrator, public_url="nowhere"))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"public_url"}
    assert not Installation.objects.exists()


def test_what_is_set_outside_cannot_be_changed_here(administrator: Client, settings: Settings) -> None:
    settings.SET_OUTSIDE = frozenset({"EMAIL_URL", "TIME_ZONE"})
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.contoso.com", 587

    page = administrator.get(PAGE).content.decode()
    administrator.post(PAGE, filled(administrator) | {"mail_host": "other.contoso.com", "time_zone": "Asia/Tokyo"})

    assert "Set by EMAIL_URL outside of this page." in page and "mail.contoso.com:587" in page
    assert "mail_password" not in page
    assert "Set by TIME_ZONE outside of this page." in page
    assert not Installation.objects.exclude(mail_host="", time_zone="").exists()


def test_the_password_is_never_shown(administrator: Client) -> None:
    given = filled(administrator, mail_host="mail.contoso.com", mail_user="rollcall", mail_password="S3cret!")
    administrator.post(PAGE, given)

    page = administrator.get(PAGE).content.decode()

    assert "Saved. Leave it empty to keep it." in page and "S3cret!" not in page
    wrong = administrator.post(PAGE, given | {"mail_port": "x"}).content.decode()
    assert "S3cret!" not in wrong


def test_a_reader_sees_and_changes_nothing(db: None) -> None:
    World.user("reader", "Readers")
    client = signed_in("reader")

    page = client.get(PAGE)

    assert page.status_code == 200 and "<fieldset disabled>" in page.content.decode()
    assert client.post(PAGE, {}).status_code == client.post(reverse("settings-test"), {}).status_code == 403


def test_a_message_goes_through_the_server_that_is_typed_before_it_is_saved(
    administrator: Client, sandbox: SandboxProcess
) -> None:
    server = {"mail_host": sandbox.smtp_host, "mail_port": str(sandbox.smtp_port), "mail_security": "none"}
    given = filled(administrator, **server, mail_sender="IT <it@contoso.com>", recipient="anna@contoso.com")

    page = administrator.post(reverse("settings-test"), given)

    assert page.status_code == 200 and 'value="IT &lt;it@contoso.com&gt;"' in page.content.decode()
    question = Question.objects.get(kind=Question.Kind.TEST_MAIL)
    questions.answer(question, lambda: question.asked_at)
    question.refresh_from_db()
    assert question.state == "answered", question.error
    assert question.arguments == {"recipient": "anna@contoso.com"}
    (letter,) = sandbox.control.mail("smtp")
    assert letter["recipients"] == ["anna@contoso.com"] and "it@contoso.com" in letter["sender"]
    assert not Installation.objects.exists(), "nothing was saved"


def test_a_server_that_cannot_be_reached_is_told(administrator: Client) -> None:
    given = filled(administrator, mail_host="127.0.0.1", mail_port="9", mail_security="none", recipient="a@contoso.com")
    administrator.post(reverse("settings-test"), given, headers={"HX-Request": "true"})
    question = Question.objects.get(kind=Question.Kind.TEST_MAIL)

    questions.answer(question, lambda: question.asked_at)

    question.refresh_from_db()
    assert (question.state, question.error_code) == ("failed", "MailNotSent")
    refused = administrator.post(
        reverse("settings-test"), given | {"recipient": "nobody"}, headers={"HX-Request": "true"}
    )
    assert "This is not an e-mail address." in refused.content.decode()


def test_who_gets_a_test_message_is_no_unsaved_change(administrator: Client, open_page: Open) -> None:
    page = open_page(PAGE)
    page.fill("[name=recipient]", "anna@contoso.com")
    assert page.is_hidden("[data-unsaved]")
    page.fill("[name=log_days]", "30")
    assert page.inner_text("[data-unsaved]").strip() == "1 unsaved change: Keep provisioning logs, in days"
