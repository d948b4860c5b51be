"""The provisioning log: what a filter finds, paging by key, downloads, and names that mean harm."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from portal.export import CSV_FILES
from portal.log_pages import key_of, log_page, newer_count
from portal.logs import LogFilter
from provisioning.models import Change, DirectoryObject
from tests.portal.world import World

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("https://example.com","x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\u202egnp.exe",
    "{{ 7|add:7 }} {% url 'home' %}",
    "x" * 255,
]


def asked(query: str) -> LogFilter:
    return LogFilter(QueryDict(query))


def content(response) -> str:  # type: ignore[no-untyped-def]
    return b"".join(response.streaming_content).decode()


def test_skipped_people_are_shown_only_when_asked_for(world: World) -> None:
    assert "skipped" not in {change.status for change in log_page(world.job, asked("range=all"), 500).changes}
    assert {change.status for change in log_page(world.job, asked("status=skipped&range=all")).changes} == {"skipped"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=Priya", {"Priya Raghunathan"}),
        ("q=person5@contoso.com", {"Priya Raghunathan"}),
        ("code=MandatoryFieldsMissing", {"Tomás Ó Briain"}),
        ("q=nobody+of+this+name", set()),
    ],
)
def test_a_filter_finds_the_people_it_names(world: World, query: str, found: set[str]) -> None:
    page = log_page(world.job, asked(query), 500)
    assert {change.identity.partition(" <")[0] for change in page.changes} == found


@pytest.mark.parametrize(
    "query",
    ["cycle=nonsense", "person=1e5", "range=custom&from=x&to=y", "before=~&after=", "before=9999-99-99T~5", "q=%00"],
)
def test_what_an_address_asks_wrongly_is_left_out(world: World, administrator: Client, query: str) -> None:
    assert administrator.get(f"{reverse('logs', args=(world.gotomeeting.pk,))}?{query}").status_code == 200


def test_pages_go_through_every_row_once_and_back(world: World) -> None:
    everything = [change.pk for change in log_page(world.job, asked("range=all"), 1000).changes]
    seen, query = [], "range=all"
    pages = []
    while True:
        page = log_page(world.job, asked(query), 7)
        pages.append([change.pk for change in page.changes])
        seen += pages[-1]
        if not page.older:
            break
        query = f"range=all&before={page.older.replace('+', '%2B')}"
    assert seen == everything

    last = log_page(world.job, asked(query), 7)
    back = log_page(world.job, asked(f"range=all&after={last.newer.replace('+', '%2B')}"), 7)
    assert [change.pk for change in back.changes] == pages[-2]


def test_a_search_looks_at_a_window_of_rows_at_a_time_and_goes_on_where_it_paused(world: World) -> None:
    everything = log_page(world.job, asked("range=all&q=Sofia"), 500).changes
    query, seen, pauses = "range=all&q=Sofia", [], []
    while True:
        page = log_page(world.job, asked(query), 2, window=15)
        seen += page.changes
        pauses += [page.looked_to] if page.looked_to else []
        if not page.older:
            break
        query = f"range=all&q=Sofia&before={page.older.replace('+', '%2B')}"
    assert seen == everything
    assert len(everything) > 2
    assert len(pauses) > 2
    assert pauses == sorted(pauses, reverse=True)

    assert log_page(world.job, asked("range=all&q=nobody+of+this+name"), window=15).count is None
    assert log_page(world.job, asked("range=all&q=nobody+of+this+name")).count == 0


def test_a_search_goes_back_to_newer_rows_by_windows_as_well(world: World) -> None:
    oldest = log_page(world.job, asked("range=all"), 500).changes[-1]
    query, seen = f"after={key_of(oldest).replace('+', '%2B')}", []
    while query:
        page = log_page(world.job, asked(f"range=all&q=Sofia&{query}"), 2, window=15)
        seen += reversed(page.changes)
        query = page.newer and f"after={page.newer.replace('+', '%2B')}"
    assert seen[::-1] == log_page(world.job, asked("range=all&q=Sofia"), 500).changes


def test_an_id_finds_the_row_the_person_or_the_cycle_that_has_it(world: World) -> None:
    change = Change.objects.filter(status="success", cycle__isnull=False).latest("pk")
    assert change.cycle and change.subject
    for named, fits in (
        (change.change_id, {"pk": change.pk}),
        (change.subject.object_id, {"subject": change.subject}),
        (change.cycle.cycle_id, {"cycle": change.cycle}),
    ):
        wanted = Change.objects.filter(status__in=Change.SETTLED, **fits)
        assert set(log_page(world.job, asked(f"range=all&status=all&q={named}"), 500).changes) == set(wanted)
    assert log_page(world.job, asked("range=all&status=all&q=8c1f0c0e-0000-4000-8000-000000000001")).changes == []
    assert log_page(world.job, asked("status=all&cycle=8c1f0c0e-0000-4000-8000-000000000001")).changes == []


def test_rows_that_come_later_are_told(world: World) -> None:
    newest = log_page(world.job, asked("")).newest.replace("+", "%2B")
    assert newer_count(world.job, asked(f"after={newest}")) == 0
    world.change(world.people[3], action="update", status="success", ago=timedelta(seconds=-5))
    assert newer_count(world.job, asked(f"after={newest}")) == 1


def test_the_json_download_has_the_filter_and_every_row(world: World, reader: Client) -> None:
    address = reverse("log-download", args=(world.gotomeeting.pk, "ProvisioningLogs.json"))
    rows = json.loads(content(reader.get(f"{address}?status=failure&range=all")))
    assert len(rows) == Change.objects.filter(job=world.job, status="failure").count()
    assert {row["provisioningStatusInfo"]["status"] for row in rows} == {"failure"}


def test_the_three_csv_files_join_on_the_change_id(world: World, reader: Client) -> None:
    tables = {}
    for name in CSV_FILES:
        address = reverse("log-download", args=(world.gotomeeting.pk, f"{name}.csv"))
        text = content(reader.get(f"{address}?range=all")).removeprefix("\ufeff")
        tables[name] = list(csv.DictReader(io.StringIO(text)))
    ids = {row["changeId"] for row in tables["ProvisioningLogs"]}
    assert ids
    for name in ("ProvisioningLogs_ProvisioningSteps", "ProvisioningLogs_ModifiedProperties"):
        assert {row["changeId"] for row in tables[name]} <= ids
    assert {row["provisioningStepType"] for row in tables["ProvisioningLogs_ProvisioningSteps"]} >= {"import", "export"}


def test_a_file_speaks_english_whatever_the_reader_speaks(world: World, reader: Client) -> None:
    address = reverse("log-download", args=(world.gotomeeting.pk, "ProvisioningLogs_ProvisioningSteps.csv"))
    text = content(reader.get(f"{address}?range=all", headers={"Accept-Language": "nl"}))
    assert "was read from the directory" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_harmless_everywhere(world: World, administrator: Client, name: str) -> None:
    person = world.people[0]
    DirectoryObject.objects.filter(pk=person.pk).update(display_name=name)
    person.refresh_from_db()
    change = world.change(person, action="create", status="failure", code="EntryConflict")
    Change.objects.filter(pk=change.pk).update(
        identity=name, reason=name, modified=[{"name": name, "old": name, "new": name}]
    )
    pk = world.gotomeeting.pk
    addresses = [
        reverse("logs", args=(pk,)),
        reverse("log", args=(pk, change.change_id)),
        reverse("directory-object", args=(person.pk,)),
        reverse("overview", args=(pk,)),
        f"{reverse('principals', args=(pk,))}?q=",
    ]
    for address in addresses:
        text = administrator.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    for file in CSV_FILES:
        text = content(administrator.get(reverse("log-download", args=(pk, f"{file}.csv"))))
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
