"""Whatever is sent, no server stumbles: a wrong request is refused, never a 500."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import GoToClient, GraphClient
from tests.sandbox_process import SandboxProcess

NAMES = (
    "id", "ids", "types", "requests", "url", "method", "dependsOn", "displayName", "userPrincipalName", "mailNickname",
    "passwordProfile", "accountEnabled", "members@odata.bind", "@odata.id", "appRoles", "principalId", "resourceId",
    "appRoleId", "users", "email", "firstName", "lastName", "licenseKeys", "adminRoles", "locale", "groupKey", "name",
    "mailEnabled", "securityEnabled", "headers", "body", "timeZone", "isEnabled", "groupTypes", "surname",
)  # fmt: skip
WORDS = st.sampled_from(["", "x", "a@b.example", "GET", "/users", "1", "microsoft.graph.user", "https://x/y"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**19) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["$select", "$filter", "$top", "$orderby", "$search", "$expand", "$count", "$skiptoken",
                         "$deltatoken", "filter", "offset", "pageSize", "attributes"]),
        st.text("abcid'\"()/:, eqnot019$%é", max_size=20),
    ),
    max_size=3,
)  # fmt: skip
PATIENT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


VALID: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/users"): {
        "accountEnabled": True, "displayName": "Ann", "mailNickname": "ann", "passwordProfile": {"password": "x"},
        "userPrincipalName": "ann@contoso.example",
    },
    ("PATCH", "/users/{user}"): {"displayName": "Ann"},
    ("POST", "/groups"): {"displayName": "G", "mailNickname": "g", "mailEnabled": False, "securityEnabled": True},
    ("PATCH", "/groups/{group}"): {"displayName": "G"},
    ("POST", "/groups/{group}/members/$ref"): {"@odata.id": "https://graph/users/{user}"},
    ("PUT", "/users/{user}/manager/$ref"): {"@odata.id": "https://graph/users/{user}"},
    ("POST", "/$batch"): {"requests": [{"id": "1", "method": "GET", "url": "/users"}]},
    ("POST", "/servicePrincipals/{application}/appRoleAssignedTo"): {
        "principalId": "{user}", "resourceId": "{application}", "appRoleId": "00000000-0000-0000-0000-000000000000",
    },
    ("POST", "/users/{user}/appRoleAssignments"): {
        "principalId": "{user}", "resourceId": "{application}", "appRoleId": "00000000-0000-0000-0000-000000000000",
    },
    ("PATCH", "/servicePrincipals/{application}"): {
        "appRoles": [{"id": "1", "displayName": "R", "value": "r", "allowedMemberTypes": ["User"]}],
    },
    ("POST", "/directoryObjects/getByIds"): {"ids": ["{user}"], "types": ["user"]},
}  # fmt: skip


def spoil(dice: Any, value: Any) -> Any:
    """A valid body in which something, at any depth, has been replaced."""
    if isinstance(value, dict) and value and dice.draw(st.integers(0, 3)):
        name = dice.draw(st.sampled_from([*value, *NAMES]))
        return value | {name: spoil(dice, value[name]) if name in value else dice.draw(JSON)}
    if isinstance(value, list) and value and dice.draw(st.booleans()):
        return [spoil(dice, item) for item in value]
    return dice.draw(JSON)


@pytest.mark.parametrize(("method", "path"), VALID)
@PATIENT
@given(dice=st.data())
def test_graph_takes_any_body(
    graph: GraphClient, sandbox: SandboxProcess, method: str, path: str, dice: st.DataObject
) -> None:
    sandbox.control.reset(users=5)
    world = sandbox.control.directory()
    ids = {
        "user": world["users"][0]["id"],
        "group": world["groups"][0]["id"],
        "application": world["servicePrincipals"][0]["id"],
    }
    text = json.dumps(spoil(dice, VALID[method, path]))
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)

    answer = graph.send(method, path.format(**ids), json.loads(text))

    assert answer.status_code < 500, answer.text
    for listing in (
        '/users?$expand=manager&$count=true&$search="displayName:a"', "/users?$orderby=displayName", "/groups/delta",
        f"/servicePrincipals/{ids['application']}/appRoleAssignedTo",
        "/users?$filter=startswith(surname,'a') or otherMails/any(m:m eq 'x')&$count=true",
    ):  # fmt: skip
        listed = graph.send("GET", listing, headers={"ConsistencyLevel": "eventual"})
        assert listed.status_code in (200, 400), listed.text


@pytest.mark.parametrize(
    "path", ["/users", "/groups", "/users/delta", "/users/$count", "/servicePrincipals", "/applicationTemplates"]
)
@PATIENT
@given(query=QUERIES, eventual=st.booleans())
def test_graph_takes_any_query(graph: GraphClient, path: str, query: list[tuple[str, str]], eventual: bool) -> None:
    headers = {"ConsistencyLevel": "eventual"} if eventual else {}

    answer = graph.send("GET", path, params=query, headers=headers)

    assert answer.status_code < 500, answer.text


GOTO_VALID: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/users"): {
        "users": [{"email": "ann@x.example", "firstName": "Ann", "lastName": "X", "timeZone": "Europe/Amsterdam"}],
        "licenseKeys": [6300000000000000001], "adminRoles": ["RUN_REPORTS"], "locale": "nl_NL", "groupKey": None,
    },
    ("PUT", "/users/{user}"): {
        "email": "ann@x.example", "firstName": "Ann", "licenseKeys": [], "adminRoles": [], "groupKey": None,
    },
    ("POST", "/groups"): {"name": "Group"},
    ("PUT", "/groups/5500000000000000001"): {"name": "Group"},
}  # fmt: skip


@pytest.mark.parametrize(("method", "path"), GOTO_VALID)
@PATIENT
@given(dice=st.data(), query=QUERIES)
def test_the_admin_api_takes_anything(
    goto: GoToClient,
    sandbox: SandboxProcess,
    method: str,
    path: str,
    dice: st.DataObject,
    query: list[tuple[str, str]],
) -> None:
    sandbox.control.reset(users=5, knobs={"rate_limit": 0})
    user = sandbox.control.goto()["users"]["member@contoso.example"]["key"]
    body = spoil(dice, GOTO_VALID[method, path])

    assert goto.send(method, path.format(user=user), body).status_code < 500
    assert goto.send("GET", "/users", params=query).status_code < 500
    for listing in ("/users", '/users?filter=lastName%20sw%20"a"', "/licenses", "/groups"):
        assert goto.send("GET", listing).status_code == 200
