"""Pages as people see them: a world of rows, clients that are signed in, and a browser that must stay silent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.portal.world import World


@pytest.fixture
def world(db: None) -> World:
    """Contoso with GoToMeeting, configured and switched on, a day of history behind it."""
    return company()


def company() -> World:
    made = World()
    made.configure()
    made.switch_on()
    made.history()
    made.alive()
    World.user("admin", "Administrators")
    World.user("reader", "Readers")
    World.user("nobody", None)
    return made


@pytest.fixture
def administrator(world: World) -> Client:
    return signed_in("admin")


@pytest.fixture
def reader(world: World) -> Client:
    return signed_in("reader")


def signed_in(name: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")
    return client


@dataclass
class Silence:
    """What a browser said that it should not have: console lines, faults, requests to other hosts."""

    host: str
    said: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(f"fault: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != self.host:
            self.said.append(f"request to another host: {request.url}")


Open = Callable[..., Page]
READY = "() => !document.querySelector('[hx-get]:not([data-htmx-powered])')"
"""A page is at work a moment after it has loaded: until then its links are links."""


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[Open]:  # type: ignore[no-untyped-def]
    """Opens a page signed in as `user`; when the test ends, the browser must have kept silent."""
    silence = Silence(urlsplit(live_server.url).netloc)
    contexts: list[BrowserContext] = []

    def opened(path: str, user: str | None = "admin", *, silent: bool = True, **options: object) -> Page:
        """Not `silent`: where the network is cut on purpose, of which the browser complains in its console."""
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
        contexts.append(context)
        if user:
            client = signed_in(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
        page = context.new_page()
        if silent:
            silence.listen(page)
        page.goto(path)
        if options.get("java_script_enabled", True):
            page.wait_for_function(READY)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not silence.said
