"""What the table of states does not show: a form that was refused."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.portal.conftest import Open
from tests.portal.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def assert_everybody_can_use(page: Page) -> None:
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_refused_form_can_be_mended_by_everybody(theme: str, world: World, open_page: Open) -> None:
    """The browser logs every answer of 422 as an error of its own, so it may speak here."""
    page = open_page(f"/applications/{world.gotomeeting.pk}/provisioning", color_scheme=theme, silent=False)
    page.get_by_label("Interval in minutes").fill("0")
    page.get_by_label("Notification Email").fill("nobody at all")
    page.get_by_role("button", name="Save", exact=True).click()
    summary = page.locator("[data-error-summary]")
    summary.wait_for()

    assert page.title().startswith("Error:")
    assert summary.evaluate("element => element === document.activeElement")
    assert page.get_by_label("Interval in minutes").get_attribute("aria-invalid") == "true"
    assert_everybody_can_use(page)
