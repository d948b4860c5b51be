"""Microsoft's GoToMeeting tutorial, by someone who only clicks and types, from an empty installation on.

Every step is a subtest of its own name. Directory and GoTo account are the sandbox's, a real worker runs beside the
pages, and the end is looked up in the account itself.
"""

import pytest

from portal import first_run
from tests.portal.conftest import Open
from tests.portal.walk import (
    TUTORIAL,
    Administrator,
    Keyboard,
    Mouse,
    MouseWithoutScripts,
    goto_users,
    somebody_unassigned,
)
from tests.sandbox_process import SandboxProcess
from tests.workers import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

REPORTER = "reports@contoso.example"
"""May read reports in GoTo, and manage nobody."""


@pytest.fixture
def empty_installation(sandbox: SandboxProcess, worker: WorkerProcess) -> SandboxProcess:
    first_run.forget()
    return sandbox


def walk(administrator: Administrator, subtests: pytest.Subtests) -> None:
    """Every step; after one that fails the rest cannot be walked."""
    for number, step in enumerate(TUTORIAL, start=1):
        went_well = False
        with subtests.test(f"{number}. {step.__name__.replace('_', ' ')}"):
            step(administrator)
            went_well = True
        if not went_well:
            return
    account = goto_users(administrator.sandbox)[administrator.person["userPrincipalName"].lower()]
    assert account["firstName"] == administrator.person["givenName"]
    assert "G2M" in account["products"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_tutorial_ends_with_an_account(
    language: str, empty_installation: SandboxProcess, open_page: Open, subtests: pytest.Subtests
) -> None:
    page = open_page("/", user=None, locale=language, viewport={"width": 1280, "height": 900})
    person = somebody_unassigned(empty_installation)
    walk(Administrator(Mouse(page), language, empty_installation, person), subtests)


def test_the_tutorial_without_scripts(
    empty_installation: SandboxProcess, open_page: Open, subtests: pytest.Subtests
) -> None:
    page = open_page("/", user=None, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    person = somebody_unassigned(empty_installation)
    walk(Administrator(MouseWithoutScripts(page), "en", empty_installation, person), subtests)


def test_the_tutorial_by_keyboard(
    empty_installation: SandboxProcess, open_page: Open, subtests: pytest.Subtests
) -> None:
    page = open_page("/", user=None, viewport={"width": 1280, "height": 900})
    person = somebody_unassigned(empty_installation)
    walk(Administrator(Keyboard(page), "en", empty_installation, person), subtests)


def test_if_the_connection_fails_the_missing_permission_is_named(
    empty_installation: SandboxProcess, open_page: Open
) -> None:
    empty_installation.control.change_sign_in(REPORTER, password="may only read reports")
    page = open_page("/", user=None, viewport={"width": 1280, "height": 900})
    person = somebody_unassigned(empty_installation)
    administrator = Administrator(Mouse(page), "en", empty_installation, person)
    before = empty_installation.control.goto()

    administrator.create_the_first_administrator()
    administrator.connect_the_tenant()
    administrator.add_the_application_from_the_gallery()
    administrator.set_the_provisioning_mode_to_automatic()
    administrator.be_refused_without_team_admin_permission(REPORTER, "may only read reports")
    administrator.enter_and_test_the_admin_credentials()

    assert empty_installation.control.goto() == before
