"""An administrator writes an expression: from its first fault to the accounts that change, in a browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from provisioning.models import DirectoryObject, bulk
from tests.portal.conftest import Open
from tests.portal.world import World as Rows
from tests.sandbox_process import SandboxProcess
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = ("nl-NL", "en-US", "de-DE", "fr-FR")
STRANGERS = 10_000
"""People of the directory who are not assigned: the lab tries the expression on them, saving touches none of them."""


@pytest.fixture
def world(sandbox: SandboxProcess) -> World:
    """Three people with accounts, two of whom are Dutch, and a directory of ten thousand more."""
    sandbox.control.reset(empty=True, knobs={"rate_limit": 0})
    sandbox.control.seed(
        users=[person("Ada", "Jansen", "nl-NL"), person("Bob", "Smith", "en-US"), person("Cas", "Bakker", "nl-NL")],
        groups=[
            {"displayName": "Sales", "members": ["ada@contoso.example", "bob@contoso.example", "cas@contoso.example"]}
        ],
        assignments=[{"principal": "Sales", "role": "User", "application": "GoToMeeting"}],
    )
    made = build(sandbox)
    made.run_cycle()
    bulk.insert([stranger(made, number) for number in range(STRANGERS - 3)])
    Rows.user("admin", "Administrators")
    made.log()
    return made


def person(given: str, surname: str, language: str) -> dict[str, str]:
    return {
        "displayName": f"{given} {surname}",
        "givenName": given,
        "surname": surname,
        "preferredLanguage": language,
        "userPrincipalName": f"{given.lower()}@contoso.example",
    }


def stranger(world: World, number: int) -> DirectoryObject:
    attributes = person(f"Stranger{number}", f"Surname{number % 500}", LANGUAGES[number % 4])
    return DirectoryObject(
        tenant=world.tenant,
        object_id=f"stranger-{number}",
        kind=DirectoryObject.Kind.USER,
        display_name=attributes["displayName"],
        user_principal_name=attributes["userPrincipalName"],
        attributes=attributes,
        reading=1,
    )


def test_an_expression_from_its_first_fault_to_the_accounts_that_change(world: World, open_page: Open) -> None:
    page = open_page(f"/applications/{world.application.pk}/mapping")
    open_the_builder(page)

    see_the_fault(page)
    mend_it_by_completion(page)
    see_what_it_does_to_everybody(page)
    everybody_can_use_it(page)
    carry_it_back_to_the_mapping(page)
    see_who_is_touched_and_save(page)
    world.run_cycle()

    assert world.log() == [("update", "success", "")] * 2
    assert {user["email"]: user["lastName"] for user in world.managed().values()} == {
        "ada@contoso.example": "Jansen (NL)",
        "bob@contoso.example": "Smith",
        "cas@contoso.example": "Bakker (NL)",
    }


def open_the_builder(page: Page) -> None:
    page.get_by_role("link", name="name.familyName").click()
    find_an_attribute_by_its_value(page)
    page.get_by_label("Mapping type").select_option("Expression")
    page.get_by_label("Default value if null").fill("nobody")
    page.get_by_role("button", name="Use the expression builder").click()
    page.get_by_role("heading", level=1, name="Expression builder").wait_for()


def find_an_attribute_by_its_value(page: Page) -> None:
    page.get_by_label("Search attributes").fill("ada j")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Source attribute").input_value() == "displayName"
    assert page.evaluate("document.activeElement.name") == "source_attribute"


def see_the_fault(page: Page) -> None:
    page.get_by_role("textbox", name="Expression").click()
    page.keyboard.type('Swich([preferredLanguage], [surname], "nl-NL", Append([surname], " (NL)"')
    fault = page.locator("#verdict .problem").first
    fault.get_by_text("Column 1: There is no function Swich. Did you mean Switch?").wait_for()
    assert page.locator(".expression-fault").inner_text().splitlines()[1] == "^"
    assert page.locator(".cm-lintRange-error").inner_text() == "Swich"


def mend_it_by_completion(page: Page) -> None:
    page.keyboard.press("Control+Home")
    for _ in "Sw":
        page.keyboard.press("ArrowRight")
    for _ in "ich":
        page.keyboard.press("Delete")
    page.keyboard.press("Control+Space")
    page.get_by_role("option", name="Switch").wait_for()
    page.wait_for_timeout(100)  # what has just appeared is not taken yet: an Enter might have been meant for the text
    page.keyboard.press("Enter")
    page.locator("#verdict .problem").first.wait_for(state="detached")
    result = page.locator("#verdict dd").first
    result.get_by_text("Jansen (NL)").wait_for()

    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.cm-editor')")


def see_what_it_does_to_everybody(page: Page) -> None:
    page.get_by_role("button", name="Try on everybody").click()
    page.get_by_role("heading", name="Tried on 10,000 people").wait_for()
    different = page.locator(".distribution details", has_text="Another value than today")
    assert different.locator("summary").inner_text().split()[-1] == "2,502"
    different.locator("summary").click()
    assert "Ada Jansen Jansen → Jansen (NL)" in " ".join(different.inner_text().split())
    values = page.locator("#lab section", has_text="different values")
    assert values.locator("summary").count() == 12
    widths = [int(rect.get_attribute("width") or 0) for rect in values.locator("rect[class=of-update]").all()]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 1000


def everybody_can_use_it(page: Page) -> None:
    page.get_by_label("Search functions").fill("switch")
    assert page.locator("#functions details:visible").count() < 5
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()


def carry_it_back_to_the_mapping(page: Page) -> None:
    page.get_by_role("button", name="Use this expression").click()
    page.get_by_role("heading", name="Edit Attribute").wait_for()
    assert page.get_by_label("Mapping type").input_value() == "Expression"
    assert page.get_by_label("Default value if null").input_value() == "nobody"
    expression = page.get_by_label("Expression", exact=True).input_value()
    assert expression == 'Switch([preferredLanguage], [surname], "nl-NL", Append([surname], " (NL)"))'


def see_who_is_touched_and_save(page: Page) -> None:
    page.locator("#attribute").get_by_role("button", name="Save").click()
    page.get_by_text(re.compile("2 people are changed")).wait_for()
    assert "Bob" not in page.locator("main").inner_text()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", level=1, name="Attribute Mappings").wait_for()
