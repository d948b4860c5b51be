"""Review your schema: the document goes out and comes in unchanged, and what is wrong is told with its place."""

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from provisioning.actions import mappings
from provisioning.mapping.schema import export
from provisioning.models import Job
from tests.portal.conftest import Open
from tests.portal.world import World

EXTRA = {"provisioningTaskIdentifier": "Foo.User", "x": {"z": 1, "a": [2.5, None, "é"]}}
PATH = "synchronizationRules[0].objectMappings[0].attributeMappings"


@pytest.fixture
def at(world: World) -> str:
    world.read()
    return reverse("schema", args=(world.gotomeeting.pk,))


def text(response: HttpResponse) -> str:
    """What the page says, without its markup."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def typed(response: HttpResponse) -> str:
    """What stands in the box."""
    box = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", response.content.decode(), re.S)
    assert box is not None
    return html.unescape(box[1])


def download(client: Client, at: str) -> bytes:
    response = client.get(f"{at}/download")
    assert response["Content-Disposition"] == 'attachment; filename="gotomeeting-schema.json"'
    return response.content


def upload(client: Client, at: str, content: bytes) -> HttpResponse:
    return client.post(at, {"file": SimpleUploadedFile("schema.json", content, "application/json")})


def save(client: Client, proposed: HttpResponse) -> None:
    """On the page that says who is touched."""
    assert proposed.status_code == 302, text(proposed)
    saved = client.post(proposed["Location"])
    assert saved.status_code == 302, text(saved)


def row(document: dict[str, Any], target: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = mappings.users_mapping(document)["attributeMappings"]
    return next(each for each in rows if each["targetAttributeName"] == target)


def test_out_and_in_and_out_again_gives_the_same_bytes(at: str, administrator: Client) -> None:
    first = download(administrator, at)
    assert typed(administrator.get(at)).encode() == first

    assert upload(administrator, at, first)["Location"] == at
    assert "Nothing was changed." in text(administrator.get(at))
    assert administrator.post(at, {"document": first.decode()})["Location"] == at
    with_other_line_ends = first.decode().replace("\n", "\r\n")  # as browsers send what stands in a box
    assert administrator.post(at, {"document": with_other_line_ends})["Location"] == at
    assert download(administrator, at) == first


def test_unknown_properties_survive_the_page(at: str, administrator: Client) -> None:
    document = json.loads(download(administrator, at)) | EXTRA
    row(document, "locale")["source"]["isRedacted"] = False
    document["@odata.context"] = "https://graph.microsoft.com/v1.0/$metadata#schema"

    proposed = upload(administrator, at, json.dumps(document).encode())
    page = text(administrator.get(proposed["Location"]))
    assert "Nobody is touched." in page
    assert "provisioningTaskIdentifier (none) Foo.User" in page
    save(administrator, proposed)

    first = download(administrator, at)
    stored = json.loads(first)
    assert {name: stored[name] for name in EXTRA} == EXTRA
    assert row(stored, "locale")["source"]["isRedacted"] is False
    assert "@odata.context" not in stored
    assert upload(administrator, at, first)["Location"] == at
    assert download(administrator, at) == first


def test_what_is_typed_is_told_in_words_with_who_is_touched_and_then_saved(at: str, administrator: Client) -> None:
    document = json.loads(download(administrator, at))
    row(document, "name.familyName")["source"] = {"expression": 'Append([surname], "-it")'}
    row(document, "locale")["flowType"] = "Always"
    mappings.users_mapping(document)["flowTypes"] = "Add"

    proposed = administrator.post(at, {"document": json.dumps(document, indent=1)})
    page = text(administrator.get(proposed["Location"]))

    assert 'Attribute mapping name.familyName Source attribute [surname] Append([surname], "-it")' in page
    assert "Attribute mapping locale Apply this mapping ObjectAddOnly Always" in page
    assert "Object mapping Target Object Actions Add, Update Add" in page
    assert "4 people are created" in page
    save(administrator, proposed)
    stored = json.loads(download(administrator, at))
    assert row(stored, "name.familyName")["source"]["name"] == "Append"
    assert stored == Job.objects.get().schema


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "Line 3, column 7: a colon is missing"),
        ('{"a": "x', "Line 1, column 7: this text has no closing quotation mark"),
        ("[1]", "Line 1, column 1: A schema is one JSON object."),
        ('{"directories": 5}', "Line 1, column 17 · directories : 5 is not a list."),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_was_typed_stays(
    wrong: str, told: str, at: str, administrator: Client
) -> None:
    before = download(administrator, at)
    for response in (administrator.post(at, {"document": wrong}), upload(administrator, at, wrong.encode())):
        assert response.status_code == 422
        assert told in text(response)
        assert typed(response) == wrong
    assert download(administrator, at) == before


def test_a_fault_of_the_mapping_has_its_line_and_its_path(at: str, administrator: Client) -> None:
    document = json.loads(download(administrator, at))
    row(document, "name.familyName")["source"] = {"expression": "ToLowr([surname])"}
    row(document, "locale")["targetAttributeName"] = "shoeSize"
    lines = export(document).decode().split("\n")

    response = administrator.post(at, {"document": "\n".join(lines)})

    page = text(response)
    line = next(number for number, each in enumerate(lines, 1) if "shoeSize" in each)
    column = lines[line - 1].index('"shoeSize"') + 1
    assert f"Line {line}, column {column} · {PATH}[4].targetAttributeName : The target has no attribute" in page
    assert f"{PATH}[2].source.expression : There is no function ToLowr. Did you mean ToLower?" in page
    assert "Line 1, column 1" not in page


def test_somebody_else_saved_meanwhile(at: str, world: World, administrator: Client) -> None:
    document = json.loads(download(administrator, at))
    row(document, "locale")["flowType"] = "Always"
    others = json.loads(download(administrator, at)) | EXTRA
    mappings.save(Job.objects.get(), others, by=None)

    response = administrator.post(at, {"document": json.dumps(document), "version": "1"})

    assert response.status_code == 422
    assert "Somebody else has saved the mapping meanwhile." in text(response)
    assert json.loads(typed(response)) == document
    assert Job.objects.get().schema == others


def test_readers_read_it(at: str, reader: Client) -> None:
    page = reader.get(at)
    assert " readonly" in page.content.decode()
    assert "Upload" not in text(page)
    assert json.loads(download(reader, at)) == Job.objects.get().schema
    assert reader.post(at, {"document": "{}"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_editor_names_the_change_and_underlines_the_fault(world: World, open_page: Open) -> None:
    """The browser logs every answer of 422 as an error of its own, so it may speak here."""
    page = open_page(reverse("schema", args=(world.gotomeeting.pk,)), silent=False)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.type(' "a" 1,')
    assert page.locator("[data-unsaved]").inner_text() == "1 unsaved change: Schema"

    page.keyboard.press("Control+S")
    page.locator("[data-error-summary]").wait_for()

    assert "Line 1, column 7: a colon is missing" in page.locator("[data-error-summary]").inner_text()
    assert page.locator(".cm-lintRange-error").first.inner_text() == "1"
    assert page.locator(".cm-content").get_attribute("aria-invalid") == "true"
