"""Delta feeds: what a reader is told, and that it ends up with what the directory holds."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import GraphClient, graph_token
from tests.sandbox_process import Control, SandboxProcess

DAY = 86_400
GROUP_FEED = "/groups/delta?$select=displayName,members"


def changes(graph: GraphClient, link: str, **options: Any) -> dict[str, dict[str, Any]]:
    """Object id → item of a round; no id comes twice."""
    items, _ = graph.round(link, **options)
    assert len({item["id"] for item in items}) == len(items)
    return {item["id"]: item for item in items}


@pytest.mark.parametrize("spelling", ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"])
@pytest.mark.parametrize("collection", ["users", "groups", "servicePrincipals"])
def test_every_spelling_of_delta_works(graph: GraphClient, collection: str, spelling: str) -> None:
    items, link = graph.round(f"/{collection}/{spelling}?$select=displayName")

    assert len(items) == {"users": 40, "groups": 5, "servicePrincipals": 4}[collection]
    assert "$deltatoken=" in link and graph.round(link)[0] == []


def test_only_selected_properties_are_shown_and_wake_an_object_up(graph: GraphClient) -> None:
    user = graph.create_user("ann", department="Sales")
    items, link = graph.round("/users/delta?$select=department")
    assert {"id": user, "department": "Sales"} in items

    graph.send("PATCH", f"/users/{user}", {"jobTitle": "Director"})
    assert changes(graph, link) == {}
    graph.send("PATCH", f"/users/{user}", {"department": "Finance"})
    assert changes(graph, link) == {user: {"id": user, "department": "Finance"}}


def test_a_value_set_again_is_no_change(graph: GraphClient) -> None:
    user = graph.create_user("ann", department="Sales")
    _, link = graph.round("/users/delta?$select=department")

    graph.send("PATCH", f"/users/{user}", {"department": "Sales"})

    assert changes(graph, link) == {}


def test_absent_is_not_null(graph: GraphClient) -> None:
    user = graph.create_user("ann", department="Sales")
    items, link = graph.round("/users/delta?$select=department,city,jobTitle")
    assert {"id": user, "department": "Sales"} in items

    graph.send("PATCH", f"/users/{user}", {"department": None, "city": "Utrecht"})

    assert changes(graph, link)[user] == {"id": user, "department": None, "city": "Utrecht"}
    graph.send("PATCH", f"/users/{user}", {"city": "Delft"})
    assert changes(graph, link)[user] == {"id": user, "department": None, "city": "Delft"}


def test_a_minimal_answer_holds_what_changed(graph: GraphClient) -> None:
    user = graph.create_user("ann", department="Sales", city="Utrecht")
    _, link = graph.round("/users/delta?$select=department,city")

    graph.send("PATCH", f"/users/{user}", {"city": None})

    minimal = changes(graph, link, headers={"Prefer": "return=minimal"})
    assert minimal == {user: {"id": user, "city": None}}
    assert changes(graph, link) == {user: {"id": user, "department": "Sales", "city": None}}


def test_latest_begins_from_now_on(graph: GraphClient) -> None:
    items, link = graph.round("/users/delta?$deltatoken=latest&$select=displayName")
    assert items == []

    user = graph.create_user("ann")

    assert set(changes(graph, link)) == {user}


def test_a_deleted_a_restored_and_an_erased_user(graph: GraphClient) -> None:
    user = graph.create_user("ann")
    _, link = graph.round("/users/delta?$select=displayName")

    graph.send("DELETE", f"/users/{user}")
    assert changes(graph, link) == {user: {"id": user, "@removed": {"reason": "changed"}}}
    graph.send("POST", f"/directory/deletedItems/{user}/restore")
    assert changes(graph, link) == {user: {"id": user, "displayName": "ann"}}
    graph.send("DELETE", f"/users/{user}")
    graph.send("DELETE", f"/directory/deletedItems/{user}")
    assert changes(graph, link) == {user: {"id": user, "@removed": {"reason": "deleted"}}}


def test_a_full_round_tells_nothing_of_the_deleted_unless_asked_to(graph: GraphClient, control: Control) -> None:
    user = graph.create_user("ann")
    graph.send("DELETE", f"/users/{user}")

    assert user not in changes(graph, "/users/delta")
    control.knobs(delta_removed_at_first=True)
    assert changes(graph, "/users/delta")[user]["@removed"] == {"reason": "changed"}


def test_members_come_and_go(graph: GraphClient) -> None:
    ann, bob = graph.create_user("ann"), graph.create_user("bob")
    group, empty = graph.create_group("pilot", ann), graph.create_group("empty")
    items, link = graph.round(GROUP_FEED)
    shown = {item["id"]: item for item in items}
    assert shown[group]["members@delta"] == [{"@odata.type": "#microsoft.graph.user", "id": ann}]
    assert "members@delta" not in shown[empty]

    graph.add_member(group, bob)
    graph.remove_member(group, ann)

    told = changes(graph, link)[group]["members@delta"]
    assert {"@odata.type": "#microsoft.graph.user", "id": bob} in told
    assert {"@odata.type": "#microsoft.graph.user", "id": ann, "@removed": {"reason": "deleted"}} in told


def test_a_deleted_member_leaves_with_the_reason_deleted_and_returns_when_restored(graph: GraphClient) -> None:
    ann = graph.create_user("ann")
    group = graph.create_group("pilot", ann)
    _, link = graph.round(GROUP_FEED)

    graph.send("DELETE", f"/users/{ann}")
    assert changes(graph, link)[group]["members@delta"][0]["@removed"] == {"reason": "deleted"}
    graph.send("POST", f"/directory/deletedItems/{ann}/restore")
    assert "@removed" not in changes(graph, link)[group]["members@delta"][0]


def test_members_are_not_tracked_where_they_are_not_selected(graph: GraphClient) -> None:
    ann = graph.create_user("ann")
    group = graph.create_group("pilot")
    _, link = graph.round("/groups/delta?$select=displayName")

    graph.add_member(group, ann)

    assert changes(graph, link) == {}


def test_a_manager_is_a_link_too(graph: GraphClient) -> None:
    ann, bob = graph.create_user("ann"), graph.create_user("bob")
    _, link = graph.round("/users/delta?$select=manager")

    graph.send("PUT", f"/users/{ann}/manager/$ref", {"@odata.id": f"{graph.root}/users/{bob}"})
    assert changes(graph, link)[ann]["manager@delta"] == [{"@odata.type": "#microsoft.graph.user", "id": bob}]
    graph.send("DELETE", f"/users/{bob}")
    assert changes(graph, link)[ann]["manager@delta"][0]["@removed"] == {"reason": "deleted"}


def test_a_large_group_comes_in_parts(graph: GraphClient, control: Control) -> None:
    control.seed(people=60)
    members = [user["id"] for user in control.directory()["users"]]
    control.seed(groups=[{"displayName": "large", "members": members}])
    control.knobs(delta_page_links=30)

    items, link = graph.round(f"{GROUP_FEED}&$filter=id eq '{control.directory()['groups'][-1]['id']}'")

    assert len(items) == 4 and len({item["id"] for item in items}) == 1
    told = [member["id"] for item in items for member in item["members@delta"]]
    assert sorted(told) == sorted(members)
    assert graph.round(link)[0] == []


def test_a_page_may_be_asked_to_be_smaller(graph: GraphClient) -> None:
    page = graph.get("/users/delta", headers={"Prefer": "odata.maxpagesize=7"})

    assert len(page["value"]) == 7 and "@odata.nextLink" in page


def test_a_filter_narrows_the_feed_to_ids(graph: GraphClient) -> None:
    ann, bob = graph.create_user("ann"), graph.create_user("bob")
    items, link = graph.round(f"/users/delta?$select=city&$filter=id eq '{ann}' or id eq '{bob}'")
    assert {item["id"] for item in items} == {ann, bob}

    for user in (ann, graph.create_user("cy")):
        graph.send("PATCH", f"/users/{user}", {"city": "Delft"})

    assert set(changes(graph, link)) == {ann}


@pytest.mark.parametrize("option", ["$top=5", "$orderby=displayName", '$search="displayName:a"'])
def test_delta_refuses_what_it_does_not_support(graph: GraphClient, option: str) -> None:
    assert graph.send("GET", f"/users/delta?{option}").status_code == 400


def test_at_most_fifty_ids(graph: GraphClient) -> None:
    conditions = [f"id eq '{number}'" for number in range(51)]

    assert graph.send("GET", f"/groups/delta?$filter={' or '.join(conditions[:50])}").status_code == 200
    assert graph.send("GET", f"/groups/delta?$filter={' or '.join(conditions)}").status_code == 400
    assert graph.send("GET", "/groups/delta?$filter=displayName eq 'Sales'").status_code == 400


@pytest.mark.parametrize(
    "form",
    ["410 resyncRequired", "400 syncStateNotFound", "400 Request_UnsupportedQuery", "400 Directory_ExpiredPageToken"],
)
def test_a_delta_link_expires_in_each_of_four_forms(
    sandbox: SandboxProcess, control: Control, graph: GraphClient, form: str
) -> None:
    control.knobs(access_token_seconds=30 * DAY, delta_expiry=form)
    graph.session.headers["Authorization"] = f"Bearer {graph_token(sandbox)}"
    _, link = graph.round("/users/delta")

    control.advance(6.9 * DAY)
    assert graph.send("GET", link).status_code == 200
    control.advance(0.2 * DAY)

    answer = graph.send("GET", link)
    status, code = form.split()
    assert (answer.status_code, answer.json()["error"]["code"]) == (int(status), code)
    assert ("Location" in answer.headers) == (status == "410")


def test_a_link_from_before_a_reset_is_no_good(graph: GraphClient, control: Control) -> None:
    _, link = graph.round("/users/delta")

    control.reset()

    assert graph.send("GET", link).status_code == 410


def test_a_token_of_another_feed_or_of_nobody_is_refused(graph: GraphClient) -> None:
    _, link = graph.round("/users/delta")

    assert graph.send("GET", link.replace("/users/", "/groups/")).status_code == 400
    assert graph.send("GET", "/users/delta?$deltatoken=rubbish").status_code == 400


def test_trouble_on_demand(graph: GraphClient, control: Control) -> None:
    users = [graph.create_user(name) for name in ("ann", "bob", "cy")]
    _, link = graph.round("/users/delta?$select=city")
    for user in users:
        graph.send("PATCH", f"/users/{user}", {"city": "Delft"})

    control.knobs(delta_duplicates=True, delta_shuffled=True)
    told = [item["id"] for item in graph.round(link)[0]]
    assert len(told) == 4 and set(told) == set(users)

    control.knobs(delta_duplicates=False, delta_shuffled=False, delta_replays=2)
    _, fresh = graph.round("/users/delta?$deltatoken=latest&$select=city")
    assert set(changes(graph, fresh)) == set(users[1:])


def test_changes_may_show_up_late(graph: GraphClient, control: Control) -> None:
    _, link = graph.round("/users/delta?$select=city")
    control.knobs(delta_delay_seconds=60)
    user = graph.create_user("ann")

    items, link = graph.round(link)
    assert items == []
    control.advance(120)
    assert set(changes(graph, link)) == {user}


# A random history: (what, which user or group, which other). Numbers are taken modulo what there is.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "add user", "rename", "clear", "delete user", "restore", "erase", "manage", "unmanage",
                "add group", "rename group", "delete group", "restore group", "join", "join", "leave",
                "leave", "read", "read some", "read some",
            ]
        ),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=5,
    max_size=60,
)  # fmt: skip


class Reader:
    """Keeps a replica of one feed, knowing nothing but the rules of delta queries."""

    def __init__(self, graph: GraphClient, path: str, relation: str, *, minimal: bool) -> None:
        self.graph, self.link, self.relation = graph, path, relation
        self.objects: dict[str, dict[str, Any]] = {}
        self.headers = {"Prefer": "odata.maxpagesize=3" + (", return=minimal" if minimal else "")}

    def read_page(self) -> bool:
        """Take in one page; True when the round has ended."""
        page = self.graph.get(self.link, headers=self.headers)
        for item in page["value"]:
            self.take(item)
        self.link = page.get("@odata.nextLink") or page["@odata.deltaLink"]
        return "@odata.deltaLink" in page

    def read(self) -> None:
        while not self.read_page():
            pass

    def take(self, item: dict[str, Any]) -> None:
        if "@removed" in item:
            self.objects.pop(item["id"], None)
            return
        known = self.objects.setdefault(item["id"], {"links": set()})
        for link in item.get(f"{self.relation}@delta", []):
            (known["links"].discard if "@removed" in link else known["links"].add)(link["id"])
        known.update((name, value) for name, value in item.items() if "@" not in name)


class History:
    """Plays steps against Graph. What a step refers to may not be there: then nothing happens, as in life."""

    def __init__(self, graph: GraphClient, readers: list[Reader]) -> None:
        self.graph, self.readers = graph, readers
        self.users = [graph.create_user(f"first{number}", department="0") for number in range(6)]
        self.groups = [graph.create_group("whole", *self.users), graph.create_group("half", *self.users[::2])]

    def play(self, what: str, first: int, second: int) -> None:
        if what == "read":
            for reader in self.readers:
                reader.read()
        elif what == "read some":
            self.readers[first % len(self.readers)].read_page()
        elif what == "add user":
            self.users.append(self.graph.create_user(f"u{len(self.users)}", department=f"{second}"))
        elif what == "add group":
            kinds = ["Unified"] if second % 2 else []
            self.groups.append(self.graph.create_group(f"g{len(self.groups)}", groupTypes=kinds))
            for user in self.users[: second % 4]:
                self.graph.add_member(self.groups[-1], user)
        else:
            self.change_user(what, self.users[first % len(self.users)], self.users[second % len(self.users)], second)

    def change_user(self, what: str, user: str, other: str, number: int) -> None:
        send, root = self.graph.send, self.graph.root
        group = self.groups[number % len(self.groups)]
        if what == "rename":
            send("PATCH", f"/users/{user}", {"department": f"{number}"})
        elif what == "clear":
            send("PATCH", f"/users/{user}", {"department": None})
        elif what == "delete user":
            send("DELETE", f"/users/{user}")
        elif what == "restore":
            send("POST", f"/directory/deletedItems/{user}/restore")
        elif what == "restore group":
            send("POST", f"/directory/deletedItems/{group}/restore")
        elif what == "erase":
            send("DELETE", f"/directory/deletedItems/{user}")
        elif what == "manage":
            send("PUT", f"/users/{user}/manager/$ref", {"@odata.id": f"{root}/users/{other}"})
        elif what == "unmanage":
            send("DELETE", f"/users/{user}/manager/$ref")
        elif what == "rename group":
            send("PATCH", f"/groups/{group}", {"displayName": f"{number}"})
        elif what == "delete group":
            send("DELETE", f"/groups/{group}")
        elif what == "join":
            self.graph.add_member(group, user)
        elif what == "leave":
            self.graph.remove_member(group, user)


def held(world: dict[str, Any], kind: str) -> dict[str, tuple[Any, set[str]]]:
    """Object id → (department or displayName, links), as the directory itself says."""
    if kind == "users":
        return {
            user["id"]: (user.get("department"), {user["manager"]} if user["manager"] else set())
            for user in world["users"]
        }
    return {group["id"]: (group["displayName"], set(group["members"])) for group in world["groups"]}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(steps=STEPS, minimal=st.booleans())
def test_whatever_happens_a_reader_ends_with_the_directory(
    graph: GraphClient, sandbox: SandboxProcess, steps: list[tuple[str, int, int]], minimal: bool
) -> None:
    sandbox.control.reset(empty=True, knobs={"delta_page_links": 2, "graph_resource_units": 0})
    users = Reader(graph, "/users/delta?$select=department,manager", "manager", minimal=minimal)
    groups = Reader(graph, GROUP_FEED, "members", minimal=minimal)
    history = History(graph, [users, groups])

    for step in steps:
        history.play(*step)
    for reader in (users, groups):
        # Whatever page a reader had got to, it ends this round and reads one more.
        reader.read()
        reader.read()

    world = sandbox.control.directory()
    assert replica(users, "department") == held(world, "users")
    assert replica(groups, "displayName") == held(world, "groups")


def replica(reader: Reader, name: str) -> dict[str, tuple[Any, set[str]]]:
    return {key: (item.get(name), item["links"]) for key, item in reader.objects.items()}
