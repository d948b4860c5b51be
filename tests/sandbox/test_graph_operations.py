"""Writing through Graph: users, groups, assignments, deleted items; batches, throttling and the error envelope."""

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import GraphClient
from tests.sandbox_process import Control, SandboxProcess

DAY = 86_400


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def application(control: Control) -> dict[str, Any]:
    """GoToMeeting's service principal."""
    found = control.directory()["servicePrincipals"]
    return next(item for item in found if item["displayName"] == "GoToMeeting")


def assign(graph: GraphClient, application: dict[str, Any], principal: str, role: int = 0) -> requests.Response:
    body = {"principalId": principal, "resourceId": application["id"], "appRoleId": application["appRoles"][role]["id"]}
    return graph.send("POST", f"/servicePrincipals/{application['id']}/appRoleAssignedTo", body)


def test_a_user_is_created_changed_and_deleted(graph: GraphClient) -> None:
    user = graph.create_user("ann", city="Delft")

    assert graph.send("PATCH", f"/users/{user}", {"city": None, "accountEnabled": False}).status_code == 204
    assert graph.get(f"/users/{user}?$select=city,accountEnabled") | {"@odata.context": ""} == {
        "@odata.context": "", "id": user, "city": None, "accountEnabled": False,
    }  # fmt: skip
    assert graph.send("DELETE", f"/users/{user}").status_code == 204
    assert code(graph.send("GET", f"/users/{user}")) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"userPrincipalName": "ANN@contoso.example"}, (409, "Request_MultipleObjectsWithSameKeyValue")),
        ({"userPrincipalName": "no address"}, (400, "Request_BadRequest")),
        ({"passwordProfile": None}, (400, "Request_BadRequest")),
        ({"shoeSize": 44}, (400, "Request_BadRequest")),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    graph: GraphClient, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    graph.create_user("ann")
    body = {
        "accountEnabled": True, "displayName": "Ann", "mailNickname": "ann2",
        "userPrincipalName": "ann2@contoso.example", "passwordProfile": {"password": "x"},
    }  # fmt: skip

    assert code(graph.send("POST", "/users", body | changes)) == expected


def test_a_password_is_never_shown(graph: GraphClient, control: Control) -> None:
    graph.create_user("ann")

    assert "once upon a time" not in str(control.directory())
    assert "once upon a time" not in str(control.requests(server="graph"))


def test_a_name_can_be_taken_over_once_it_is_free(graph: GraphClient) -> None:
    ann = graph.create_user("ann")

    graph.send("PATCH", f"/users/{ann}", {"userPrincipalName": "ann.old@contoso.example"})

    assert graph.create_user("ann") != ann
    assert graph.get("/users/ann.old@contoso.example")["id"] == ann


def test_a_member_is_added_once_and_removed_once(graph: GraphClient) -> None:
    ann, group = graph.create_user("ann"), graph.create_group("pilot")

    assert graph.add_member(group, ann).status_code == 204
    assert code(graph.add_member(group, ann)) == (400, "Request_BadRequest")
    assert graph.remove_member(group, ann).status_code == 204
    assert code(graph.remove_member(group, ann)) == (404, "Request_ResourceNotFound")
    assert code(graph.add_member(group, "nobody")) == (404, "Request_ResourceNotFound")


def test_members_can_be_bound_when_a_group_is_changed(graph: GraphClient) -> None:
    ann, bob, group = graph.create_user("ann"), graph.create_user("bob"), graph.create_group("pilot")
    links = [f"{graph.root}/directoryObjects/{user}" for user in (ann, bob)]

    answer = graph.send("PATCH", f"/groups/{group}", {"displayName": "Pilot", "members@odata.bind": links})

    assert answer.status_code == 204
    assert {item["id"] for item in graph.get(f"/groups/{group}/members")["value"]} == {ann, bob}


def test_an_assignment_has_its_shape_and_is_not_made_twice(graph: GraphClient, application: dict[str, Any]) -> None:
    ann = graph.create_user("ann")

    made = assign(graph, application, ann)

    assert made.status_code == 201
    assignment = made.json()
    assert {name: assignment[name] for name in ("principalId", "principalType", "resourceId", "appRoleId")} == {
        "principalId": ann, "principalType": "User", "resourceId": application["id"],
        "appRoleId": application["appRoles"][0]["id"],
    }  # fmt: skip
    assert assignment["id"].count("-") == 0
    again = assign(graph, application, ann)
    assert code(again) == (400, "Request_BadRequest") and "already exists" in again.json()["error"]["message"]
    assert assign(graph, application, ann, role=1).status_code == 201
    path = f"/servicePrincipals/{application['id']}/appRoleAssignedTo/{assignment['id']}"
    assert graph.get(path) == assignment
    assert graph.send("DELETE", path).status_code == 204
    assert graph.send("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"appRoleId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, 400),
        ({"principalId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, 404),
        ({"resourceId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, 400),
    ],
)
def test_an_assignment_needs_all_three_to_exist(
    graph: GraphClient, application: dict[str, Any], changes: dict[str, str], status: int
) -> None:
    body = {
        "principalId": graph.create_user("ann"), "resourceId": application["id"],
        "appRoleId": application["appRoles"][0]["id"],
    }  # fmt: skip

    answer = graph.send("POST", f"/servicePrincipals/{application['id']}/appRoleAssignedTo", body | changes)

    assert answer.status_code == status


def test_assignments_come_in_pages_and_from_both_sides(graph: GraphClient, application: dict[str, Any]) -> None:
    ann, group = graph.create_user("ann"), graph.create_group("pilot")
    assign(graph, application, ann)
    assign(graph, application, group)
    path = f"/servicePrincipals/{application['id']}/appRoleAssignedTo"

    paged = graph.everything(f"{path}?$top=2")

    assert paged == graph.everything(path) and len(paged) > 4
    assert [item["principalType"] for item in paged[-2:]] == ["User", "Group"]
    own = graph.get(f"/users/{ann}/appRoleAssignments?$filter=resourceId eq {application['id']}")["value"]
    assert own == [paged[-2]]
    assert graph.get(f"{path}?$filter=principalDisplayName eq 'ann'")["value"] == own
    assert graph.send("GET", f"{path}?$filter=principalId eq '{ann}'").status_code == 400


def test_assignments_go_with_their_principal_and_return_with_it(
    graph: GraphClient, application: dict[str, Any]
) -> None:
    ann = graph.create_user("ann")
    made = assign(graph, application, ann).json()
    path = f"/servicePrincipals/{application['id']}/appRoleAssignedTo"

    graph.send("DELETE", f"/users/{ann}")
    assert made not in graph.everything(path)
    graph.send("POST", f"/directory/deletedItems/{ann}/restore")
    assert made in graph.everything(path)


def test_a_role_must_be_disabled_before_it_is_removed(graph: GraphClient, application: dict[str, Any]) -> None:
    path, roles = f"/servicePrincipals/{application['id']}", application["appRoles"]

    assert graph.send("PATCH", path, {"appRoles": roles[1:]}).status_code == 400
    roles[0]["isEnabled"] = False
    assert graph.send("PATCH", path, {"appRoles": roles}).status_code == 204
    refused = assign(graph, application, graph.create_user("ann"))
    assert refused.status_code == 400
    assert graph.send("PATCH", path, {"appRoles": roles[1:]}).status_code == 204
    assert len(graph.get(path)["appRoles"]) == 2


def test_an_application_is_made_from_the_gallery(graph: GraphClient) -> None:
    template = graph.get("/applicationTemplates?$filter=displayName eq 'GoToMeeting'")["value"][0]

    answer = graph.send("POST", f"/applicationTemplates/{template['id']}/instantiate", {"displayName": "Meetings"})

    assert answer.status_code == 201
    made = answer.json()["servicePrincipal"]
    assert answer.json()["application"]["appId"] == made["appId"]
    assert graph.get(f"/servicePrincipals(appId='{made['appId']}')")["displayName"] == "Meetings"
    assert made["applicationTemplateId"] == template["id"] and made["appRoles"]


def test_deleted_users_wait_thirty_days(graph: GraphClient, control: Control) -> None:
    ann, bob = graph.create_user("ann"), graph.create_user("bob")
    graph.send("DELETE", f"/users/{ann}")
    listing = "/directory/deletedItems/microsoft.graph.user"

    shown = graph.get(f"/directory/deletedItems/{ann}?$select=userPrincipalName,deletedDateTime")
    assert shown["userPrincipalName"] == ann.replace("-", "") + "ann@contoso.example"
    assert shown["deletedDateTime"] and [item["id"] for item in graph.get(listing)["value"]] == [ann]
    assert graph.send("GET", "/directory/deletedItems").status_code == 400
    assert graph.send("GET", f"/directory/deletedItems/{bob}").status_code == 404

    control.knobs(access_token_seconds=90 * DAY)
    control.advance(31 * DAY)
    assert control.directory()["deleted"] == []


def test_restoring_brings_memberships_and_the_manager_back(graph: GraphClient) -> None:
    ann, bob = graph.create_user("ann"), graph.create_user("bob")
    group = graph.create_group("pilot", ann)
    for user, manager in ((ann, bob), (bob, ann)):
        graph.send("PUT", f"/users/{user}/manager/$ref", {"@odata.id": f"{graph.root}/users/{manager}"})

    graph.send("DELETE", f"/users/{ann}")
    assert graph.get(f"/groups/{group}/members")["value"] == []
    assert graph.send("GET", f"/users/{bob}/manager").status_code == 404
    restored = graph.send("POST", f"/directory/deletedItems/{ann}/restore")

    assert (restored.status_code, restored.json()["id"]) == (200, ann)
    assert [item["id"] for item in graph.get(f"/groups/{group}/members")["value"]] == [ann]
    assert graph.get(f"/users/{bob}/manager")["id"] == ann
    assert graph.get(f"/users/{ann}/manager")["id"] == bob


def test_a_name_that_was_given_away_cannot_be_restored(graph: GraphClient) -> None:
    ann = graph.create_user("ann")
    graph.send("DELETE", f"/users/{ann}")
    graph.create_user("ann")

    answer = graph.send("POST", f"/directory/deletedItems/{ann}/restore")

    assert code(answer) == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_every_answer_carries_its_ids(graph: GraphClient) -> None:
    fine = graph.send("GET", "/users?$top=1", headers={"client-request-id": "11111111-2222-4333-8444-555555555555"})
    refused = graph.send("GET", "/users/nobody")

    assert fine.headers["client-request-id"] == "11111111-2222-4333-8444-555555555555"
    assert fine.headers["request-id"] != refused.headers["request-id"]
    inner = refused.json()["error"]["innerError"]
    assert inner["request-id"] == refused.headers["request-id"]
    assert inner["client-request-id"] == refused.headers["client-request-id"]


def test_what_does_not_exist_is_refused(graph: GraphClient, sandbox: SandboxProcess) -> None:
    assert code(graph.send("PUT", "/users")) == (405, "Request_BadRequest")
    assert graph.send("GET", "/toasters").status_code == 400
    assert graph.send("GET", f"{sandbox.graph}/v9.9/users").status_code in (400, 404)
    answer = graph.send("POST", "/users", headers={"Content-Type": "application/json"}, data=b"{")
    assert code(answer) == (400, "Request_BadRequest")


def batch(graph: GraphClient, *requests_: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = graph.send("POST", "/$batch", {"requests": list(requests_)})
    assert answer.status_code == 200, answer.text
    return {item["id"]: item for item in answer.json()["responses"]}


def test_a_batch_answers_each_request_by_itself(graph: GraphClient) -> None:
    ann = graph.create_user("ann")
    answers = batch(
        graph,
        {"id": "1", "method": "GET", "url": f"/users/{ann}?$select=displayName"},
        {"id": "2", "method": "GET", "url": "users/nobody"},
        {"id": "3", "method": "PATCH", "url": f"/users/{ann}", "body": {"city": "Delft"},
         "headers": {"Content-Type": "application/json"}, "dependsOn": ["1"]},
        {"id": "4", "method": "GET", "url": "/users", "dependsOn": ["2"]},
    )  # fmt: skip

    assert {key: item["status"] for key, item in answers.items()} == {"1": 200, "2": 404, "3": 204, "4": 424}
    assert answers["1"]["body"]["displayName"] == "ann"
    assert answers["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    assert graph.get(f"/users/{ann}?$select=city")["city"] == "Delft"


@pytest.mark.parametrize(
    "requests_",
    [
        [],
        [{"id": str(number), "method": "GET", "url": "/users"} for number in range(21)],
        [{"id": "a", "method": "GET", "url": "/users"}, {"id": "A", "method": "GET", "url": "/users"}],
        [{"id": "1", "method": "PATCH", "url": "/users/x", "body": {}}],
        [{"id": "1", "url": "/users"}],
    ],
    ids=["empty", "too many", "same id", "no content type", "no method"],
)
def test_a_malformed_batch_is_refused_whole(graph: GraphClient, requests_: list[dict[str, Any]]) -> None:
    assert graph.send("POST", "/$batch", {"requests": requests_}).status_code == 400


@pytest.mark.parametrize(
    ("path", "units"),
    [
        ("/users", 2), ("/users?$select=id", 1), ("/users?$top=5", 1), ("/users?$expand=manager", 3),
        ("/groups/{group}/members", 3), ("/groups/{group}/transitiveMembers", 5), ("/servicePrincipals", 1),
    ],
)  # fmt: skip
def test_each_answer_says_what_it_cost(graph: GraphClient, control: Control, path: str, units: int) -> None:
    answer = graph.send("GET", path.format(group=control.directory()["groups"][0]["id"]))

    assert answer.headers["x-ms-resource-unit"] == str(units)


def test_resource_units_run_out_and_come_back(graph: GraphClient, control: Control) -> None:
    control.knobs(graph_resource_units=10)

    levels = [graph.send("GET", "/users?$select=id").headers.get("x-ms-throttle-limit-percentage") for _ in range(10)]
    refused = graph.send("GET", "/users?$select=id")

    assert levels[:8] == [None] * 8 and levels[8:] == ["0.90", "1.00"]
    assert code(refused) == (429, "TooManyRequests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 11
    assert refused.headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    assert refused.headers["x-ms-throttle-scope"].startswith("Tenant_Application/ReadWrite/")
    control.knobs(graph_retry_after=False)
    assert "Retry-After" not in graph.send("GET", "/users?$select=id").headers
    control.advance(10)
    assert graph.send("GET", "/users?$select=id").status_code == 200


def test_a_throttled_item_of_a_batch_has_its_own_429(graph: GraphClient, control: Control) -> None:
    control.knobs(graph_resource_units=3)

    answers = batch(graph, *({"id": f"{n}", "method": "GET", "url": "/organization"} for n in range(4)))

    assert [item["status"] for item in answers.values()] == [200, 200, 429, 429]
    assert "Retry-After" in answers["3"]["headers"]


def test_the_organization_names_the_tenant(graph: GraphClient, sandbox: SandboxProcess) -> None:
    found = graph.get("/organization")["value"][0]

    assert (found["id"], found["displayName"]) == (sandbox.tenant_id, "Contoso")
