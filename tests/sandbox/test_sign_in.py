"""Administrators sign in at the tenant: MSAL's authorization-code flow, and an id token that can be verified."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import msal
import pytest
import requests

from tests.sandbox_process import Control, SandboxProcess

REDIRECT = "https://portal.example/signed-in"
# MSAL asks for form_post, whose callback would come without the portal's session cookie.
pytestmark = pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")


@pytest.fixture
def client(sandbox: SandboxProcess, control: Control) -> Any:
    control.change_application(sandbox.client_id, redirect_uris=[REDIRECT])
    application = msal.ConfidentialClientApplication(
        sandbox.client_id,
        client_credential=sandbox.client_secret,
        authority=f"{sandbox.authority}/{sandbox.tenant_id}",
        instance_discovery=False,
        http_client=sandbox.session(),
    )
    yield application
    application.http_client.close()


def begin(client: Any, redirect_uri: str = REDIRECT) -> dict[str, Any]:
    flow: dict[str, Any] = client.initiate_auth_code_flow([], redirect_uri=redirect_uri)
    return flow


def assigned(control: Control) -> dict[str, str]:
    """Role value → user principal name of somebody who has it."""
    world = control.directory()
    names = {user["id"]: user["userPrincipalName"] for user in world["users"]}
    portal = next(item for item in world["servicePrincipals"] if item["displayName"] == "Rollcall")
    values = {role["id"]: role["value"] for role in portal["appRoles"]}
    mine = [item for item in world["assignments"] if item["resourceId"] == portal["id"]]
    return {values[item["appRoleId"]]: names[item["principalId"]] for item in mine}


def pick(sandbox: SandboxProcess, address: str, user: str) -> requests.Response:
    """Open the sign-in page and pick somebody."""
    parts = urlsplit(address)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    with sandbox.session() as session:
        page = session.get(address, timeout=10)
        assert page.status_code == 200, page.text
        page_address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        return session.post(page_address, data=asked | {"user": user}, allow_redirects=False, timeout=10)


def returned(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_msal_signs_an_administrator_in(sandbox: SandboxProcess, control: Control, client: Any) -> None:
    user = assigned(control)["Provisioning.Admin"]
    flow = begin(client)

    result = client.acquire_token_by_auth_code_flow(flow, returned(pick(sandbox, flow["auth_uri"], user)))

    with sandbox.session() as session:
        keys = session.get(f"{sandbox.authority}/{sandbox.tenant_id}/discovery/v2.0/keys", timeout=10).json()["keys"]
    header = jwt.get_unverified_header(result["id_token"])
    key = next(jwt.PyJWK(key) for key in keys if key["kid"] == header["kid"])
    issuer = f"{sandbox.authority}/{sandbox.tenant_id}/v2.0"
    claims = jwt.decode(result["id_token"], key, ["RS256"], audience=sandbox.client_id, issuer=issuer)
    assert (claims["preferred_username"], claims["tid"]) == (user, sandbox.tenant_id)
    assert claims["roles"] == ["Provisioning.Admin"]


def test_a_role_given_to_a_group_counts_for_its_direct_members(
    sandbox: SandboxProcess, control: Control, client: Any
) -> None:
    inner = {"displayName": "Inner", "members": ["inner@contoso.example"]}
    operators = {"displayName": "Operators", "members": ["outer@contoso.example", "Inner"]}
    control.seed(
        users=[{"userPrincipalName": "inner@contoso.example"}, {"userPrincipalName": "outer@contoso.example"}],
        groups=[inner, operators],
        assignments=[{"principal": "Operators", "role": "Operator", "application": "Rollcall"}],
    )
    flow = begin(client)

    result = client.acquire_token_by_auth_code_flow(
        flow, returned(pick(sandbox, flow["auth_uri"], "outer@contoso.example"))
    )
    refused = pick(sandbox, flow["auth_uri"], "inner@contoso.example")

    assert result["id_token_claims"]["roles"] == ["Provisioning.Operator"]
    assert refused.json()["error_codes"] == [50105]


def test_a_code_is_good_once_and_needs_its_verifier(sandbox: SandboxProcess, control: Control, client: Any) -> None:
    user = assigned(control)["Provisioning.Reader"]
    flow = begin(client)
    back = returned(pick(sandbox, flow["auth_uri"], user))

    stolen = client.acquire_token_by_auth_code_flow(flow | {"code_verifier": "somebody else's"}, back)
    again = client.acquire_token_by_auth_code_flow(flow, back)

    assert stolen["error_codes"] == [501481]
    assert again["error_codes"] == [70008]


def test_a_code_lives_for_minutes(sandbox: SandboxProcess, control: Control, client: Any) -> None:
    flow = begin(client)
    back = returned(pick(sandbox, flow["auth_uri"], assigned(control)["Provisioning.Admin"]))

    control.advance(400)

    assert client.acquire_token_by_auth_code_flow(flow, back)["error"] == "invalid_grant"


def test_nobody_is_sent_to_an_address_that_is_not_registered(
    sandbox: SandboxProcess, control: Control, client: Any
) -> None:
    flow = begin(client, "https://evil.example/")

    with sandbox.session() as session:
        answer = session.get(flow["auth_uri"], allow_redirects=False, timeout=10)

    assert answer.json()["error_codes"] == [50011]
