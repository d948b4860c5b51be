"""Delta rounds of the sandbox's directory, and of servers that lie."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.connectors.base import Unpaced
from provisioning.connectors.graph.delta import pages
from provisioning.connectors.graph.names import graph_select
from provisioning.connectors.graph.records import Kind, MemberRow, ObjectRow, Page
from provisioning.connectors.graph.source import GraphSource
from provisioning.connectors.http import ConnectorSession
from provisioning.errors import (
    ConfigurationError,
    DeltaLinkExpired,
    PermissionMissing,
    ReadingRefused,
    TransientError,
)
from tests.connectors.directory import Directory
from tests.connectors.raw_server import RawServer, http, raw_server, says
from tests.sandbox_process import Control, SandboxProcess

SELECT = graph_select(["givenName", "surname", "telephoneNumber", "extensionAttribute3"])
WITH_MANAGER = [*SELECT, "manager"]
Rounds = Callable[..., "Round"]


class Round:
    """All rows of a finished round."""

    def __init__(self, read: Iterator[Page]) -> None:
        self.pages = list(read)
        self.objects = [row for page in self.pages for row in page.objects]
        self.members = [row for page in self.pages for row in page.members]
        self.link = self.pages[-1].delta_link or ""
        assert all(page.delta_link is None for page in self.pages[:-1])

    def by_id(self) -> dict[str, ObjectRow]:
        return {row.id: row for row in self.objects}


@pytest.fixture
def directory(sandbox: SandboxProcess, control: Control) -> Iterator[Directory]:
    administrator = Directory(sandbox)
    yield administrator
    administrator.session.close()


def test_a_full_round_brings_everybody_in_the_names_of_the_mappings(
    source: GraphSource, directory: Directory, control: Control
) -> None:
    people = directory.add_people("Britta Simon", "Adele Vance", businessPhones=["+31 20 1234567"])
    control.clear_requests()

    full = Round(source.round("users", None, SELECT))

    britta = full.by_id()[people[0]]
    assert set(full.by_id()) == set(people)
    assert (britta.kind, britta.removed, britta.complete) == ("user", "", True)
    assert britta.attributes["objectId"] == people[0]
    assert britta.attributes["telephoneNumber"] == "+31 20 1234567"
    assert (britta.attributes["givenName"], britta.attributes["accountEnabled"]) == ("Britta", True)
    headers = {name.lower(): value for name, value in control.requests("graph")[-1]["headers"].items()}
    assert headers["x-ms-throttle-priority"] == "Low"
    assert len(headers["client-request-id"]) == 36


def test_an_incremental_round_brings_what_changed_and_keeps_absent_apart_from_emptied(
    source: GraphSource, directory: Directory
) -> None:
    people = directory.add_people("Britta Simon", "Adele Vance", "Carla Ruiz")
    first = Round(source.round("users", None, SELECT))
    directory.change(people[0], surname="Simon-Berg", givenName=None)
    directory.delete(people[1])
    directory.delete_for_good(people[2])

    second = Round(source.round("users", first.link))

    rows = second.by_id()
    assert set(rows) == set(people)
    assert rows[people[0]].attributes["surname"] == "Simon-Berg"
    assert rows[people[0]].attributes["givenName"] is None
    assert "extensionAttribute3" not in rows[people[0]].attributes
    assert not rows[people[0]].complete
    assert [rows[person].removed for person in people] == ["", "changed", "deleted"]
    assert Round(source.round("users", second.link)).objects == []


def test_the_manager_comes_goes_and_changes(source: GraphSource, directory: Directory) -> None:
    boss, other, person = directory.add_people("Boss One", "Boss Two", "Adele Vance")
    directory.set_manager(person, boss)

    link, managers = None, []
    for manager in (other, None):
        taken = Round(source.round("users", link, WITH_MANAGER))
        managers.append(taken.by_id()[person].attributes["manager"])
        directory.set_manager(person, manager)
        link = taken.link
    managers.append(Round(source.round("users", link)).by_id()[person].attributes["manager"])

    assert managers == [boss, other, None]


def test_members_are_followed_for_the_groups_that_matter(source: GraphSource, directory: Directory) -> None:
    britta, adele = directory.add_people("Britta Simon", "Adele Vance")
    nested = directory.add_group("Nested")
    sales, other = directory.add_group("Sales", britta, nested), directory.add_group("Other", adele)

    first = Round(source.round("members", None, group_ids=[sales]))
    directory.join(sales, adele)
    directory.leave(sales, britta)
    directory.join(other, britta)
    second = Round(source.round("members", first.link))

    assert {(row.member_id, row.member_kind, row.removed) for row in first.members} == {
        (britta, "user", False),
        (nested, "group", False),
    }
    assert [row.id for row in first.objects] == [sales]
    assert {(row.group_id, row.member_id, row.removed) for row in second.members} == {
        (sales, adele, False),
        (sales, britta, True),
    }


def test_a_group_without_members_and_a_deleted_group_are_told(source: GraphSource, directory: Directory) -> None:
    empty = directory.add_group("Empty")

    first = Round(source.round("members", None, group_ids=[empty]))
    directory.send("DELETE", f"/groups/{empty}")
    second = Round(source.round("members", first.link))

    assert (first.members, [row.id for row in first.objects]) == ([], [empty])
    assert [(row.id, bool(row.removed)) for row in second.objects] == [(empty, True)]


def test_groups_come_without_members(source: GraphSource, directory: Directory) -> None:
    (person,) = directory.add_people("Adele Vance")
    sales = directory.add_group("Sales", person)

    full = Round(source.round("groups", None, graph_select([], "groups")))

    assert full.by_id()[sales].attributes["displayName"] == "Sales"
    assert full.by_id()[sales].complete and full.members == []


def test_a_large_group_is_spread_over_pages(source: GraphSource, directory: Directory, control: Control) -> None:
    people = directory.add_crowd(30)
    sales = directory.add_group("Sales", *people)
    control.knobs(delta_page_links=7)

    full = Round(source.round("members", None, group_ids=[sales]))

    assert len(full.pages) >= 5
    assert {row.member_id for row in full.members} == set(people)


def test_a_round_goes_on_where_it_was_interrupted(source: GraphSource, directory: Directory, control: Control) -> None:
    people = directory.add_crowd(9)
    control.knobs(empty_pages=True)
    reading = source.round("users", None, SELECT)
    first = next(reading)

    rest = Round(source.round("users", None, SELECT, resume=first.next_link))

    assert {row.id for row in (*first.objects, *rest.objects)} == set(people)
    assert all(row.complete for row in rest.objects)


@pytest.mark.parametrize(
    "knobs",
    [{"delta_duplicates": True}, {"delta_shuffled": True}, {"empty_pages": True}, {"delta_replays": 3}],
    ids=str,
)
def test_repetitions_and_disorder_change_nothing_in_the_end(
    source: GraphSource, directory: Directory, control: Control, knobs: dict[str, Any]
) -> None:
    people = directory.add_people("Britta Simon", "Adele Vance", "Carla Ruiz")
    control.knobs(**knobs)
    first = Round(source.round("users", None, SELECT))
    directory.change(people[1], surname="New")
    second = Round(source.round("users", first.link))

    assert set(first.by_id()) == set(people)
    assert second.by_id()[people[1]].attributes["surname"] == "New"


@pytest.mark.parametrize(
    "spelling",
    ["410 resyncRequired", "400 syncStateNotFound", "400 Request_UnsupportedQuery", "400 Directory_ExpiredPageToken"],
)
def test_an_expired_delta_link_asks_for_a_full_round_in_every_spelling(
    source: GraphSource, control: Control, spelling: str
) -> None:
    link = Round(source.round("users", None, SELECT)).link
    control.knobs(delta_expiry=spelling)
    control.advance(8 * 86400)

    with pytest.raises(DeltaLinkExpired):
        list(source.round("users", link))


def test_a_mistake_in_the_query_is_not_taken_for_an_expired_link(source: GraphSource) -> None:
    with pytest.raises(ConfigurationError, match="favouriteColour"):
        list(source.round("users", None, ["id", "favouriteColour"]))
    with pytest.raises(ConfigurationError):
        list(source.round("users", None, ["id", "aboutMe"]))


def test_more_than_fifty_groups_are_not_asked_for_at_once(source: GraphSource, control: Control) -> None:
    for group_ids in ([], ["x"] * 51):
        with pytest.raises(ValueError, match="1 to 50"):
            source.round("members", None, group_ids=group_ids)
    assert control.requests() == []


def test_a_link_of_another_graph_root_is_not_followed_and_starts_anew(source: GraphSource, control: Control) -> None:
    with pytest.raises(DeltaLinkExpired):
        list(source.round("users", "https://elsewhere.example/v1.0/users/delta?$deltatoken=x"))
    assert control.requests() == []


def test_the_token_never_travels_to_a_host_that_an_answer_names(
    source: GraphSource, directory: Directory, control: Control
) -> None:
    directory.add_people("Adele Vance")
    with raw_server(says(http())) as elsewhere:
        control.faults({"server": "graph", "path": "delta", "what": "foreign_next_link", "host": elsewhere.url})

        with pytest.raises(ReadingRefused, match="another host"):
            list(source.round("users", None, SELECT))

        assert elsewhere.heard == []


@pytest.mark.parametrize("collection", ["assignments", "members"])
def test_nor_does_it_when_a_listing_names_one(
    source: GraphSource, directory: Directory, control: Control, collection: str
) -> None:
    group = directory.add_group("Sales")
    application = source.find_service_principals("GoToMeeting")[0].id
    with raw_server(says(http())) as elsewhere:
        control.faults({"server": "graph", "what": "foreign_next_link", "host": elsewhere.url})

        with pytest.raises(ReadingRefused, match="another host"):
            source.assignments(application) if collection == "assignments" else source.group_members(group)

        assert elsewhere.heard == []


def test_a_page_that_repeats_is_refused(source: GraphSource, directory: Directory, control: Control) -> None:
    directory.add_people("Adele Vance")
    control.faults({"server": "graph", "path": "delta", "what": "repeated_page"})

    with pytest.raises(ReadingRefused, match="twice"):
        list(source.round("users", None, SELECT))


@pytest.mark.parametrize("what", ["truncated_json", "html_200", "empty_200", "reset_before"])
def test_trouble_on_the_way_is_repeated_and_then_transient(
    open_source: Callable[..., GraphSource], directory: Directory, control: Control, what: str
) -> None:
    directory.add_people("Adele Vance")
    control.faults({"server": "graph", "path": "delta", "what": what, "count": 1})
    assert len(Round(open_source().round("users", None, SELECT)).objects) == 1

    control.faults({"server": "graph", "path": "delta", "what": what})
    with pytest.raises(TransientError):
        list(open_source(budget=2.0).round("users", None, SELECT))


def test_a_missing_permission_is_named(source: GraphSource, control: Control, sandbox: SandboxProcess) -> None:
    control.change_application(
        sandbox.client_id,
        revoke=["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
    )
    with pytest.raises(PermissionMissing) as raised:
        list(source.round("users", None, SELECT))
    assert raised.value.permission == "User.Read.All"


class LyingGraph:
    """Answers delta requests with the given pages, over http, behind the sandbox's real token service."""

    def __init__(self, source: GraphSource, server: RawServer) -> None:
        self._client = source._client
        self._client.root = server.url
        self.server = server

    def round(self, kind: Kind = "users") -> list[Page]:
        return list(pages(self._client, kind, f"{self.server.url}/v1.0/{kind}/delta", full=True))


def page(value: object, **links: str) -> bytes:
    return orjson.dumps({"value": value} | {f"@odata.{name}": link for name, link in links.items()})


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ([], {}),
        ([], {"nextLink": "{root}/v1.0/x", "deltaLink": "{root}/v1.0/y"}),
        ([], {"deltaLink": ""}),
        ([], {"deltaLink": 7}),
        ([], {"deltaLink": "https://elsewhere.example/v1.0/x"}),
        ([], {"nextLink": "{root}.evil.example/v1.0/x"}),
        (None, {"deltaLink": "{root}/v1.0/x"}),
        ({}, {"deltaLink": "{root}/v1.0/x"}),
        (["text"], {"deltaLink": "{root}/v1.0/x"}),
        ([{"displayName": "no id"}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": 7}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": ""}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "a", "@removed": {"reason": "vanished"}}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "a", "@removed": "yes"}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "a", "businessPhones": 7}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "a", "manager@delta": [{}]}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "g", "members@delta": [{"id": None}]}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "g", "members@delta": ["m"]}], {"deltaLink": "{root}/v1.0/x"}),
        ([{"id": "a", "onPremisesExtensionAttributes": 7}], {"deltaLink": "{root}/v1.0/x"}),
    ],
    ids=str,
)
def test_a_page_that_is_not_what_graph_promises_is_refused(
    source: GraphSource, value: object, links: dict[str, Any]
) -> None:
    with raw_server(says(b"")) as server:
        filled = {
            f"@odata.{name}": link.replace("{root}", server.url) if isinstance(link, str) else link
            for name, link in links.items()
        }
        server.speeches = [says(http(body=orjson.dumps({"value": value} | filled)))]

        with pytest.raises(ReadingRefused) as raised:
            LyingGraph(source, server).round()

        assert not isinstance(raised.value, DeltaLinkExpired)
        assert len(server.heard) == 1


def test_two_pages_that_point_at_each_other_are_refused(source: GraphSource) -> None:
    with raw_server(says(b"")) as server:
        one, two = f"{server.url}/v1.0/one", f"{server.url}/v1.0/two"
        server.speeches = [says(http(body=page([], nextLink=link))) for link in (one, two, one, two)]

        with pytest.raises(ReadingRefused, match="twice"):
            LyingGraph(source, server).round()


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (410, "", ""),
        (410, "SyncStateNotFound", "x"),
        (400, "SYNCSTATENOTFOUND", "x"),
        (400, "resyncRequired", "x"),
        (400, "Request_BadRequest", "Badly formed token."),
        (404, "syncStateNotFound", "x"),
    ],
)
def test_further_spellings_of_an_expired_link(source: GraphSource, status: int, code: str, message: str) -> None:
    body = orjson.dumps({"error": {"code": code, "message": message}})
    with raw_server(says(http(f"{status} No", body))) as server:
        lying = LyingGraph(source, server)
        with pytest.raises(DeltaLinkExpired):
            list(pages(lying._client, "users", f"{server.url}/v1.0/users/delta?%24deltatoken=x", full=False))


def test_an_item_that_carries_only_a_relation_is_not_complete(source: GraphSource) -> None:
    items = [{"id": "a", "userPrincipalName": "a@b.c"}, {"id": "a", "manager@delta": [{"id": "m"}]}]
    with raw_server(says(b"")) as server:
        server.speeches = [says(http(body=page(items, deltaLink=f"{server.url}/v1.0/x")))]

        rows = LyingGraph(source, server).round()[0].objects

    assert [row.complete for row in rows] == [True, False]


STEPS = st.lists(
    st.tuples(st.sampled_from(["rename", "delete", "manage", "join", "leave"]), st.integers(0, 4), st.integers(0, 4)),
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(STEPS, min_size=1, max_size=3))
def test_replaying_any_history_ends_with_the_directory_as_it_is(
    sandbox: SandboxProcess, session: ConnectorSession, history: Sequence[Sequence[tuple[str, int, int]]]
) -> None:
    sandbox.control.reset(users=0, groups=0, empty=True, knobs={"rate_limit": 0, "delta_duplicates": True})
    directory = Directory(sandbox)
    people = directory.add_crowd(5)
    group = directory.add_group("Sales", *people[:2])
    source = GraphSource(
        session, sandbox.authority, sandbox.graph, sandbox.tenant_id, sandbox.client_id,
        secret=sandbox.client_secret, pace=Unpaced(),
    )  # fmt: skip
    mirror: dict[str, dict[str, Any]] = {}
    members: set[str] = set()
    users_link = members_link = None

    for steps in ([], *history):
        for number, (step, one, two) in enumerate(steps):
            act(directory, group, people, step, one, two, number)
        users = Round(source.round("users", users_link, WITH_MANAGER))
        joined = Round(source.round("members", members_link, group_ids=[group]))
        take_in(mirror, members, users.objects, joined.members)
        users_link, members_link = users.link, joined.link

    truth = sandbox.control.directory()
    assert {key: (row["surname"], row.get("manager")) for key, row in mirror.items()} == {
        user["id"]: (user["surname"], user["manager"]) for user in truth["users"]
    }
    assert members == set(truth["groups"][0]["members"])
    directory.session.close()


def act(directory: Directory, group: str, people: list[str], step: str, one: int, two: int, number: int) -> None:
    """A step that is possible by now; the others are left out."""
    world = directory.sandbox.control.directory()
    there = {user["id"]: user["manager"] for user in world["users"]}
    person, other = people[one], people[two]
    if person not in there:
        return
    member = person in world["groups"][0]["members"]
    if step == "rename":
        directory.change(person, surname=f"Name{number}")
    elif step == "delete":
        directory.delete(person)
    elif step == "manage" and person != other:
        if other in there:
            directory.set_manager(person, other)
        elif there[person] in there:
            directory.set_manager(person, None)
    elif step == "join" and not member:
        directory.join(group, person)
    elif step == "leave" and member:
        directory.leave(group, person)


def take_in(
    mirror: dict[str, dict[str, Any]], members: set[str], objects: list[ObjectRow], joined: list[MemberRow]
) -> None:
    """What the engine does with a round, in its simplest form."""
    for row in objects:
        if row.removed:
            mirror.pop(row.id, None)
        else:
            mirror[row.id] = ({} if row.complete else mirror.get(row.id, {})) | row.attributes
    for membership in joined:
        (members.discard if membership.removed else members.add)(membership.member_id)
