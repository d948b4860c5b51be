"""Microsoft's GoToMeeting tutorial as people walk it: step by step, from an empty installation to a person in GoTo.

The steps know labels and what must then be seen. How somebody clicks and types, by mouse or by keyboard, and how they
wait where no script runs, is a `Hand`'s business.
"""

from typing import Any

from playwright.sync_api import expect

from portal import first_run
from tests.portal.hands import Mouse
from tests.portal.labels import DUTCH
from tests.sandbox_process import SandboxProcess

MATCHED_BY = "userPrincipalName userName"
"""How the row of the matching property begins."""
REPORTER = "reports@contoso.example"
"""May read reports in GoTo, and manage nobody."""


class Administrator:
    """Walks the tutorial; every method is a step of it."""

    def __init__(self, hand: Mouse, language: str, sandbox: SandboxProcess, person: dict[str, Any]) -> None:
        self.hand, self.page = hand, hand.page
        self.language, self.sandbox, self.person = language, sandbox, person
        self.address = str(person["userPrincipalName"])
        """Of the account that is to come."""

    # --- reading and finding --------------------------------------------------------------------------------------

    def words(self, english: str) -> str:
        return DUTCH[english] if self.language == "nl" else english

    def follow(self, label: str) -> None:
        links = self.page.get_by_role("link", name=self.words(label), exact=True)
        self.hand.press(links.locator("visible=true").first)

    def open_in_menu(self, label: str) -> None:
        menu = self.page.locator("nav.menu:visible")
        item = menu.get_by_role("listitem").filter(has=self.page.get_by_text(self.words(label), exact=True))
        self.hand.press(item.get_by_role("link").first)

    def press(self, label: str) -> None:
        buttons = self.page.get_by_role("button", name=self.words(label), exact=True)
        self.hand.press(buttons.locator("visible=true").first)

    def write(self, label: str, text: str) -> None:
        self.hand.write(self.page.get_by_label(self.words(label)).first, text)

    def sees(self, text: str) -> None:
        self.hand.await_(self.page.get_by_text(text).first)

    # --- the steps ------------------------------------------------------------------------------------------------

    def create_the_first_administrator(self) -> None:
        self.write("One-time code", first_run.code())
        self.write("User name", "sanne")
        self.hand.write(self.page.locator("#id_password"), "a long enough secret")
        self.press("Create administrator")

    def connect_the_tenant(self) -> None:
        self.follow("Connect tenant")
        fields = {
            "name": "Contoso",
            "tenant_id": self.sandbox.tenant_id,
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
        }
        for name, value in fields.items():
            self.hand.write(self.page.locator(f"#id_{name}"), value)
        self.hand.press(self.page.locator("summary", has_text=self.words("Cloud and network")))
        self.hand.choose(self.page.locator("#id_cloud"), "own")
        self.hand.write(self.page.locator("#id_authority"), self.sandbox.authority)
        self.hand.write(self.page.locator("#id_graph_url"), self.sandbox.graph)
        self.hand.write(self.page.locator("#id_ca_file"), self.sandbox.ca_file)
        self.press("Save")
        self.hand.await_(self.page.locator("#checks .checks li.success").nth(2))

    def add_the_application_from_the_gallery(self) -> None:
        self.follow("Home")
        self.follow("Enterprise applications")
        self.follow("New application")
        self.hand.write(self.page.locator("main input[type=search]"), "GoToM")
        self.hand.press(self.page.locator("a.card", has_text="GoToMeeting"))
        self.press("Next")
        self.hand.await_(self.page.locator("input[name=service_principal]").first)
        self.press("Create")
        expect(self.page.locator("h1")).to_contain_text("GoToMeeting")

    def assign_one_user_with_a_valid_role(self) -> None:
        name = self.person["displayName"]
        self.open_in_menu("Users and groups")
        self.follow("Add user/group")
        self.hand.write(self.page.locator("#text"), name)
        if self.hand.scripts:
            expect(self.page.locator(".popup .told")).to_be_visible()
            self.hand.press(self.page.locator(".popup button[name=find_now]"))
        else:
            self.hand.press(self.page.locator(".unscripted[name=find_now]"))
        found = self.page.get_by_role("checkbox", name=name).first
        self.hand.await_(found)
        self.hand.tick(found)
        self.press("Assign")
        self.hand.await_(self.page.locator("#question .bar.success"))
        self.follow("Show the list")
        self.sees(name)

    def say_what_the_role_gives(self) -> None:
        """The tenant's roles as they are, each with a table of its own: GoToWebinar is given, and taken back."""
        self.open_in_menu("Roles")
        webinar = self.page.get_by_role("checkbox", name="GoToWebinar").first
        for _given_and_taken_back in range(2):
            was = webinar.is_checked()
            self.hand.switch(webinar)
            self.press("Save")
            expect(webinar).to_be_checked(checked=not was)

    def set_the_provisioning_mode_to_automatic(self) -> None:
        """Manual first, which is there to be chosen and asks for nothing."""
        self.open_in_menu("Provisioning")
        self.follow("Get started")
        mode = self.page.get_by_label(self.words("Provisioning Mode"))
        expect(mode).to_have_value("automatic")
        if self.hand.scripts:
            user_name = self.page.get_by_label(self.words("GoToMeeting Admin User Name"))
            self.hand.choose(mode, "manual")
            expect(user_name).to_be_hidden()
            self.hand.choose(mode, "automatic")
            expect(user_name).to_be_visible()

    def be_refused_without_team_admin_permission(self) -> None:
        """What the tutorial says to look for when the connection fails is named, and trying changes nothing in GoTo."""
        self.sandbox.control.change_sign_in(REPORTER, password="may only read reports")
        before = self.sandbox.control.goto()
        self.write("GoToMeeting Admin User Name", REPORTER)
        self.write("GoToMeeting Admin Password", "may only read reports")
        self.press("Test Connection")
        refused = self.page.locator("#checks .checks li.danger")
        self.hand.await_(refused)
        expect(refused).to_contain_text(self.words("Team management permission"))
        assert self.sandbox.control.goto() == before

    def enter_and_test_the_admin_credentials(self) -> None:
        self.write("GoToMeeting Admin User Name", self.sandbox.goto_username)
        self.write("GoToMeeting Admin Password", self.sandbox.goto_password)
        self.press("Test Connection")
        self.hand.await_(self.page.locator("#checks .checks li.success").nth(6))
        expect(self.page.locator("#checks .checks li.danger")).to_have_count(0)

    def enter_the_notification_email_and_save(self) -> None:
        self.write("Notification Email", "sanne@contoso.example")
        self.hand.tick(self.page.get_by_label(self.words("Send an email notification when a failure occurs")))
        if not self.hand.scripts:  # the page came anew, and it never gives a password back
            self.write("GoToMeeting Admin Password", self.sandbox.goto_password)
        self.press("Save")
        self.hand.await_(self.page.locator("#connection .pill.success", has_text=self.words("Verified")))

    def review_the_attribute_mappings_and_save(self) -> None:
        self.follow("Synchronize Azure Active Directory Users to GoToMeeting")
        matching = self.page.get_by_role("row", name=MATCHED_BY)
        expect(matching).to_contain_text("1")
        self.press("Save")
        expect(self.page.locator("h1")).to_contain_text(self.words("Attribute Mappings"))

    def edit_the_matching_property(self) -> None:
        """Accounts are matched by the mail address from here on."""
        matching = self.page.get_by_role("row", name=MATCHED_BY)
        self.hand.press(matching.get_by_role("link", name="userName", exact=True))
        form = self.page.locator("form#attribute")
        form.wait_for()
        self.hand.choose(form.locator("[name=source_attribute]"), "mail")
        self.hand.press(form.locator("button.primary"))
        touched = self.page.locator("form.confirm button.primary")
        self.hand.await_(touched)
        self.hand.press(touched)
        expect(self.page.get_by_role("row", name="mail userName").first).to_contain_text("1")
        self.address = str(self.person["mail"])

    def switch_provisioning_on_and_save(self) -> None:
        self.open_in_menu("Provisioning")
        self.hand.tick(self.page.get_by_label(self.words("On"), exact=True))
        self.press("Save")
        self.hand.await_(self.page.locator("#kind-create"))
        expect(self.page.locator("#kind-create")).to_contain_text(self.person["displayName"])
        self.press("Switch provisioning on")

    def watch_the_first_cycle(self) -> None:
        self.hand.await_(self.page.locator("#live .pill.success", has_text=self.words("Succeeded")).first)

    def find_the_account_in_goto(self) -> None:
        account = goto_users(self.sandbox)[self.address.lower()]
        assert account["firstName"] == self.person["givenName"]
        assert "G2M" in account["products"]

    def read_the_provisioning_logs(self) -> None:
        self.open_in_menu("Provisioning logs")
        self.follow_person()
        steps = self.page.locator("#panel")
        expect(steps).to_contain_text(self.words("Perform action"))
        expect(steps).to_contain_text(self.words("Success"))

    def follow_person(self) -> None:
        rows = self.page.locator("tbody")
        self.hand.press(rows.get_by_role("link", name=self.person["displayName"]).first)

    def provision_on_demand(self) -> None:
        """The account is as it should be already, which is what the page has to say."""
        name = self.person["displayName"]
        if self.hand.scripts:
            self.page.keyboard.press("Escape")
        self.open_in_menu("Provision on demand")
        self.hand.write(self.page.locator("#text"), name)
        if self.hand.scripts:
            self.hand.await_(self.page.locator(".popup [role=option]", has_text=name).first)
            self.page.keyboard.press("ArrowDown")
            self.page.keyboard.press("Enter")
            expect(self.page.locator(".chip")).to_contain_text(name)
        else:
            self.press("Search")
            self.hand.tick(self.page.get_by_role("radio", name=name).first)
        self.hand.press(self.page.locator("main .buttons button.primary"))
        self.hand.await_(self.page.locator("#question .bar, #question .card").first)
        expect(self.page.locator("#question .bar.danger")).to_have_count(0)

    def restart_provisioning(self) -> None:
        """Everybody is decided anew, and nothing is written: every account is as it should be."""
        before = self.sandbox.control.goto()
        self.open_in_menu("Overview")
        restart = self.page.get_by_text(self.words("Restart provisioning"), exact=True).locator("visible=true").first
        self.hand.press(restart)
        confirm = self.page.locator("form.confirm button.primary")
        confirm.wait_for()
        self.hand.press(confirm)
        ended = self.page.locator("#live .card .rows .pill.success", has_text=self.words("Succeeded"))
        self.hand.await_(ended.nth(1))
        assert self.sandbox.control.goto() == before


def somebody_unassigned(sandbox: SandboxProcess) -> dict[str, Any]:
    """A person of the directory whom the application would accept and who has no account yet."""
    taken = {address.lower() for address in sandbox.control.goto()["users"]}
    return next(
        user
        for user in sandbox.control.directory()["users"]
        if user["accountEnabled"] and user["userPrincipalName"].lower() not in taken and user.get("surname")
    )


def goto_users(sandbox: SandboxProcess) -> dict[str, dict[str, Any]]:
    """Address → user, as GoTo's own Admin API tells its administrator."""
    with sandbox.session() as session:
        signed_in = session.post(
            f"{sandbox.goto_auth}/oauth/token",
            auth=(sandbox.goto_client_id, sandbox.goto_client_secret),
            data={"grant_type": "password", "username": sandbox.goto_username, "password": sandbox.goto_password},
        )
        session.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        address = f"{sandbox.goto_api}/admin/rest/v1/accounts/{sandbox.goto_account_key}/users"
        listed = session.get(address, params={"pageSize": 1000}).json()["results"]
    return {user["email"].lower(): user for user in listed}


TUTORIAL = (
    Administrator.create_the_first_administrator,
    Administrator.connect_the_tenant,
    Administrator.add_the_application_from_the_gallery,
    Administrator.assign_one_user_with_a_valid_role,
    Administrator.set_the_provisioning_mode_to_automatic,
    Administrator.enter_and_test_the_admin_credentials,
    Administrator.enter_the_notification_email_and_save,
    Administrator.review_the_attribute_mappings_and_save,
    Administrator.switch_provisioning_on_and_save,
    Administrator.watch_the_first_cycle,
    Administrator.find_the_account_in_goto,
    Administrator.read_the_provisioning_logs,
    Administrator.provision_on_demand,
)

BESIDE_IT = {
    Administrator.assign_one_user_with_a_valid_role: Administrator.say_what_the_role_gives,
    Administrator.set_the_provisioning_mode_to_automatic: Administrator.be_refused_without_team_admin_permission,
    Administrator.review_the_attribute_mappings_and_save: Administrator.edit_the_matching_property,
    Administrator.provision_on_demand: Administrator.restart_provisioning,
}
"""What the tutorial mentions without a number: after which step → a step of its own."""

EVERYTHING = tuple(step for each in TUTORIAL for step in (each, BESIDE_IT.get(each)) if step is not None)
