from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess, start_sandbox
from tests.world import World, build

UNHURRIED = {"rate_limit": 0}
"""The sandbox lets everything through, unless a test is about the limit itself."""


@pytest.fixture(scope="session")
def engine_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    sandbox = start_sandbox(folder, "--users", "0", "--groups", "0")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def world(engine_sandbox: SandboxProcess, transactional_db: None, settings: object) -> World:
    """An empty directory, an account with its administrator, and a job between them that has not run yet."""
    engine_sandbox.control.reset(empty=True, knobs=UNHURRIED)
    point_at(settings, engine_sandbox)
    return build(engine_sandbox)


def point_at(settings: object, sandbox: SandboxProcess) -> None:
    for name, value in {
        "GOTO_API_URL": sandbox.goto_api,
        "GOTO_AUTH_URL": sandbox.goto_auth,
        "GOTO_CLIENT_ID": sandbox.goto_client_id,
        "GOTO_CLIENT_SECRET": sandbox.goto_client_secret,
        "GOTO_CA_FILE": sandbox.ca_file,
        "GOTO_REQUESTS_PER_SECOND": 1000.0,
    }.items():
        setattr(settings, name, value)
