"""Pages that are open while a part of the machinery is away: they say so, and go on by themselves once it is back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.timezone import now
from playwright.sync_api import expect
from redis import Redis

from provisioning.models import Heartbeat
from tests.portal.conftest import Open
from tests.portal.world import World
from tests.sandbox_process import SandboxProcess
from tests.workers import Workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

PATIENCE = 40_000


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


def test_an_overview_whose_server_is_away_says_since_when_and_goes_on(world: World, open_page: Open) -> None:
    """Whatever fails behind a poll, be it the process or its database, looks like this to the page that is open."""
    world.running()
    page = open_page(address(world, ""), silent=False)
    expect(page.locator("#live")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator(".stale.shown")).to_contain_text("Not updated since", timeout=PATIENCE)

    page.context.set_offline(False)

    expect(page.locator(".stale.shown")).to_have_count(0, timeout=PATIENCE)
