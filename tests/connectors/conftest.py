"""Each test begins with an untouched world and its own session."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provisioning.connectors.base import Unpaced
from provisioning.connectors.goto.admin import GoToTarget
from provisioning.connectors.graph.source import GraphSource
from provisioning.connectors.http import ConnectorSession
from tests.sandbox_process import Control, SandboxProcess

EMPTY_WORLD: dict[str, Any] = {"users": 20, "groups": 0, "seed": "contoso", "empty": True, "knobs": {"rate_limit": 0}}


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """The sandbox of the whole run as it is: connectors need no settings of Django that point to it."""
    return sandbox_process


@pytest.fixture
def control(sandbox: SandboxProcess) -> Control:
    """The control interface of a world where nobody is but GoTo's administrators."""
    sandbox.control.reset(**EMPTY_WORLD)
    sandbox.control.clear_requests()
    return sandbox.control


@pytest.fixture
def session(sandbox: SandboxProcess) -> Iterator[ConnectorSession]:
    with ConnectorSession(ca_file=sandbox.ca_file) as made:
        yield made


GoToOpener = Callable[..., GoToTarget]


class SavedTokens:
    """What a deployment would store: the newest secrets."""

    def __init__(self) -> None:
        self.saved: list[dict[str, str]] = []

    def __call__(self, secrets: dict[str, str]) -> None:
        self.saved.append(dict(secrets))


@pytest.fixture
def saved() -> SavedTokens:
    return SavedTokens()


@pytest.fixture
def goto_settings(sandbox: SandboxProcess) -> dict[str, str]:
    return {
        "api_url": sandbox.goto_api,
        "auth_url": sandbox.goto_auth,
        "client_id": sandbox.goto_client_id,
        "client_secret": sandbox.goto_client_secret,
        "ca_file": sandbox.ca_file,
    }


@pytest.fixture
def open_goto(
    sandbox: SandboxProcess,
    control: Control,
    session: ConnectorSession,
    goto_settings: dict[str, str],
    saved: SavedTokens,
) -> GoToOpener:
    """A target of the account; `settings`, `values`, `secrets` replace what the super user would enter."""

    def opened(
        *,
        settings: dict[str, str] | None = None,
        values: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        **options: Any,
    ) -> GoToTarget:
        entered = {"auth_mode": "password", "username": sandbox.goto_username} | (values or {})
        stored = {"password": sandbox.goto_password} if secrets is None else secrets
        given = {"pace": Unpaced(), "save_token": saved, "budget": 20.0} | options
        return GoToTarget(session, goto_settings | (settings or {}), entered, stored, **given)

    return opened


@pytest.fixture
def goto(open_goto: GoToOpener) -> GoToTarget:
    return open_goto()


@pytest.fixture
def open_source(sandbox: SandboxProcess, control: Control, session: ConnectorSession) -> Callable[..., GraphSource]:
    """A source of the tenant; named arguments replace those of the sandbox's own client."""

    def opened(**changes: Any) -> GraphSource:
        given = {
            "authority": sandbox.authority,
            "graph_root": sandbox.graph,
            "tenant_id": sandbox.tenant_id,
            "client_id": sandbox.client_id,
            "secret": sandbox.client_secret,
            "pace": Unpaced(),
            "budget": 20.0,
        }
        return GraphSource(session, **given | changes)

    return opened


@pytest.fixture
def source(open_source: Callable[..., GraphSource]) -> GraphSource:
    return open_source()
