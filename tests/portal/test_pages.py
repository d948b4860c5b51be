"""Every page in every state: silent, accessible, nothing sideways, in both themes, both languages, wide and narrow.

Each state is looked at twice: light, wide and in English, then dark, as narrow as can be and in Dutch, whose words are
the longest. The other pairs of theme, width and language would show nothing that is in neither.
"""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.portal.conftest import company, signed_in
from tests.portal.english import english_in
from tests.portal.screen import Screen
from tests.portal.states import SHOWN, Shown
from tests.portal.world import World

LOOKS = ({"theme": "light", "width": 1280, "language": "en"}, {"theme": "dark", "width": 320, "language": "nl"})


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """In place of the fixture of this name: the company, once for all states; it never leaves its transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield company()
        transaction.set_rollback(True)


@pytest.fixture
def world(db: World) -> Iterator[World]:
    with transaction.atomic():
        yield deepcopy(db)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def one_screen(browser: Browser) -> Iterator[Screen]:
    made = Screen(browser)
    yield made
    made.context.close()


@pytest.fixture
def screen(one_screen: Screen) -> Iterator[Screen]:
    one_screen.silence.said.clear()
    yield one_screen
    one_screen.leave()
    assert not one_screen.silence.said


def assert_everybody_can_use(page: Page, width: int) -> None:
    result = Axe().run(page, options={"resultTypes": ["violations"]})
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.name)
def test_a_page_can_be_used_by_everybody(shown: Shown, world: World, screen: Screen) -> None:
    shown.prepare(world)
    client = signed_in("admin")
    for look in LOOKS:
        page = screen.show(shown.address(world), client, **look)
        if shown.click:
            screen.press(shown.click)
        assert_everybody_can_use(page, look["width"])
        assert page.locator("h1").count() == 1
    assert english_in(page.locator("body").inner_html()) == []


@pytest.mark.parametrize("path", ["/sign-in", "/password/lost", "/welcome"])
def test_a_page_outside_the_frame_can_be_used_by_everybody(path: str, world: World, screen: Screen) -> None:
    if path == "/welcome":  # which is there as long as nobody is
        User.objects.all().delete()
    for look in LOOKS:
        assert_everybody_can_use(screen.show(path, Client(), **look), look["width"])
