"""Pictures of every page and state, light and dark, on a phone and on a desk: `make screenshots`."""

from pathlib import Path

import pytest

from tests.portal.conftest import Open
from tests.portal.states import SHOWN, Shown
from tests.portal.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.screenshots]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.name)
def test_picture(shown: Shown, theme: str, width: int, world: World, open_page: Open) -> None:
    shown.prepare(world)
    page = open_page(shown.address(world), color_scheme=theme, viewport={"width": width, "height": 900})
    if shown.click:
        page.click(shown.click)
    page.wait_for_timeout(400)  # what slides in has arrived
    if not shown.click:  # as high as the page, so that what sticks to the window's edge does not lie across it
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{shown.name}-{theme}-{width}.png")
