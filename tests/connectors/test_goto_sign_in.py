"""Ways to a GoTo token, and what a refusal means to the administrator."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from provisioning.connectors.base import Unpaced
from provisioning.connectors.goto.authorization import authorize_url, new_verifier, redeem
from provisioning.connectors.goto.grants import CLIENT_REFUSED, GRANT_REFUSED, TokenEndpoint
from provisioning.connectors.goto.settings import GoToSettings
from provisioning.connectors.goto.token import GoToToken
from provisioning.connectors.http import ConnectorSession
from provisioning.errors import (
    ConfigurationError,
    CredentialsRejected,
    ProvisioningError,
    TransientError,
)
from tests.connectors.conftest import GoToOpener, SavedTokens
from tests.sandbox_process import Control, SandboxProcess

CALLBACK = "https://localhost/goto/callback"


@pytest.fixture
def settings(control: Control, goto_settings: dict[str, str]) -> GoToSettings:
    return GoToSettings.from_mapping(goto_settings)


@pytest.fixture
def refresh_token(sandbox: SandboxProcess, settings: GoToSettings, session: ConnectorSession) -> str:
    """What an administrator gets by Authorize."""
    return authorized(sandbox, settings, session)


def authorized(sandbox: SandboxProcess, settings: GoToSettings, session: ConnectorSession) -> str:
    verifier = new_verifier()
    url = authorize_url(settings, redirect_uri=CALLBACK, state="opaque", verifier=verifier)
    form = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form |= {"username": sandbox.goto_username, "password": sandbox.goto_password, "decision": "allow"}
    back = session.post(url.split("?")[0], data=form)
    answer = parse_qs(urlsplit(back.headers["Location"]).query)
    assert answer["state"] == ["opaque"]
    grant = redeem(session, settings, code=answer["code"][0], redirect_uri=CALLBACK, verifier=verifier)
    return grant.refresh_token


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def token_for(
    session: ConnectorSession, settings: GoToSettings, secrets: Mapping[str, str], **options: Any
) -> GoToToken:
    values = {"auth_mode": "refresh_token"}
    given: dict[str, Any] = {"save": lambda secrets: None} | options
    return GoToToken(TokenEndpoint(session, settings, Unpaced(), budget=5), values, secrets, **given)


def token_requests(control: Control) -> int:
    return sum(1 for request in control.requests("goto_auth") if request["path"] == "/oauth/token")


@pytest.mark.parametrize(
    "knobs", [{"answer_generation": "legacy"}, {"expires_in": "string"}, {"refresh_mode": "rotate"}]
)
def test_a_password_opens_the_account_whatever_the_answers_look_like(
    open_goto: GoToOpener, control: Control, knobs: dict[str, str]
) -> None:
    control.knobs(**knobs)
    assert open_goto().prove().account_key == "8200000000000000001"


def test_authorizing_ends_with_a_refresh_token_that_opens_the_account(
    open_goto: GoToOpener, refresh_token: str
) -> None:
    for mode in ("authorize", "refresh_token"):
        target = open_goto(values={"auth_mode": mode}, secrets={"refresh_token": refresh_token})
        assert target.prove().total == 2


def test_a_code_works_once_and_only_with_its_verifier(
    sandbox: SandboxProcess, settings: GoToSettings, session: ConnectorSession
) -> None:
    verifier = new_verifier()
    url = authorize_url(settings, redirect_uri=CALLBACK, state="opaque", verifier=verifier)
    form = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form |= {"username": sandbox.goto_username, "password": sandbox.goto_password, "decision": "allow"}
    code = parse_qs(urlsplit(session.post(url.split("?")[0], data=form).headers["Location"]).query)["code"][0]

    with pytest.raises(CredentialsRejected, match="Authorize again"):
        redeem(session, settings, code=code, redirect_uri=CALLBACK, verifier=new_verifier())
    with pytest.raises(CredentialsRejected, match="Authorize again"):
        redeem(session, settings, code=code, redirect_uri=CALLBACK, verifier=verifier)


def test_a_new_refresh_token_is_stored_before_the_access_token_is_used(
    control: Control, session: ConnectorSession, settings: GoToSettings, refresh_token: str
) -> None:
    control.knobs(refresh_mode="rotate")
    saved: list[dict[str, str]] = []

    def save(secrets: dict[str, str]) -> None:
        assert not control.requests("goto")
        saved.append(secrets)

    token = token_for(session, settings, {"refresh_token": refresh_token}, save=save)
    first = token.get()
    second = token.renew(first)

    assert first != second
    assert len({entry["refresh_token"] for entry in saved} | {refresh_token}) == 3
    again = token_for(session, settings, saved[-1])
    assert again.get()


@pytest.mark.parametrize("mode", ["omit", "same"])
def test_a_refresh_token_that_stays_the_same_is_not_stored_again(
    control: Control, session: ConnectorSession, settings: GoToSettings, refresh_token: str, mode: str
) -> None:
    control.knobs(refresh_mode=mode)
    saved = SavedTokens()
    token = token_for(session, settings, {"refresh_token": refresh_token}, save=saved)

    token.renew(token.get())

    assert saved.saved == []


def test_a_refresh_token_that_could_not_be_stored_is_stored_first_the_next_time(
    control: Control, session: ConnectorSession, settings: GoToSettings, refresh_token: str
) -> None:
    control.knobs(refresh_mode="rotate")
    attempts: list[str] = []

    def save(secrets: dict[str, str]) -> None:
        attempts.append(secrets["refresh_token"])
        if len(attempts) == 1:
            raise OSError("the database is away")

    token = token_for(session, settings, {"refresh_token": refresh_token}, save=save)
    with pytest.raises(OSError, match="away"):
        token.get()

    assert token.get()
    assert attempts[0] == attempts[1] != attempts[2]


def test_the_secrets_stored_by_then_are_the_ones_that_are_used(
    control: Control, session: ConnectorSession, settings: GoToSettings, refresh_token: str
) -> None:
    @contextmanager
    def refreshing() -> Iterator[Mapping[str, str]]:
        yield {"refresh_token": refresh_token}

    assert token_for(session, settings, {"refresh_token": "stale"}, refreshing=refreshing).get()


def test_many_threads_refresh_once(
    control: Control, session: ConnectorSession, settings: GoToSettings, refresh_token: str
) -> None:
    token = token_for(session, settings, {"refresh_token": refresh_token})
    refused = token.get()
    control.clear_requests()
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(token.renew(refused))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(got)) == 1 and refused not in got
    assert token_requests(control) == 1


@pytest.mark.parametrize("form", ["number", "string"])
def test_a_token_is_kept_until_shortly_before_it_expires(
    control: Control, session: ConnectorSession, settings: GoToSettings, refresh_token: str, form: str
) -> None:
    control.knobs(expires_in=form)
    clock = Clock()
    token = token_for(session, settings, {"refresh_token": refresh_token}, clock=clock)
    first = token.get()

    clock.now += 3539
    assert token.get() == first
    clock.now += 2
    assert token.get() != first


def test_a_token_that_was_revoked_in_the_middle_is_renewed_unnoticed(
    open_goto: GoToOpener, control: Control, sandbox: SandboxProcess
) -> None:
    target = open_goto()
    target.prove()
    control.advance(5)
    control.change_sign_in(sandbox.goto_username, revoke=True)
    control.advance(5)

    assert target.prove().total == 2


@pytest.mark.parametrize("shape", ["code", "errorCode", "int_err_code", "empty", "html"])
def test_an_expired_token_is_renewed_whatever_the_refusal_looks_like(
    open_goto: GoToOpener, control: Control, shape: str
) -> None:
    target = open_goto()
    target.prove()
    control.knobs(error_body=shape)
    control.advance(3601)

    assert target.prove().total == 2


def failure_of(open_goto: GoToOpener, **entered: Any) -> ProvisioningError:
    with pytest.raises(ProvisioningError) as raised:
        open_goto(**entered).prove()
    return raised.value


@pytest.mark.parametrize("knob", ["400 invalid_grant", "401 invalid_grant", "401 access_denied", "403 invalid_grant"])
def test_a_wrong_password_is_the_administrators_matter(open_goto: GoToOpener, control: Control, knob: str) -> None:
    control.knobs(wrong_password=knob)
    error = failure_of(open_goto, secrets={"password": "wrong-password"})

    assert type(error) is CredentialsRejected
    assert "user name and password" in str(error)
    assert "wrong-password" not in str(error) + error.details


@pytest.mark.parametrize("obstacle", ["locked", "company sign-in", "second factor"])
def test_what_keeps_a_person_from_signing_in_is_named(
    open_goto: GoToOpener, control: Control, sandbox: SandboxProcess, obstacle: str
) -> None:
    control.change_sign_in(sandbox.goto_username, obstacle=obstacle)
    error = failure_of(open_goto)

    assert type(error) is CredentialsRejected
    for word in ("locked", "SSO", "second factor"):
        assert word in str(error)


@pytest.mark.parametrize("client", [{"client_id": "unknown"}, {"client_secret": "wrong-secret"}])
def test_a_client_that_is_not_accepted_is_the_deployments_matter(open_goto: GoToOpener, client: dict[str, str]) -> None:
    error = failure_of(open_goto, settings=client)

    assert (type(error), error.code) == (ConfigurationError, CLIENT_REFUSED)
    assert "not the fault of the credentials" in str(error)
    assert "wrong-secret" not in str(error) + error.details


def test_a_client_without_the_password_grant_is_told_to_authorize(open_goto: GoToOpener, control: Control) -> None:
    control.knobs(password_grant=False)
    error = failure_of(open_goto)

    assert (type(error), error.code) == (ConfigurationError, GRANT_REFUSED)
    assert "Authorize" in str(error)


def test_an_expired_refresh_token_asks_to_authorize_again(
    open_goto: GoToOpener, control: Control, refresh_token: str
) -> None:
    control.advance(31 * 86400)
    error = failure_of(open_goto, values={"auth_mode": "authorize"}, secrets={"refresh_token": refresh_token})

    assert type(error) is CredentialsRejected
    assert "Authorize again" in str(error)
    assert refresh_token not in str(error) + error.details


@pytest.mark.parametrize(
    ("values", "secrets"),
    [({}, {}), ({"username": ""}, None), ({"auth_mode": "authorize"}, {}), ({"auth_mode": "refresh_token"}, {})],
)
def test_incomplete_credentials_make_no_request(
    open_goto: GoToOpener, control: Control, values: dict[str, str], secrets: dict[str, str] | None
) -> None:
    error = failure_of(open_goto, values=values, secrets=secrets)

    assert type(error) is ConfigurationError
    assert control.requests() == []


@pytest.mark.parametrize(
    "trouble", [{"what": "status", "status": 503}, {"what": "html_200"}, {"what": "truncated_json"}]
)
def test_trouble_at_the_token_server_is_transient(
    open_goto: GoToOpener, control: Control, trouble: dict[str, Any]
) -> None:
    control.faults({"server": "goto_auth"} | trouble)
    error = failure_of(open_goto, budget=3.0)

    assert type(error) is TransientError


def test_a_short_trouble_at_the_token_server_is_not_noticed(open_goto: GoToOpener, control: Control) -> None:
    control.faults({"server": "goto_auth", "what": "status", "status": 502, "count": 1})

    assert open_goto().prove().total == 2


def test_no_secret_of_the_credentials_is_logged_by_the_session(
    open_goto: GoToOpener, session: ConnectorSession, sandbox: SandboxProcess
) -> None:
    open_goto().prove()
    text = f"{sandbox.goto_password} {sandbox.goto_client_secret}"

    assert session.redactor.excerpt(text) == "[removed] [removed]"


def test_the_settings_name_what_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="no GoTo client"):
        GoToSettings.from_mapping({"client_id": ""})
    with pytest.raises(ConfigurationError, match="GoTo API address"):
        GoToSettings.from_mapping({"client_id": "x", "api_url": "api.getgo.com"})
    assert "hidden" not in repr(GoToSettings.from_mapping({"client_id": "x", "client_secret": "hidden"}))


def test_an_authorize_address_carries_the_challenge_not_the_verifier(settings: GoToSettings) -> None:
    verifier = new_verifier()
    url = authorize_url(settings, redirect_uri=CALLBACK, state="s", verifier=verifier)

    assert verifier not in url
    assert requests.utils.urlparse(url).path == "/oauth/authorize"
    assert "code_challenge_method=S256" in url
