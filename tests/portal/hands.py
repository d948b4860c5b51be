"""How somebody clicks and types, by mouse or by keyboard, and waits, with scripts or without."""

import time

from playwright.sync_api import Locator, Page, expect

PATIENCE = 40_000
"""Milliseconds for what a worker does."""
MOST_TABS = 150
FOCUS = """element => element === document.activeElement &&
    (element.matches(':focus-visible') ? 'visible' : 'invisible')"""
LIES_BEFORE = """element => Boolean(
    element.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING)"""
REFRESH = "#question .unscripted:is(a, button), #checks .unscripted :is(a, button)"
"""What asks again where no script does."""


class Mouse:
    """Clicks, and types into what was clicked."""

    scripts = True

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(10_000)

    def press(self, place: Locator) -> None:
        place.click()

    def write(self, place: Locator, text: str) -> None:
        place.fill(text)

    def tick(self, place: Locator) -> None:
        """Also what leaves the page once it is chosen."""
        if not place.is_checked():
            place.click()

    def switch(self, place: Locator) -> None:
        """A check box to what it is not."""
        place.click()

    def choose(self, place: Locator, value: str) -> None:
        place.select_option(value)

    def await_(self, place: Locator) -> None:
        """Until the page shows it by itself."""
        expect(place).to_be_visible(timeout=PATIENCE)


class MouseWithoutScripts(Mouse):
    """What is not there yet is asked for again, by the page's own Refresh where it offers one."""

    scripts = False

    def await_(self, place: Locator) -> None:
        deadline = time.monotonic() + PATIENCE / 1000
        while not place.is_visible() and time.monotonic() < deadline:
            time.sleep(0.2)
            refresh = self.page.locator(REFRESH).first
            if refresh.is_visible():
                with self.page.expect_navigation():
                    refresh.click()
            else:
                self.page.goto(self.page.url)
        expect(place).to_be_visible()


class Keyboard(Mouse):
    """Never touches the mouse: Tab to the place, then the key that its kind of control obeys."""

    def reach(self, place: Locator) -> None:
        place.wait_for()
        element = place.element_handle()  # found once: by its role and name it takes longer than a key
        if element.evaluate("element => element.closest('main') && !document.activeElement.closest('main, dialog')"):
            self.skip_to_the_content()
        key = "Shift+Tab" if element.evaluate(LIES_BEFORE) else "Tab"
        for _tab in range(MOST_TABS):
            state = element.evaluate(FOCUS)
            if state:
                assert state == "visible", "The focus cannot be seen."
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{place} cannot be reached with Tab.")

    def skip_to_the_content(self) -> None:
        """By the page's first link, which is there for whoever has no mouse."""
        if self.page.evaluate("document.activeElement === document.body"):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.matches('.skip')"):
                self.page.keyboard.press("Enter")

    def press(self, place: Locator) -> None:
        self.reach(place)
        self.page.keyboard.press("Enter")

    def write(self, place: Locator, text: str) -> None:
        self.reach(place)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, place: Locator) -> None:
        if place.get_attribute("type") == "checkbox":
            self.reach(place)
            if not place.is_checked():
                self.page.keyboard.press("Space")
        else:
            name = place.get_attribute("name")
            self.reach(self.page.locator(f"input[name={name}]:checked"))
            while not place.is_checked():
                self.page.keyboard.press("ArrowUp")

    def switch(self, place: Locator) -> None:
        self.reach(place)
        self.page.keyboard.press("Space")

    def choose(self, place: Locator, value: str) -> None:
        """With the arrows from the first option on: letters typed shortly one after the other would make one word."""
        self.reach(place)
        self.page.keyboard.press("Home")
        for _option in range(place.locator("option").count()):
            if place.input_value() == value:
                break
            self.page.keyboard.press("ArrowDown")
        expect(place).to_have_value(value)
