"""Before Save: every page that changes the mapping first says who is touched, and saves exactly what it showed."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from portal import schemas
from provisioning.actions import mappings
from provisioning.engine import questions
from provisioning.models import Heartbeat, Job, Membership, Question
from provisioning.sentences import Sentence
from tests.portal.world import World, guid

QUERY = "?target=name.familyName"
SAME = 'Join("", [surname])'

FAMILY_NAME = {
    "kind": "Expression",
    "expression": 'IIF([department] = "IT", Append([surname], "-it"), [surname])',
    "target": "name.familyName",
    "apply": "Always",
}
SALES = {
    "title": "Sales only",
    "clause-TOTAL_FORMS": "1",
    "clause-INITIAL_FORMS": "0",
    "clause-0-attribute": "department",
    "clause-0-operator": "EQUALS",
    "clause-0-value": "Sales",
}


@pytest.fixture
def read(world: World) -> World:
    world.read()
    return world


def address(world: World, name: str, **more: Any) -> str:
    return reverse(name, kwargs={"application_id": world.gotomeeting.pk, **more})


def post(client: Client, world: World, name: str, data: dict[str, Any], query: str = "", **more: Any) -> HttpResponse:
    """With the version that the form was opened with, unless `data` has another."""
    world.job.refresh_from_db()
    given = {"version": world.job.schema_version, **data}
    return client.post(address(world, name, **more) + query, given)


def propose(client: Client, world: World, name: str, data: dict[str, Any], query: str = "", **more: Any) -> str:
    """The address of the page that says who is touched."""
    response = post(client, world, name, data, query, **more)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def edit_family_name(client: Client, world: World, **data: Any) -> str:
    return propose(client, world, "attribute", {**FAMILY_NAME, **data}, QUERY)


def text(response: HttpResponse) -> str:
    """What the page says, without its markup."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def field(response: HttpResponse, name: str) -> str:
    """The value of the hidden field in the page's own form, the last of that name."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())[-1]


def back_to_the_form(client: Client, page: str) -> dict[str, str]:
    """What the button sends with which somebody goes back to what was typed."""
    markup = client.get(page).content.decode()
    form = markup.partition('id="typed-before"')[2].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in hidden} | {"edit": "1"}


def rows(world: World) -> list[dict[str, Any]]:
    return list(schemas.users_mapping(schema(world))["attributeMappings"])


def row(world: World, target: str) -> dict[str, Any]:
    return next(each for each in rows(world) if each["targetAttributeName"] == target)


def schema(world: World) -> dict[str, Any]:
    return dict(Job.objects.get(pk=world.job.pk).schema)


def test_a_mapping_is_saved_after_it_was_seen_who_is_touched(read: World, administrator: Client) -> None:
    before = schema(read)

    page = edit_family_name(administrator, read)
    told = text(administrator.get(page))

    assert schema(read) == before
    assert "5 people are changed, 1 person is created." in told
    jan = read.people[2]
    assert f"{jan.display_name} · {jan.user_principal_name}" in told
    assert f"{jan.attributes['surname']} → {jan.attributes['surname']}-it" in told
    assert read.people[1].display_name not in told
    assert '[surname] IIF([department] = "IT"' in told  # what is saved, old and new

    response = administrator.post(page)

    assert response["Location"] == address(read, "mapping")
    assert row(read, "name.familyName")["source"]["name"] == "IIF"
    read.job.refresh_from_db()
    assert (read.job.watermark, read.job.schema_version) == (0, 2)
    assert administrator.get(page)["Location"] == address(read, "mapping")


def test_who_touches_nobody_is_told_so_and_saves_at_once(read: World, administrator: Client) -> None:
    page = edit_family_name(administrator, read, expression=SAME)

    assert "Nobody is touched. For everybody the new mapping decides what today's decides." in text(
        administrator.get(page)
    )
    administrator.post(page)
    assert row(read, "name.familyName")["source"]["expression"] == SAME

    response = post(administrator, read, "attribute", {**FAMILY_NAME, "expression": SAME}, QUERY)
    assert response["Location"] == address(read, "mapping")
    assert "Nothing was changed." in administrator.get(response["Location"]).content.decode()


def test_deleting_and_restoring_ask_in_the_same_way(read: World, administrator: Client) -> None:
    page = propose(administrator, read, "attribute-delete", {"target": "locale"})
    told = text(administrator.get(page))
    assert "Delete the mapping of locale?" in administrator.get(page).content.decode()
    assert "4 people are created." in told  # without a locale
    administrator.post(page)
    assert "locale" not in [each["targetAttributeName"] for each in rows(read)]

    page = propose(administrator, read, "restore-defaults", {})
    assert "Restore default mappings?" in administrator.get(page).content.decode()
    administrator.post(page)
    assert row(read, "locale")

    response = post(administrator, read, "attribute-delete", {"target": "name.familyName"})
    assert response.status_code == 422
    assert "The mapping of name.familyName is required, and cannot be deleted" in response.content.decode()


def test_many_removals_have_to_be_typed(read: World, administrator: Client) -> None:
    Job.objects.update(scope=Job.Scope.ALL)
    page = propose(administrator, read, "scope-add", {**SALES, "clause-0-value": "Nobody"})
    told = text(administrator.get(page))
    assert "16 people are disabled" in told
    assert "Save and take access from 16 people" in told
    assert "today: Stays as it is" in told

    for given in ({}, {"typed": "15"}):
        refused = administrator.post(page, given)
        assert refused.status_code == 422
        assert "Type 16 to confirm." in text(refused)
        assert schemas.filter_groups(schema(read)) == []

    assert administrator.post(page, {"typed": "16"})["Location"] == address(read, "scope")
    assert len(schemas.filter_groups(schema(read))) == 1

    page = propose(administrator, read, "scope-delete", {}, number=0)
    assert "16 people keep what they have" in text(administrator.get(page))


def test_removals_beyond_the_threshold_are_told_to_wait(read: World, administrator: Client) -> None:
    Job.objects.update(deletion_threshold=1)
    page = propose(administrator, read, "scope-add", {**SALES, "clause-0-value": "Nobody"})
    assert "they would wait for your decision" in text(administrator.get(page))


def test_somebody_else_saved_meanwhile_and_nothing_typed_is_lost(read: World, administrator: Client) -> None:
    page = edit_family_name(administrator, read)
    others = schemas.without_attribute(schema(read), "locale")
    mappings.save(Job.objects.get(), others, by=None)

    for response in (administrator.get(page), administrator.post(page)):
        assert "Somebody else has saved the mapping meanwhile." in text(response)
        assert "nothing you entered is lost" in text(response)
    assert schema(read) == others

    back = administrator.post(address(read, "attribute") + QUERY, back_to_the_form(administrator, page))
    assert back.status_code == 200
    assert field(back, "version") == "2"
    assert "IIF([department] = &quot;IT&quot;" in back.content.decode()

    administrator.post(edit_family_name(administrator, read))
    assert row(read, "name.familyName")["source"]["name"] == "IIF"
    assert "locale" not in [each["targetAttributeName"] for each in rows(read)]


def test_a_form_of_an_older_version_keeps_what_was_typed(read: World, administrator: Client) -> None:
    mappings.save(Job.objects.get(), schemas.without_attribute(schema(read), "locale"), by=None)
    older = {"version": "1"}

    for name, data, query, typed in (
        ("attribute", FAMILY_NAME, QUERY, "IIF([department]"),
        ("attribute", {**FAMILY_NAME, "target": "locale", "matching": "on"}, "?target=locale", "IIF([department]"),
        ("scope-add", SALES, "", "Sales only"),
        ("mapping", {"enabled": "on", "create": "on", "delete": "on"}, "", 'name="delete" checked'),
    ):
        response = post(administrator, read, name, {**data, **older}, query)
        assert response.status_code == 422
        assert "Somebody else has saved the mapping meanwhile." in text(response)
        assert typed in response.content.decode()
        assert field(response, "version") == "2"
    assert not Question.objects.filter(kind=Question.Kind.IMPACT).exists()


def test_a_form_that_is_wrong_keeps_the_version_that_it_was_opened_with(read: World, administrator: Client) -> None:
    mappings.save(Job.objects.get(), schemas.without_attribute(schema(read), "locale"), by=None)
    response = post(administrator, read, "attribute", {**FAMILY_NAME, "expression": "Lef(", "version": "1"}, QUERY)
    assert response.status_code == 422
    assert field(response, "version") == "1"


def test_switches_of_the_object_mapping(read: World, administrator: Client) -> None:
    page = propose(administrator, read, "mapping", {"enabled": "on", "update": "on"})
    assert "4 people are left out." in text(administrator.get(page))

    back = administrator.post(address(read, "mapping"), back_to_the_form(administrator, page))
    assert back.status_code == 200
    assert 'name="create">' in back.content.decode()
    assert field(back, "version") == "1"

    administrator.post(page)
    assert schemas.actions_of(schema(read)) == {"create": False, "update": True, "delete": False}


def test_matching_attributes_are_reordered_without_dragging(read: World, administrator: Client) -> None:
    matched_as_well = {
        **FAMILY_NAME,
        "kind": "Direct",
        "source_attribute": "surname",
        "matching": "on",
        "precedence": "2",
    }
    administrator.post(propose(administrator, read, "attribute", matched_as_well, QUERY))
    assert administrator.get(address(read, "mapping")).content.decode().count("Try earlier:") == 1

    page = propose(administrator, read, "precedence", {"target": "name.familyName"})
    told = text(administrator.get(page))
    assert "Attribute mapping userName Matching precedence 1 2" in told
    administrator.post(page)

    assert [row(read, name)["matchingPriority"] for name in ("userName", "name.familyName")] == [2, 1]


def test_what_was_never_read_is_said_and_can_be_saved(read: World, administrator: Client) -> None:
    page = propose(administrator, read, "scope-add", {**SALES, "clause-0-attribute": "companyName"})
    told = text(administrator.get(page))
    assert "Not read from the directory yet: companyName." in told
    assert "Nobody is touched" not in told

    reading = administrator.post(page, {"read": "1"})["Location"]
    assert reading != page
    assert "Waiting for a worker…" in text(administrator.get(reading))
    asked = Question.objects.latest("pk")
    assert (asked.arguments["read"], asked.application) == (True, read.gotomeeting)
    Question.objects.filter(pk=asked.pk).update(taken_at=now())
    assert "Reading the directory" in text(administrator.get(reading))

    administrator.post(page)
    assert len(schemas.filter_groups(schema(read))) == 1


def test_a_large_directory_is_decided_by_a_worker(read: World, administrator: Client) -> None:
    strangers = [
        Membership(tenant=read.contoso, group_id=read.sales.object_id, member_id=guid(10_000 + number), reading=1)
        for number in range(mappings.AT_ONCE)
    ]
    Membership.objects.bulk_create(strangers)

    page = edit_family_name(administrator, read)
    assert "Waiting for a worker…" in text(administrator.get(page))
    assert administrator.post(page).status_code == 200
    assert row(read, "name.familyName")["source"]["name"] == "surname"
    Heartbeat.objects.update(at=read.at - timedelta(minutes=10))
    assert "No cycle runs until a worker" in text(administrator.get(page))
    question = Question.objects.get(kind=Question.Kind.IMPACT)
    Question.objects.update(taken_at=now(), answer={"people": 1000, "concerned": 5012})
    assert "1,000 of 5,012 people decided" in text(administrator.get(page))

    Question.objects.update(taken_at=None, answer=None)
    questions.answer(question, now)

    assert "5 people are changed, 1 person is created." in text(administrator.get(page))
    administrator.post(page)
    assert row(read, "name.familyName")["source"]["name"] == "IIF"


def test_a_worker_that_fails_does_not_keep_anybody_from_saving(read: World, administrator: Client) -> None:
    page = edit_family_name(administrator, read)
    questions.fail(Question.objects.get(), "InternalError", Sentence("The worker met a fault of its own."), now())

    told = text(administrator.get(page))
    assert "The worker met a fault of its own." in told
    assert "whom it touches is not known then" in told

    administrator.post(page)
    assert row(read, "name.familyName")["source"]["name"] == "IIF"


def test_the_page_speaks_dutch(read: World, administrator: Client) -> None:
    page = edit_family_name(administrator, read)
    told = text(administrator.get(page, headers={"Accept-Language": "nl"}))
    assert "5 personen worden gewijzigd, 1 persoon wordt gemaakt." in told
