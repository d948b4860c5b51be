"""Every page in a browser: no console line, no other host, no accessibility violation, nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.portal.conftest import Open
from tests.portal.states import SHOWN, Shown
from tests.portal.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.name)
def test_a_page_can_be_used_by_everybody(shown: Shown, world: World, open_page: Open) -> None:
    shown.prepare(world)
    for theme, width in (("light", 1280), ("dark", 390)):
        page = open_page(shown.address(world), color_scheme=theme, viewport={"width": width, "height": 900})
        if shown.click:
            page.click(shown.click)
            page.wait_for_timeout(400)
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("path", ["/sign-in", "/password/lost", "/welcome"])
def test_a_page_outside_the_frame_can_be_used_by_everybody(path: str, world: World, open_page: Open) -> None:
    page = open_page(path, user=None)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
