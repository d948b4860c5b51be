"""The world of every test: real servers on real sockets, started once for the run.

broker          a Valkey; always there, as whoever enqueues needs one
sandbox         the pretend Entra ID and GoTo, in its first state; the settings point to its GoTo
workers         starts real Celery workers of the test's database
worker          one of them, ready
page            a page of a real browser (from pytest-playwright)
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import translation
from pytest_django import Settings

from tests.broker import forget_messages, start_broker
from tests.sandbox_process import SandboxProcess, start_sandbox
from tests.workers import WorkerProcess, Workers

FIRST_STATE: dict[str, Any] = {"users": 40, "groups": 5, "seed": "contoso", "empty": False, "knobs": {"rate_limit": 0}}
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "workers"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: uses the database (set by itself); runs on SQLite and on PostgreSQL")
    config.addinivalue_line("markers", "browser: uses a browser (set by itself)")
    config.addinivalue_line("markers", "chaos: kills, freezes or starves real processes; `make chaos` runs them all")
    config.addinivalue_line("markers", "slow: not in `make test`")
    config.addinivalue_line("markers", "in_order: steps that are taken one after the other, never shuffled")
    config.addinivalue_line("markers", "screenshots: makes pictures for people to look at")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker("database")
        if "browser" in fixtures:
            item.add_marker("browser")
    _keep_order(items)


def _keep_order(items: list[pytest.Item]) -> None:
    """Other tests are shuffled, to prove that none needs another."""
    places = [place for place, item in enumerate(items) if item.get_closest_marker("in_order")]
    steps = sorted((items[place] for place in places), key=lambda item: item.callspec.indices["number"])  # type: ignore[attr-defined]
    for place, step in zip(places, steps, strict=True):
        items[place] = step


def pytest_report_header() -> str:
    return f"database: {django_settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"


@pytest.fixture(scope="session", autouse=True)
def broker() -> Iterator[subprocess.Popen[bytes]]:
    process = start_broker(django_settings.BROKER_URL)
    yield process
    process.terminate()
    process.wait()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page leaves its reader's language active in the thread; the next test begins in English all the same."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("sandbox")
    with start_sandbox(folder, "--users", str(FIRST_STATE["users"]), "--groups", str(FIRST_STATE["groups"])) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    """Forty people, five groups, no limit of requests; GoTo's addresses also for workers that start from here."""
    sandbox_process.control.reset(**FIRST_STATE)
    sandbox_process.control.clear_requests()
    for name, value in goto_settings(sandbox_process).items():
        setattr(settings, name, value)
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EMAIL_URL", f"smtp://{sandbox_process.smtp_host}:{sandbox_process.smtp_port}")
    return sandbox_process


def goto_settings(sandbox: SandboxProcess) -> dict[str, str]:
    """Where a deployment finds the sandbox's GoTo."""
    return {
        "GOTO_API_URL": sandbox.goto_api,
        "GOTO_AUTH_URL": sandbox.goto_auth,
        "GOTO_CLIENT_ID": sandbox.goto_client_id,
        "GOTO_CLIENT_SECRET": sandbox.goto_client_secret,
        "GOTO_CA_FILE": sandbox.ca_file,
    }


def database_url() -> str:
    """The test's own database, for processes beside the test."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@pytest.fixture
def workers(broker: subprocess.Popen[bytes], transactional_db: None, tmp_path: Path) -> Iterator[Workers]:
    forget_messages(django_settings.BROKER_URL)
    started = Workers(tmp_path, database_url())
    yield started
    started.stop()


@pytest.fixture
def worker(workers: Workers) -> WorkerProcess:
    return workers.start()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium. Without one the run fails: pages that nobody looked at are not tested."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing: `make setup` installs it.")
    # From here on an event loop of Playwright runs in this thread, which is no reason to refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": chromium}
