"""Pages that are open while a part of the machinery is away: they say so, and go on by themselves once it is back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import expect
from redis import Redis

from provisioning.models import Heartbeat
from tests.portal.conftest import Open
from tests.portal.pages import arguments, named_patterns
from tests.portal.world import World
from tests.sandbox_process import SandboxProcess
from tests.workers import Workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

PATIENCE = 40_000
DUTCH = {"Accept-Language": "nl"}
WITHOUT_DATABASE = {"healthz", "language", "preferences"}
"""Addresses that ask it nothing."""


def address(world: World, page: str) -> str:
    return f"/applications/{world.gotomeeting.pk}/{page}"


def test_a_test_that_no_worker_takes_says_so_and_goes_on_when_one_is_there(
    sandbox: SandboxProcess, workers: Workers, world: World, open_page: Open
) -> None:
    Heartbeat.objects.update(at=now() - timedelta(minutes=10))
    page = open_page(address(world, "provisioning?edit=1"))
    page.get_by_label("GoToMeeting Admin User Name").fill(sandbox.goto_username)
    page.get_by_label("GoToMeeting Admin Password").fill(sandbox.goto_password)
    page.get_by_role("button", name="Test Connection").click()
    expect(page.locator("#checks .bar.warning")).to_contain_text("No worker answers.", timeout=PATIENCE)

    workers.start()

    expect(page.locator("#checks .checks li.success").nth(6)).to_be_visible(timeout=PATIENCE)


def test_goto_away_is_named_by_the_test_and_found_again(
    sandbox: SandboxProcess, workers: Workers, world: World, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = workers.start(GOTO_AUTH_URL="https://127.0.0.1:9")
    page = open_page(address(world, "provisioning?edit=1"))
    page.get_by_label("GoToMeeting Admin User Name").fill(sandbox.goto_username)
    page.get_by_label("GoToMeeting Admin Password").fill(sandbox.goto_password)
    page.get_by_role("button", name="Test Connection").click()
    expect(page.locator("#checks .checks li.danger")).to_contain_text("GoTo sign-in", timeout=PATIENCE)

    away.stop()
    workers.start()
    page.get_by_role("button", name="Test Connection").click()

    expect(page.locator("#checks .checks li.success").nth(6)).to_be_visible(timeout=PATIENCE)


@pytest.fixture
def broker_away() -> Iterator[None]:
    """Its socket is gone and every connection cut, as when it is being restarted; back when the test ends."""
    socket = Path(settings.BROKER_URL.removeprefix("redis+socket://"))
    elsewhere = socket.rename(socket.with_suffix(".away"))
    with Redis(unix_socket_path=str(elsewhere)) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    yield
    elsewhere.rename(socket)


def test_without_a_broker_what_was_asked_for_is_kept(broker_away: None, world: World, open_page: Open) -> None:
    """It is a row, which beat finds once there is a broker again."""
    page = open_page(address(world, ""))
    page.get_by_role("link", name="Restart provisioning").first.click()
    page.locator("dialog button.primary").click()

    expect(page.get_by_text("Provisioning was restarted.").first).to_be_visible(timeout=PATIENCE)
    world.job.refresh_from_db()
    assert world.job.run_requested_at is not None


def test_an_overview_whose_server_or_database_is_away_says_since_when_and_goes_on(
    world: World, open_page: Open
) -> None:
    world.running()
    page = open_page(address(world, ""), silent=False)
    expect(page.locator("#live")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator(".stale.shown")).to_contain_text("Not updated since", timeout=PATIENCE)

    page.context.set_offline(False)

    expect(page.locator(".stale.shown")).to_have_count(0, timeout=PATIENCE)
    with database_away():
        expect(page.locator(".stale.shown")).to_contain_text("Not updated since", timeout=PATIENCE)
        expect(page.locator("#live")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("The database does not answer")
        assert Axe().run(page).violations_count == 0
    expect(page.locator("#live")).to_be_visible(timeout=PATIENCE)


@contextmanager
def database_away() -> Iterator[None]:
    """Nobody gets a connection, and those that were open are cut; back at the end."""
    name = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        file = Path(name)
        elsewhere = file.rename(file.with_suffix(".away"))
        file.mkdir()
        try:
            yield
        finally:
            connection.close()
            file.rmdir()
            elsewhere.rename(file)
        return
    server = {key.lower(): connection.settings_dict[key] for key in ("HOST", "PORT", "USER")}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as beside:
        beside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        beside.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            beside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_without_a_database_every_page_says_so_until_it_is_back(world: World, administrator: Client) -> None:
    given = arguments(world)
    addresses = [
        reverse(name, kwargs={parameter: given[parameter] for parameter in parameters})
        for name, _route, parameters in named_patterns()
        if name not in WITHOUT_DATABASE
    ]
    administrator.raise_request_exception = False
    with database_away():
        for each in addresses:
            response = administrator.get(each)
            assert (each, response.status_code) == (each, 503)
        assert response["Retry-After"] == "10"
        assert "The database does not answer" in administrator.get("/").content.decode()
        assert (
            administrator.get("/", headers={"Accept-Language": "nl"})
            .content.decode()
            .count("De database antwoordt niet")
        )
        assert administrator.get(reverse("healthz")).status_code == 200

    assert administrator.get("/").status_code == 200
    assert administrator.get(reverse("readyz"), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_database_that_another_one_keeps_locked_changes_nothing_and_says_so(
    world: World, administrator: Client
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no lock that keeps every writer out for long.")
    administrator.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stopped = administrator.post(address(world, "stop"))
        assert administrator.get(address(world, "")).status_code == 200, "whoever only looks is not kept out"
        other.execute("ROLLBACK")

    assert stopped.status_code == 503
    assert "Nothing was changed." in stopped.content.decode()
    world.job.refresh_from_db()
    assert not world.job.halted
    assert administrator.post(address(world, "stop")).status_code == 302
    world.job.refresh_from_db()
    assert world.job.halted
