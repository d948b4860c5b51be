"""Microsoft's GoToMeeting tutorial, by someone who only clicks and types, from an empty installation on.

One test for each step, in their order, and once more in every way that somebody may walk: each begins where the one
before it ended. Directory and GoTo account are the sandbox's, a real worker runs beside the pages, and the end is
looked up in the account itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from portal import first_run
from tests.broker import forget_messages
from tests.conftest import FIRST_STATE, database_url, goto_settings
from tests.portal.conftest import Silence
from tests.portal.hands import Keyboard, Mouse, MouseWithoutScripts
from tests.portal.walk import EVERYTHING, TUTORIAL, Administrator, somebody_unassigned
from tests.sandbox_process import SandboxProcess
from tests.workers import Workers

pytestmark = [pytest.mark.in_order, pytest.mark.timeout(120), pytest.mark.xdist_group("tutorial")]

Step = Callable[[Administrator], None]


@dataclass(frozen=True)
class Way:
    """How somebody walks, and which steps they take."""

    name: str
    hand: type[Mouse] = Mouse
    language: str = "en"
    steps: tuple[Step, ...] = TUTORIAL


WAYS = (
    Way("in English", steps=EVERYTHING),
    Way("in Dutch", language="nl"),
    Way("without scripts", MouseWithoutScripts),
    Way("by keyboard", Keyboard),
)


@dataclass
class Journey:
    way: Way
    context: BrowserContext
    administrator: Administrator
    silence: Silence
    taken: int = 0
    stuck: str = ""
    """The step that failed: those after it cannot be walked."""

    def take(self, number: int) -> None:
        """The step of this number, from 0. Whoever asks for it alone is led there."""
        for step in self.way.steps[self.taken : number + 1]:
            if self.stuck:
                pytest.skip(f"{self.stuck} failed")
            self.stuck = step.__name__
            step(self.administrator)
            assert not self.silence.said
            self.stuck = ""
            self.taken += 1


class Journeys:
    """One at a time: who sets out begins with an empty installation."""

    def __init__(self, sandbox: SandboxProcess, browser: Browser, url: str) -> None:
        self.sandbox, self.browser, self.url = sandbox, browser, url
        self.current: Journey | None = None

    def on(self, way: Way) -> Journey:
        if self.current is None or self.current.way is not way:
            self.end()
            self.current = self._set_out(way)
        return self.current

    def _set_out(self, way: Way) -> Journey:
        self.sandbox.control.reset(**FIRST_STATE)
        first_run.forget()
        context = self.browser.new_context(
            base_url=self.url,
            locale=way.language,
            java_script_enabled=way.hand.scripts,
            viewport={"width": 1280, "height": 900},
        )
        page, silence = context.new_page(), Silence(urlsplit(self.url).netloc)
        silence.listen(page)
        page.goto("/")
        person = somebody_unassigned(self.sandbox)
        return Journey(way, context, Administrator(way.hand(page), way.language, self.sandbox, person), silence)

    def end(self) -> None:
        if self.current is not None:
            self.current.context.close()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of the fixture of this name: nothing is undone between the steps of a journey."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def journeys(
    sandbox_process: SandboxProcess,
    transactional_db: None,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Journeys]:
    """Web server and worker beside the sandbox, for as long as all journeys take."""
    goto = goto_settings(sandbox_process)
    forget_messages(settings.BROKER_URL)
    workers = Workers(tmp_path_factory.mktemp("workers"), database_url())
    workers.start(ready=False, GOTO_REQUESTS_PER_SECOND="1000", **goto)
    server = LiveServer("127.0.0.1")
    with override_settings(**goto):
        journeys = Journeys(sandbox_process, browser, server.url)
        yield journeys
        journeys.end()
    workers.stop()
    server.stop()


STEPS = [
    pytest.param(way, number, id=f"{way.name}-{number + 1:02} {step.__name__.replace('_', ' ')}")
    for way in WAYS
    for number, step in enumerate(way.steps)
]


@pytest.mark.parametrize(("way", "number"), STEPS)
def test_tutorial(way: Way, number: int, journeys: Journeys) -> None:
    journeys.on(way).take(number)
