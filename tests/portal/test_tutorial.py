"""Microsoft's GoToMeeting tutorial, step by step, by someone who only clicks and types, from an empty installation on.

The directory and the GoTo account are the sandbox's, a real worker runs beside the pages, and the end is looked up in
the account itself.
"""

from collections.abc import Callable

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Page, expect

from portal import first_run
from tests.portal.conftest import Open
from tests.sandbox_process import SandboxProcess
from tests.workers import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

PATIENCE = 40_000
"""Milliseconds for what a worker does."""


class Administrator:
    """Somebody at the browser, who reads the labels in their own language."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language
        page.set_default_timeout(10_000)

    def words(self, message: str, **values: object) -> str:
        with translation.override(self.language):
            return gettext(message) % values if values else gettext(message)

    def follow(self, message: str, **values: object) -> None:
        self.page.get_by_role("link", name=self.words(message, **values), exact=True).first.click()

    def press(self, message: str) -> None:
        self.page.get_by_role("button", name=self.words(message), exact=True).first.click()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(self.words(label)).first.fill(text)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    # --- the steps ------------------------------------------------------------------------------------------------

    def create_the_first_administrator(self) -> None:
        self.write("One-time code", first_run.code())
        self.write("User name", "sanne")
        self.page.locator("#id_password").fill("a long enough secret")
        self.press("Create administrator")

    def connect_the_tenant(self, sandbox: SandboxProcess) -> None:
        self.follow("Connect tenant")
        self.page.locator("#id_name").fill("Contoso")
        self.page.locator("#id_tenant_id").fill(sandbox.tenant_id)
        self.page.locator("#id_client_id").fill(sandbox.client_id)
        self.page.locator("#id_client_secret").fill(sandbox.client_secret)
        self.page.locator("summary", has_text=self.words("Cloud and network")).click()
        self.page.locator("#id_cloud").select_option("own")
        self.page.locator("#id_authority").fill(sandbox.authority)
        self.page.locator("#id_graph_url").fill(sandbox.graph)
        self.page.locator("#id_ca_file").fill(sandbox.ca_file)
        self.press("Save")
        expect(self.page.locator("#checks .checks li.success").nth(2)).to_be_visible(timeout=PATIENCE)

    def add_the_application_from_the_gallery(self) -> None:
        self.follow("Home")
        self.follow("Enterprise applications")
        self.follow("New application")
        self.page.get_by_role("searchbox").last.fill("GoToM")
        self.page.locator("a.card", has_text="GoToMeeting").click()
        self.press("Next")
        expect(self.page.locator("input[name=service_principal]").first).to_be_visible(timeout=PATIENCE)
        self.press("Create")
        expect(self.page.locator("h1")).to_contain_text("GoToMeeting")

    def assign_one_user_with_a_valid_role(self, name: str) -> None:
        self.page.get_by_role("link", name=self.words("Users and groups")).first.click()
        self.follow("Add user/group")
        self.page.locator("#text").fill(name)
        expect(self.page.locator(".popup .told")).to_be_visible()
        self.page.locator(".popup").get_by_role("button").click()
        self.page.get_by_role("checkbox", name=name).first.click(timeout=PATIENCE)
        self.press("Assign")
        expect(self.page.locator("#question .bar.success")).to_be_visible(timeout=PATIENCE)
        self.follow("Show the list")
        self.sees(name)

    def enter_and_test_the_admin_credentials(self, sandbox: SandboxProcess) -> None:
        self.page.locator("nav.menu").get_by_role("link", name=self.words("Provisioning"), exact=True).click()
        self.follow("Get started")
        self.write("GoToMeeting Admin User Name", sandbox.goto_username)
        self.write("GoToMeeting Admin Password", sandbox.goto_password)
        self.press("Test Connection")
        expect(self.page.locator("#checks .checks li")).to_have_count(8, timeout=PATIENCE)
        expect(self.page.locator("#checks .checks li.danger")).to_have_count(0)

    def enter_the_notification_email_and_save(self) -> None:
        self.write("Notification Email", "sanne@contoso.example")
        self.page.get_by_label(self.words("Send an email notification when a failure occurs")).check()
        self.press("Save")
        self.sees(self.words("Verified"))

    def look_at_the_mappings(self) -> None:
        self.follow("Synchronize Azure Active Directory Users to GoToMeeting")
        self.sees("userPrincipalName")
        expect(self.page.get_by_role("row", name="userPrincipalName userName")).to_contain_text("1")

    def switch_provisioning_on(self) -> None:
        self.page.locator("nav.menu").get_by_role("link", name=self.words("Provisioning"), exact=True).click()
        expect(self.page.locator("#provisioning .pill.success").first).to_be_visible()
        self.page.get_by_label(self.words("On"), exact=True).check()
        self.press("Save")
        expect(self.page.locator("#kind-create")).to_be_visible(timeout=PATIENCE)
        self.press("Switch provisioning on")

    def watch_the_first_cycle(self) -> None:
        expect(self.page.locator("#live .pill.success", has_text=self.words("Succeeded")).first).to_be_visible(
            timeout=PATIENCE
        )

    def read_the_provisioning_logs(self, name: str) -> None:
        self.follow("Provisioning logs")
        self.page.locator("tbody").get_by_role("link", name=name).click()
        expect(self.page.locator("#panel")).to_contain_text(self.words("Perform action"))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_tutorial_ends_with_an_account(
    language: str, sandbox: SandboxProcess, worker: WorkerProcess, open_page: Open
) -> None:
    first_run.forget()
    person = somebody_unassigned(sandbox)
    page = open_page("/", user=None, locale=language, viewport={"width": 1280, "height": 900})
    administrator = Administrator(page, language)
    steps: list[Callable[[], None]] = [
        administrator.create_the_first_administrator,
        lambda: administrator.connect_the_tenant(sandbox),
        administrator.add_the_application_from_the_gallery,
        lambda: administrator.assign_one_user_with_a_valid_role(person["displayName"]),
        lambda: administrator.enter_and_test_the_admin_credentials(sandbox),
        administrator.enter_the_notification_email_and_save,
        administrator.look_at_the_mappings,
        administrator.switch_provisioning_on,
        administrator.watch_the_first_cycle,
        lambda: administrator.read_the_provisioning_logs(person["displayName"]),
    ]
    for step in steps:
        step()

    assert person["userPrincipalName"].lower() in {address.lower() for address in sandbox.control.goto()["users"]}


def somebody_unassigned(sandbox: SandboxProcess) -> dict[str, str]:
    """A person of the directory who has no account yet."""
    users = sandbox.control.directory()["users"]
    taken = {address.lower() for address in sandbox.control.goto()["users"]}
    return next(
        user
        for user in (users.values() if isinstance(users, dict) else users)
        if user["accountEnabled"] and user["userPrincipalName"].lower() not in taken and user.get("surname")
    )
