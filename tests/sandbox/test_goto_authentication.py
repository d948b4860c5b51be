"""GoTo's token endpoints: three ways to a token, their answers, and what they refuse."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.conftest import GoToClient, ask_goto_token
from tests.sandbox_process import Control, SandboxProcess

REDIRECT = "http://127.0.0.1:9/callback"


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def works(sandbox: SandboxProcess, token: str) -> int:
    """The status of the Admin API for a token."""
    client = GoToClient(sandbox, token)
    with client.session:
        return client.send("GET", "=/me").status_code


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/v2/token", "/oauth/access_token"])
def test_every_endpoint_gives_a_token_that_works(sandbox: SandboxProcess, control: Control, path: str) -> None:
    answer = ask_goto_token(sandbox, path)

    assert answer.status_code == 200
    assert works(sandbox, answer.json()["access_token"]) == 200


def test_the_oldest_endpoint_has_its_own_manners(sandbox: SandboxProcess, control: Control) -> None:
    path = "/oauth/access_token"
    form = {"username": None, "user_id": sandbox.goto_username, "client_id": sandbox.goto_client_id}
    with sandbox.session() as session:
        fields = {"grant_type": "password", "password": sandbox.goto_password} | form
        answer = session.post(f"{sandbox.goto_auth}{path}", data=fields, timeout=10)

    assert answer.json()["expires_in"] == "3600" and answer.json()["account_key"] == sandbox.goto_account_key
    wrong = ask_goto_token(sandbox, path, password="wrong")
    assert wrong.status_code == 400 and set(wrong.json()) == {"int_err_code", "msg"}


def test_the_two_generations_of_answers(sandbox: SandboxProcess, control: Control) -> None:
    current = ask_goto_token(sandbox).json()
    assert current["principal"] == sandbox.goto_username and current["expires_in"] == 3600
    assert "account_key" not in current and "refresh_token" in current

    control.knobs(answer_generation="legacy", expires_in="string")
    legacy = ask_goto_token(sandbox).json()
    assert legacy["account_key"] == sandbox.goto_account_key and legacy["expires_in"] == "3600"
    assert {"organizer_key", "account_type", "firstName", "lastName", "email", "platform", "version"} <= set(legacy)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client": "nobody"}, (401, "invalid_client")),
        ({"secret": "wrong"}, (401, "invalid_client")),
        ({"password": "wrong"}, (400, "invalid_grant")),
        ({"username": "nobody@contoso.example"}, (400, "invalid_grant")),
        ({"password": None}, (400, "invalid_request")),
        ({"grant_type": None}, (400, "invalid_request")),
        ({"grant_type": "client_credentials"}, (400, "unsupported_grant_type")),
    ],
)
def test_what_the_token_endpoint_refuses(
    sandbox: SandboxProcess, control: Control, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refused(ask_goto_token(sandbox, **changes)) == expected


def test_an_unknown_client_is_told_so_in_the_known_words(sandbox: SandboxProcess, control: Control) -> None:
    answer = ask_goto_token(sandbox, client="nobody")

    assert answer.json() == {"error": "invalid_client", "error_description": "client not found"}


@pytest.mark.parametrize("who", ["locked", "sso", "mfa"])
def test_some_people_cannot_sign_in_with_a_password(sandbox: SandboxProcess, control: Control, who: str) -> None:
    control.change_sign_in(f"{who}@contoso.example", password="open sesame")

    answer = ask_goto_token(sandbox, username=f"{who}@contoso.example", password="open sesame")

    assert refused(answer) == (400, "invalid_grant")
    assert answer.json()["error_description"] != ask_goto_token(sandbox, password="x").json()["error_description"]


def test_a_client_may_lack_the_password_grant(sandbox: SandboxProcess, control: Control) -> None:
    control.change_goto_client(sandbox.goto_client_id, password_grant=False)
    assert refused(ask_goto_token(sandbox)) == (400, "unauthorized_client")

    control.reset(knobs={"password_grant": False})
    assert refused(ask_goto_token(sandbox)) == (400, "unauthorized_client")


@pytest.mark.parametrize("answer", ["400 invalid_grant", "401 invalid_grant", "401 access_denied", "403 invalid_grant"])
def test_a_wrong_password_is_refused_as_the_knob_says(sandbox: SandboxProcess, control: Control, answer: str) -> None:
    control.knobs(wrong_password=answer)

    status, error = answer.split()
    assert refused(ask_goto_token(sandbox, password="wrong")) == (int(status), error)


@pytest.mark.parametrize("mode", ["omit", "same", "rotate"])
def test_a_refresh_in_each_mode(sandbox: SandboxProcess, control: Control, mode: str) -> None:
    control.knobs(refresh_mode=mode)
    first = ask_goto_token(sandbox).json()["refresh_token"]
    form = {"username": None, "password": None, "grant_type": "refresh_token", "refresh_token": first}

    second = ask_goto_token(sandbox, **form).json()
    third = ask_goto_token(sandbox, **form)

    assert works(sandbox, second["access_token"]) == 200
    if mode == "rotate":
        assert second["refresh_token"] != first and refused(third) == (400, "invalid_grant")
        assert ask_goto_token(sandbox, **form | {"refresh_token": second["refresh_token"]}).status_code == 200
    else:
        assert second.get("refresh_token") == (first if mode == "same" else None)
        assert third.status_code == 200


def test_tokens_end_by_the_clock(sandbox: SandboxProcess, control: Control) -> None:
    tokens = ask_goto_token(sandbox).json()
    form = {"username": None, "password": None, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    control.advance(3590)
    assert works(sandbox, tokens["access_token"]) == 200
    control.advance(20)
    assert works(sandbox, tokens["access_token"]) == 401
    assert ask_goto_token(sandbox, **form).status_code == 200
    control.advance(30 * 86_400)
    assert refused(ask_goto_token(sandbox, **form)) == (400, "invalid_grant")


def test_a_token_can_be_revoked_in_mid_run(sandbox: SandboxProcess, control: Control) -> None:
    token = ask_goto_token(sandbox).json()["access_token"]

    control.change_sign_in(sandbox.goto_username, revoke=True)

    assert works(sandbox, token) == 401
    assert works(sandbox, ask_goto_token(sandbox).json()["access_token"]) == 200


def test_without_the_admin_scope_the_admin_api_is_closed(sandbox: SandboxProcess, control: Control) -> None:
    control.change_goto_client(sandbox.goto_client_id, admin_scope=False)

    token = ask_goto_token(sandbox).json()["access_token"]

    assert works(sandbox, token) == 401


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def consent(sandbox: SandboxProcess, **changes: str) -> requests.Response:
    """Fill in the consent page; `changes` replace its fields."""
    asked = {
        "client_id": sandbox.goto_client_id, "response_type": "code", "redirect_uri": REDIRECT, "state": "x&y",
        "code_challenge": challenge("v" * 43), "code_challenge_method": "S256",
    }  # fmt: skip
    form = {"username": sandbox.goto_username, "password": sandbox.goto_password, "decision": "allow"}
    with sandbox.session() as session:
        page = session.get(f"{sandbox.goto_auth}/oauth/authorize", params=asked, timeout=10)
        assert page.status_code == 200 and 'name="password"' in page.text
        url = f"{sandbox.goto_auth}/oauth/authorize"
        return session.post(url, data=asked | form | changes, allow_redirects=False, timeout=10)


def returned(answer: requests.Response) -> dict[str, str]:
    """The parameters that the browser comes back with."""
    assert answer.status_code == 302 and answer.headers["location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def redeem(sandbox: SandboxProcess, code: str, **changes: Any) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": "v" * 43}
    return ask_goto_token(sandbox, **{"username": None, "password": None} | form | changes)


def test_a_code_works_once(sandbox: SandboxProcess, control: Control) -> None:
    back = returned(consent(sandbox))
    assert back["state"] == "x&y"

    first, second = redeem(sandbox, back["code"]), redeem(sandbox, back["code"])

    assert works(sandbox, first.json()["access_token"]) == 200 and "refresh_token" in first.json()
    assert refused(second) == (400, "invalid_grant")


@pytest.mark.parametrize("changes", [{"code_verifier": "w" * 43}, {"redirect_uri": "http://127.0.0.1:9/other"}])
def test_a_code_needs_its_verifier_and_address(
    sandbox: SandboxProcess, control: Control, changes: dict[str, str]
) -> None:
    code = returned(consent(sandbox))["code"]

    assert refused(redeem(sandbox, code, **changes)) == (400, "invalid_grant")


def test_consent_can_be_refused_and_mistyped(sandbox: SandboxProcess, control: Control) -> None:
    assert returned(consent(sandbox, decision="deny")) == {"error": "access_denied", "state": "x&y"}
    assert consent(sandbox, password="wrong").status_code == 401


def test_nobody_is_sent_to_an_unregistered_address(sandbox: SandboxProcess, control: Control) -> None:
    asked = {"client_id": sandbox.goto_client_id, "response_type": "code", "redirect_uri": "https://evil.example/"}
    with sandbox.session() as session:
        answer = session.get(f"{sandbox.goto_auth}/oauth/authorize", params=asked, timeout=10)

    assert refused(answer) == (400, "invalid_request")


def test_a_company_that_signs_in_elsewhere_can_still_consent(sandbox: SandboxProcess, control: Control) -> None:
    control.change_sign_in(sandbox.goto_username, obstacle="company sign-in")

    assert refused(ask_goto_token(sandbox)) == (400, "invalid_grant")
    assert "code" in returned(consent(sandbox))
