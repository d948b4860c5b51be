"""What Graph shows: properties, pages, filters, counts, members."""

from urllib.parse import quote

import pytest

from tests.sandbox.conftest import GraphClient
from tests.sandbox_process import Control, SandboxProcess

DEFAULT_PROPERTIES = {
    "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName",
}  # fmt: skip
EVENTUAL = {"ConsistencyLevel": "eventual"}


def code(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]  # type: ignore[attr-defined]


def test_eleven_properties_come_unasked(graph: GraphClient) -> None:
    user = graph.get("/users")["value"][0]

    assert set(user) == DEFAULT_PROPERTIES


def test_other_properties_come_when_selected(graph: GraphClient) -> None:
    user = graph.get("/users?$select=accountEnabled,department,faxNumber")["value"][0]

    assert set(user) == {"id", "accountEnabled", "department", "faxNumber"}
    assert user["faxNumber"] is None


@pytest.mark.parametrize(("name", "status"), [("favouriteColour", 400), ("skills", 501), ("mailboxSettings", 501)])
def test_a_property_that_is_not_in_the_store_cannot_be_selected(graph: GraphClient, name: str, status: int) -> None:
    assert graph.send("GET", f"/users?$select=id,{name}").status_code == status


def test_a_directory_extension_can_be_selected(graph: GraphClient) -> None:
    name = f"extension_{'0' * 31}a_costCentre"
    user = graph.create_user("adele", **{name: "4711"})

    assert graph.get(f"/users/{user}?$select={name}")[name] == "4711"


def test_a_listing_comes_in_pages(graph: GraphClient, control: Control) -> None:
    control.seed(people=215)

    sizes, link = [], "/users?$select=id"
    found: list[str] = []
    while link:
        page = graph.get(link)
        sizes.append(len(page["value"]))
        found += [user["id"] for user in page["value"]]
        link = page.get("@odata.nextLink")

    assert sizes == [100, 100, 55]
    assert len(set(found)) == 255


@pytest.mark.parametrize("top", ["0", "1000", "many"])
def test_a_page_size_out_of_bounds_is_refused(graph: GraphClient, top: str) -> None:
    assert code(graph.send("GET", f"/users?$top={top}")) == (400, "Request_BadRequest")


def test_deleting_while_reading_pages_loses_nobody(graph: GraphClient) -> None:
    everybody = {user["id"] for user in graph.everything("/users?$select=id")}
    page = graph.get("/users?$select=id&$top=10")
    first = [user["id"] for user in page["value"]]

    for user in first[:4]:
        graph.send("DELETE", f"/users/{user}")

    rest = {user["id"] for user in graph.everything(page["@odata.nextLink"])}
    assert rest == everybody - set(first)


def test_a_page_token_expires(graph: GraphClient, control: Control) -> None:
    link = graph.get("/users?$top=5")["@odata.nextLink"]
    control.advance(16 * 60)

    assert code(graph.send("GET", link)) == (400, "Directory_ExpiredPageToken")


def test_an_empty_page_may_have_a_next_link(graph: GraphClient, control: Control) -> None:
    control.knobs(empty_pages=True)

    page = graph.get("/users")

    assert page["value"] == [] and "@odata.nextLink" in page
    assert len(graph.everything(page["@odata.nextLink"])) == 40


def test_links_name_the_host_that_was_asked(graph: GraphClient, sandbox: SandboxProcess) -> None:
    other = sandbox.graph.replace("127.0.0.1", "localhost")

    assert graph.get(f"{other}/v1.0/users?$top=1")["@odata.nextLink"].startswith(f"{other}/v1.0/users?")
    assert graph.get(f"{sandbox.graph}/beta/users?$top=1")["@odata.nextLink"].startswith(f"{sandbox.graph}/beta/")


def test_graph_answers_over_http_too(graph: GraphClient, sandbox: SandboxProcess) -> None:
    page = graph.get(f"{sandbox.graph_http}/v1.0/users?$top=1")

    assert page["@odata.nextLink"].startswith(sandbox.graph_http)


@pytest.fixture
def cast(graph: GraphClient) -> dict[str, str]:
    """Three people in a department of their own; name → id."""
    return {
        "ann": graph.create_user("ann", department="Æther", otherMails=["ann@home.example"], employeeId="7"),
        "bob": graph.create_user("bob", department="Æther", accountEnabled=False, surname="O'Neill"),
        "cy": graph.create_user("cy", department="Æther", onPremisesExtensionAttributes={"extensionAttribute1": "x"}),
    }


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("department eq 'æther' and accountEnabled eq true", {"ann", "cy"}),
        ("surname eq 'O''Neill'", {"bob"}),
        ("employeeId in ('7','8')", {"ann"}),
        ("startswith(userPrincipalName,'ann@') or startswith(userPrincipalName,'cy@')", {"ann", "cy"}),
        ("department eq 'Æther' and (employeeId eq '7' or accountEnabled eq false)", {"ann", "bob"}),
        ("otherMails/any(m:m eq 'ann@home.example')", {"ann"}),
        ("otherMails/any(m:startswith(m,'ann@'))", {"ann"}),
        ("onPremisesExtensionAttributes/extensionAttribute1 eq 'x'", {"cy"}),
        ("department eq 'Æther' and employeeId eq null", {"bob", "cy"}),
    ],
)
def test_a_filter_finds_whom_it_describes(
    graph: GraphClient, cast: dict[str, str], condition: str, names: set[str]
) -> None:
    found = graph.everything(f"/users?$select=id&$filter={quote(condition)}")

    assert {user["id"] for user in found} == {cast[name] for name in names}


@pytest.mark.parametrize(
    "condition",
    ["department ne 'Sales'", "not(department eq 'Sales')", "endswith(mail,'@contoso.example')"],
)
def test_advanced_operators_need_their_header_and_count(graph: GraphClient, condition: str) -> None:
    path = f"/users?$filter={quote(condition)}"

    assert code(graph.send("GET", path)) == (400, "Request_UnsupportedQuery")
    assert code(graph.send("GET", path, headers=EVENTUAL)) == (400, "Request_UnsupportedQuery")
    assert graph.send("GET", f"{path}&$count=true", headers=EVENTUAL).status_code == 200


def test_sorting_filtered_people_is_advanced_too(graph: GraphClient) -> None:
    path = "/users?$orderby=displayName&$filter=department eq 'Sales'"

    assert code(graph.send("GET", path)) == (400, "Request_UnsupportedQuery")
    names = [user["displayName"] for user in graph.get("/users?$orderby=displayName desc")["value"]]
    assert names == sorted(names, key=str.casefold, reverse=True)


@pytest.mark.parametrize(
    "condition", ["department eq", "eq 'x'", "department is 'x'", "shoeSize eq '44'", "(id eq 'x'"]
)
def test_a_filter_that_makes_no_sense_is_refused(graph: GraphClient, condition: str) -> None:
    assert graph.send("GET", f"/users?$filter={quote(condition)}").status_code == 400


def test_at_most_fifteen_values_after_in(graph: GraphClient) -> None:
    fits = ",".join(f"'{number}'" for number in range(15))

    assert graph.get(f"/users?$filter=employeeId in ({fits})")["value"] == []
    answer = graph.send("GET", f"/users?$filter=employeeId in ({fits},'16')")
    assert code(answer) == (400, "Request_UnsupportedQuery")


def test_counts_need_the_header(graph: GraphClient) -> None:
    assert "@odata.count" not in graph.get("/users?$count=true")
    assert graph.get("/users?$count=true", headers=EVENTUAL)["@odata.count"] == 40
    assert code(graph.send("GET", "/users/$count")) == (400, "Request_BadRequest")
    answer = graph.send("GET", "/users/$count", headers=EVENTUAL)
    assert (answer.text, answer.headers["content-type"].split(";")[0]) == ("40", "text/plain")


def test_the_count_is_on_the_first_page_only(graph: GraphClient) -> None:
    page = graph.get("/users?$count=true&$top=30", headers=EVENTUAL)

    assert page["@odata.count"] == 40
    assert "@odata.count" not in graph.get(page["@odata.nextLink"], headers=EVENTUAL)


def test_a_search_finds_the_beginnings_of_words(graph: GraphClient) -> None:
    wanted = graph.create_user("xq", displayName="Xanthippe Quist")

    found = graph.get('/users?$search="displayName:qui"', headers=EVENTUAL)["value"]

    assert [user["id"] for user in found] == [wanted]
    assert code(graph.send("GET", '/users?$search="displayName:qui"')) == (400, "Request_UnsupportedQuery")


def test_a_user_answers_to_id_and_name_in_every_spelling(graph: GraphClient) -> None:
    user = graph.create_user("adele", userPrincipalName="adele_fabrikam.example#EXT#@contoso.example")

    for path in (
        f"/users/{user}", f"/users('{user}')", f"//users//{user}",
        "/users/adele_fabrikam.example%23EXT%23@contoso.example",
    ):  # fmt: skip
        assert graph.get(path)["id"] == user


def test_managers_can_be_read_and_expanded(graph: GraphClient, control: Control) -> None:
    first, second = control.directory()["users"][:2]

    assert graph.get(f"/users/{second['id']}/manager")["id"] == first["id"]
    assert code(graph.send("GET", f"/users/{first['id']}/manager")) == (404, "Request_ResourceNotFound")
    shown = graph.get("/users?$select=id&$expand=manager($select=id)")["value"]
    assert "manager" not in shown[0]
    assert shown[1]["manager"] == {"@odata.type": "#microsoft.graph.user", "id": first["id"]}


def test_a_service_principal_is_found_by_application_id_and_by_name(graph: GraphClient) -> None:
    found = graph.get("/servicePrincipals?$filter=startswith(displayName,'gotomeet')")["value"]

    assert [item["displayName"] for item in found] == ["GoToMeeting"]
    assert [role["displayName"] for role in found[0]["appRoles"]] == ["User", "Organizer Plus", "msiam_access"]
    by_id = graph.get(f"/servicePrincipals(appId='{found[0]['appId']}')?$select=id,appRoles")
    assert by_id["id"] == found[0]["id"]


def test_members_are_direct_and_transitive_ones_go_round_in_circles(graph: GraphClient) -> None:
    ann, bob = graph.create_user("ann"), graph.create_user("bob")
    inner = graph.create_group("inner", bob)
    outer = graph.create_group("outer", ann, inner)
    graph.add_member(inner, outer)

    direct = graph.get(f"/groups/{outer}/members")["value"]
    transitive = graph.get(f"/groups/{outer}/transitiveMembers")["value"]

    types = {item["id"]: item["@odata.type"] for item in direct}
    assert types == {ann: "#microsoft.graph.user", inner: "#microsoft.graph.group"}
    assert {item["id"] for item in transitive} == {ann, bob, inner, outer}
    cast = graph.get(f"/groups/{outer}/members/microsoft.graph.user?$select=id")["value"]
    assert [item["id"] for item in cast] == [ann]
    assert graph.send("GET", f"/groups/{outer}/members/$count", headers=EVENTUAL).text == "2"
    path = f"/groups/{outer}/transitiveMembers/microsoft.graph.user/$count"
    assert graph.send("GET", path, headers=EVENTUAL).text == "2"


def test_many_objects_come_by_their_ids(graph: GraphClient, control: Control) -> None:
    world = control.directory()
    user, group = world["users"][0]["id"], world["groups"][0]["id"]

    found = graph.send("POST", "/directoryObjects/getByIds?$select=id", {"ids": [user, group, "nobody"]}).json()
    users = graph.send("POST", "/directoryObjects/microsoft.graph.getByIds", {"ids": [user, group], "types": ["user"]})

    assert {item["id"] for item in found["value"]} == {user, group}
    assert [item["id"] for item in users.json()["value"]] == [user]
    assert graph.send("POST", "/directoryObjects/getByIds", {"ids": ["x"] * 1001}).status_code == 400


def test_the_same_recipe_gives_the_same_world(control: Control) -> None:
    first = control.directory()
    control.reset(users=40, groups=5, seed="contoso")
    again = control.directory()
    control.reset(seed="fabrikam")
    other = control.directory()

    assert first == again
    assert {user["id"] for user in first["users"]}.isdisjoint(user["id"] for user in other["users"])


def test_names_are_ascii_where_they_must_be_and_their_owners_elsewhere(control: Control) -> None:
    control.reset(users=600)
    users = control.directory()["users"]

    assert len({user["userPrincipalName"].lower() for user in users}) == 600
    assert all(user["userPrincipalName"].isascii() for user in users)
    assert sum(not user["displayName"].isascii() for user in users) > 150
    assert any(not user["accountEnabled"] for user in users) and any(user["userType"] == "Guest" for user in users)


def test_everybody_who_is_entitled_at_first_can_be_provisioned(control: Control) -> None:
    control.reset(users=300, groups=12)
    world = control.directory()
    by_id = {user["id"]: user for user in world["users"]}
    members = {group["id"]: group["members"] for group in world["groups"]}
    application = next(item for item in world["servicePrincipals"] if item["displayName"] == "GoToMeeting")
    entitled: set[str] = set()
    for item in world["assignments"]:
        if item["resourceId"] == application["id"]:
            entitled.update(members.get(item["principalId"], [item["principalId"]]))

    people = [by_id[key] for key in entitled if key in by_id]

    assert len(people) > 30
    for user in people:
        assert user["accountEnabled"] and user["userType"] == "Member" and user["givenName"] and user["surname"]
        assert len(user["givenName"]) <= 32 and len(user["surname"]) <= 32
