"""A real browser before which the test itself answers, inside its transaction: no server, nothing to commit or clear.

What the pages hold and how they look, in every state, needs no sockets; how they live does, and is tested with a live
server elsewhere.
"""

from contextvars import copy_context
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.portal.conftest import Silence

HOST = "localhost"
OURS = ("accept", "content-type", "hx-request", "hx-target", "hx-trigger", "hx-current-url", "x-csrftoken")


class Screen:
    """`show` opens an address; whatever the browser says that it should not is in `silence`."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(base_url=f"http://{HOST}", reduced_motion="reduce")
        self.page: Page = self.context.new_page()
        self.silence = Silence(HOST)
        self.silence.listen(self.page)
        self.client, self.language = Client(), "en"
        self.files: dict[str, str | None] = {}
        self.around = copy_context()
        self.context.route("**/*", self._in_the_test)

    def show(self, address: str, client: Client, *, theme: str, width: int, language: str) -> Page:
        self.client, self.language, self.around = client, language, copy_context()
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(address)
        return self.page

    def leave(self) -> None:
        """Nothing of a page that is left asks for anything any more."""
        self.page.goto("about:blank")

    def press(self, what: str) -> None:
        """What opens is there once nothing is asked for any more."""
        self.page.click(what)
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(50)

    def _in_the_test(self, route: Route) -> None:
        """The browser's thread of control has a context of its own, and in it Django another connection."""
        self.around.copy().run(self._answer, route)

    def _answer(self, route: Route) -> None:
        asked = route.request
        parts = urlsplit(asked.url)
        if parts.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            route.fulfill(path=self._file(parts.path))
            return
        response = self.client.generic(
            asked.method,
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            asked.post_data_buffer or b"",
            asked.headers.get("content-type", "application/octet-stream"),
            headers={"Accept-Language": self.language, **_ours(asked.headers)},
        )
        body = b"".join(response.streaming_content) if response.streaming else response.content
        route.fulfill(status=response.status_code, headers=dict(response.items()), body=body)

    def _file(self, path: str) -> str:
        if path not in self.files:
            self.files[path] = finders.find(path.split("/", 2)[2])
        found = self.files[path]
        assert found, f"{path} is no file of ours"
        return found


def _ours(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in OURS}
