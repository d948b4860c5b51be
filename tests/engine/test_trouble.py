"""What an administrator must mend: told once, in words to act on; nothing is touched meanwhile; it heals by itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from django.contrib.auth.models import User
from django.core.mail.backends.smtp import EmailBackend
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from provisioning.models import Account, Change, Cycle, DirectoryObject, Job, Link, Membership, Tenant
from tests.crowds import hire
from tests.portal.english import english_in
from tests.world import World

RECIPIENT = "admin@contoso.example"
NOWHERE = "https://127.0.0.1:1"


@pytest.fixture
def told(world: World, settings: Settings) -> World:
    """Britta is provisioned, and the administrator wants to hear of failures by mail."""
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.{EmailBackend.__qualname__}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = world.sandbox.smtp_host, world.sandbox.smtp_port
    settings.GOTO_VISIBILITY_SECONDS = 0.2
    Job.objects.filter(pk=world.job.pk).update(notify_failures=True, notification_email=RECIPIENT)
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()
    assert list(world.managed()) == ["britta.simon@contoso.example"]
    world.log()
    return world


def mails(world: World) -> list[dict[str, Any]]:
    """Mail takes a moment to be taken in by the inbox."""
    time.sleep(0.1)
    return world.sandbox.control.mail("smtp")


def assert_it_is_said_in_dutch(world: World, row: Change) -> None:
    """Wherever a page tells of it."""
    client = Client(headers={"Accept-Language": "nl"})
    client.force_login(User.objects.get_or_create(username="sue", is_superuser=True)[0])
    of_application = {"application_id": world.application.pk}
    for address in (
        reverse("overview", kwargs=of_application),
        reverse("cycles", kwargs=of_application),
        reverse("log", kwargs={**of_application, "change_id": row.change_id}),
        reverse("tenant", args=(world.tenant.pk,)),
        *map(reverse, ("home", "health", "tenants", "notifications")),
    ):
        assert english_in(client.get(address).content.decode()) == [], address


def mirrors() -> list[Any]:
    """All that decides over anybody's access, and is not allowed to change because something cannot be reached.

    Without the account whose credentials are used: some troubles are changes of it.
    """
    accounts = Account.objects.exclude(user_name="provisioning@contoso.example")
    return [
        list(accounts.order_by("pk").values("key", "attributes", "removed", "number")),
        *(list(model.objects.order_by("pk").values()) for model in (DirectoryObject, Membership)),
        list(Link.objects.order_by("pk").values("subject", "account", "disabled_at", "written")),
    ]


@dataclass
class Trouble:
    """Something that goes wrong, how it is corrected, and what must be said about it."""

    name: str
    breaks: Callable[[World, Any], None]
    mends: Callable[[World, Any], None]
    code: str
    says: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def own_account(**changes: Any) -> Callable[[World, Any], None]:
    return lambda world, _: world.sandbox.control.edit_goto_user(world.sandbox.goto_username, **changes) and None


def knob(**changes: Any) -> Callable[[World, Any], None]:
    return lambda world, _: world.sandbox.control.knobs(**changes) and None


def sign_in(password: str | None) -> Callable[[World, Any], None]:
    def change(world: World, _: Any) -> None:
        world.sandbox.control.change_sign_in(
            world.sandbox.goto_username, password=password or world.sandbox.goto_password
        )

    return change


def goto(**addresses: str) -> Callable[[World, Any], None]:
    """Settings of the deployment: what is not named is as the sandbox has it."""

    def change(world: World, settings: Any) -> None:
        right = {"API_URL": world.sandbox.goto_api, "AUTH_URL": world.sandbox.goto_auth}
        right |= {"CA_FILE": world.sandbox.ca_file, "CLIENT_SECRET": world.sandbox.goto_client_secret}
        for name, value in {**right, **addresses}.items():
            setattr(settings, f"GOTO_{name}", value)

    return change


def tenant(**fields: str) -> Callable[[World, Any], None]:
    def change(world: World, _: Any) -> None:
        right = {"tenant_id": world.sandbox.tenant_id, "authority": world.sandbox.authority}
        right |= {"graph_url": world.sandbox.graph, "ca_file": world.sandbox.ca_file}
        Tenant.objects.filter(pk=world.tenant.pk).update(**right | fields)

    return change


def registration(**changes: Any) -> Callable[[World, Any], None]:
    return lambda world, _: world.sandbox.control.change_application(world.sandbox.client_id, **changes) and None


GRANTED = ["User.ReadWrite.All", "Group.ReadWrite.All", "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All"]

OF_THE_APPLICATION = [
    Trouble("wrong password", sign_in("other"), sign_in(None), "InvalidCredentials", ("user name and password",)),
    Trouble(
        "missing team permission",
        own_account(adminRoles=["RUN_REPORTS"]),
        own_account(adminRoles=["SUPER_USER"]),
        "InsufficientRights",
        ("lacks the right MANAGE_USERS", "Grant it in the GoTo Admin Center"),
    ),
    Trouble(
        "missing right to licences",
        own_account(adminRoles=["MANAGE_USERS", "ADD_USERS"]),
        own_account(adminRoles=["SUPER_USER"]),
        "InsufficientRights",
        ("lacks the right MANAGE_SEATS", "Grant it in the GoTo Admin Center"),
    ),
    Trouble(
        "password grant not allowed",
        knob(password_grant=False),
        knob(password_grant=True),
        "PasswordGrantNotAllowed",
        ("may not sign in with a user name and password", "Choose Authorize"),
    ),
    Trouble(
        "wrong client of the deployment",
        goto(CLIENT_SECRET="other"),
        goto(),
        "ClientNotAccepted",
        ("does not accept this deployment's client",),
    ),
    Trouble(
        "unreachable host",
        goto(API_URL=NOWHERE, AUTH_URL=NOWHERE),
        goto(),
        "InternalServerError",
        ("127.0.0.1:1", "cannot be reached", "Check the address"),
    ),
    Trouble(
        "bad certificate",
        goto(CA_FILE="foreign"),
        goto(),
        "InternalServerError",
        ("certificate", "is not trusted", "add its certificate authority"),
    ),
]

OF_THE_TENANT = [
    Trouble(
        "unknown tenant",
        tenant(tenant_id="99999999-9999-4999-8999-999999999999"),
        tenant(),
        "EncounteredQuarantineException",
        ("tenant was not found", "Check the tenant id"),
    ),
    Trouble(
        "expired secret",
        registration(secret_expired=True),
        registration(secret_expired=False),
        "InvalidCredentials",
        ("secret has expired", "Create a new one"),
    ),
    *(
        Trouble(
            f"missing {permission}",
            registration(revoke=permission),
            registration(permissions=GRANTED),
            "InsufficientRights",
            (f"permission {permission} is missing", "grant admin consent"),
        )
        for permission in ("User.Read.All", "Group.Read.All", "Application.Read.All")
    ),
    Trouble(
        "unreachable directory",
        tenant(authority=NOWHERE),
        tenant(),
        "InternalServerError",
        ("127.0.0.1:1", "cannot be reached"),
    ),
    Trouble(
        "bad certificate of the directory",
        tenant(ca_file="foreign"),
        tenant(),
        "InternalServerError",
        ("certificate", "is not trusted"),
    ),
]


@pytest.fixture
def foreign_authority(tmp_path: Path) -> str:
    """A certificate authority that vouches for nobody here."""
    path = tmp_path / "foreign.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return str(path)


def break_it(trouble: Trouble, world: World, settings: Settings, foreign_authority: str) -> None:
    trouble.breaks(world, settings)
    if settings.GOTO_CA_FILE == "foreign":
        settings.GOTO_CA_FILE = foreign_authority
    Tenant.objects.filter(ca_file="foreign").update(ca_file=foreign_authority)
    world.tenant.refresh_from_db()


@pytest.mark.parametrize("trouble", OF_THE_APPLICATION, ids=str)
def test_trouble_of_the_application(told: World, trouble: Trouble, settings: Settings, foreign_authority: str) -> None:
    newcomer = told.add_user("New Comer")
    told.assign(newcomer)
    break_it(trouble, told, settings, foreign_authority)
    accounts = told.goto()

    cycle = told.run_cycle()

    # It is said in the job's state, in the log, and in one mail.
    assert (cycle.state, cycle.error_code) == ("Failed", trouble.code)
    assert (told.job.quarantine_reason, told.job.quarantine_code) == ("EncounteredQuarantineException", trouble.code)
    (row,) = [row for row in told.settled() if row.status == "failure" and row.cycle_id == cycle.pk]
    (mail,) = mails(told)
    for text in (told.job.quarantine_error, cycle.error, row.reason, mail["text"]):
        assert all(part in text for part in trouble.says), text
    assert mail["recipients"] == [RECIPIENT]
    assert told.sandbox.goto_password not in mail["text"]
    assert_it_is_said_in_dutch(told, row)

    # Nobody is touched for it, however often it is tried, ever more rarely, without another mail.
    before, rests = mirrors(), []
    for _ in range(3):
        rests.append(told.job.next_run_at - told.now())
        told.wait(rests[-1])
        told.run_cycle()
    assert rests == sorted(rests) and rests[0] < rests[-1] <= timedelta(days=1)
    assert len(mails(told)) == 1
    assert mirrors() == before
    assert comparable(told.goto()) == comparable(accounts)

    # Corrected, it goes on by itself, and another time it is mailed again.
    trouble.mends(told, settings)
    assert told.run_cycle().state == "Succeeded"
    assert told.job.quarantine_reason == told.job.quarantine_error == ""
    assert "new.comer@contoso.example" in told.managed()
    assert len(mails(told)) == 1
    break_it(trouble, told, settings, foreign_authority)
    told.assign(told.add_user("Another Comer"))
    told.run_cycle()
    assert len(mails(told)) == 2


@pytest.mark.parametrize("trouble", OF_THE_TENANT, ids=str)
def test_trouble_of_the_tenant(told: World, trouble: Trouble, settings: Settings, foreign_authority: str) -> None:
    told.assign(told.add_user("New Comer"))
    break_it(trouble, told, settings, foreign_authority)
    before, accounts = mirrors(), told.goto()

    cycle = told.run_cycle()

    told.tenant.refresh_from_db()
    assert (cycle.state, cycle.error_code, told.tenant.trouble_code) == ("Failed", trouble.code, trouble.code)
    (row,) = [row for row in told.settled() if row.status == "failure" and row.cycle_id == cycle.pk]
    (mail,) = mails(told)
    for text in (told.tenant.trouble, cycle.error, row.reason, mail["text"]):
        assert all(part in text for part in trouble.says), text
    assert told.sandbox.client_secret not in mail["text"]
    assert_it_is_said_in_dutch(told, row)

    rests = []
    for _ in range(3):
        rests.append(told.job.next_run_at - told.now())
        told.wait(rests[-1])
        told.run_cycle()
    assert rests == sorted(rests) and rests[0] < rests[-1]
    assert len(mails(told)) == 1
    if not trouble.name.startswith("missing"):
        assert mirrors() == before
    assert comparable(told.goto()) == comparable(accounts)

    trouble.mends(told, settings)
    told.job.refresh_from_db()
    told.wait(told.job.next_run_at - told.now())
    told.tenant.refresh_from_db()
    assert told.run_cycle().state == "Succeeded"
    told.tenant.refresh_from_db()
    assert (told.tenant.trouble_code, told.tenant.trouble) == ("", "")
    assert "new.comer@contoso.example" in told.managed()
    assert len(mails(told)) == 1


def comparable(accounts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {email: (user["products"], user["firstName"], user["lastName"]) for email, user in accounts.items()}


def test_credentials_that_open_two_accounts_ask_to_choose(told: World) -> None:
    owner = "owner@fabrikam.example"
    told.sandbox.control.seed(
        accounts=[{"email": owner, "adminRoles": ["SUPER_USER"]}],
        sign_ins=[{"email": owner, "password": "owner-password"}],
    )
    told.application.account_key = ""
    told.application.save(update_fields=["account_key"])
    credential = told.application.credentials.get()
    credential.values["username"] = owner
    credential.seal({"password": "owner-password"})
    credential.save()

    cycle = told.run_cycle()

    assert (cycle.state, cycle.error_code) == ("Failed", "AccountChoiceNeeded")
    (mail,) = mails(told)
    assert "Choose the one to provision to" in mail["text"] and "several GoTo accounts" in told.job.quarantine_error


def test_a_dutch_installation_mails_in_dutch(told: World, settings: Settings) -> None:
    settings.LANGUAGE_CODE = "nl"
    sign_in("other")(told, None)
    told.run_cycle()

    (mail,) = mails(told)
    assert "GoTo aanvaardt deze gebruikersnaam en dit wachtwoord niet." in mail["text"]
    assert english_in(mail["text"]) == []


def test_another_cause_is_mailed_again(told: World) -> None:
    knob(password_grant=False)(told, None)
    told.run_cycle()
    knob(password_grant=True)(told, None)
    sign_in("other")(told, None)
    told.run_cycle()

    first, second = mails(told)
    assert "Choose Authorize" in first["text"] and "password may be wrong" in second["text"]


def test_a_job_that_nobody_mends_for_four_weeks_is_switched_off(told: World) -> None:
    sign_in("other")(told, None)
    told.run_cycle()
    told.wait(timedelta(days=28, minutes=1))

    told.run_cycle()

    assert not told.job.enabled
    assert told.job.quarantine_reason


def test_switching_off_while_a_cycle_fails_stays_switched_off(told: World, settings: Settings) -> None:
    """What the administrator decided meanwhile is not overwritten with what the cycle began with."""
    sign_in("other")(told, None)
    Job.objects.filter(pk=told.job.pk).update(enabled=False)

    told.run_cycle()

    assert told.job.quarantine_reason and not told.job.enabled


def test_the_application_goes_down_in_the_middle(told: World, settings: Settings) -> None:
    settings.EXPORT_CONCURRENCY = 4
    everybody = hire(told, 20)
    told.run_cycle()
    for user in told.sandbox.control.directory()["users"]:
        told.change_user(user["id"], surname="Changed")
    told.log()
    down = {"server": "goto", "what": "status", "status": 503, "after": 8}
    told.sandbox.control.faults(down)

    cycle = told.run_cycle()

    done = sum(user["lastName"] == "Changed" for user in told.managed().values())
    assert 0 < done < 20
    assert (cycle.state, told.job.quarantine_reason) == ("Failed", "EncounteredQuarantineException")
    (mail,) = mails(told)
    assert "GoTo" in mail["text"] and "tried again" in mail["text"]
    assert Change.objects.filter(status="planned").count() > 0, "most were not even tried"
    assert told.job.next_run_at - told.now() <= timedelta(minutes=1)

    told.sandbox.control.clear_faults()
    told.wait(timedelta(minutes=1))
    assert told.run_cycle().state == "Succeeded"
    assert all(user["lastName"] == "Changed" for user in told.managed().values())
    assert told.job.quarantine_reason == "" and len(mails(told)) == 1
    assert not Link.objects.exclude(failure_code="").exists()
    assert set(everybody) < set(told.managed())


def test_no_free_licence_is_mailed_once_with_the_number_of_those_who_wait(told: World) -> None:
    used = sum("G2M" in user["products"] for user in told.goto().values())
    told.sandbox.control.set_seats("G2M", used + 1)
    hire(told, 4)

    cycle = told.run_cycle()
    told.wait(told.job.interval)
    told.run_cycle()

    assert cycle.state == "EntryLevelErrors"
    (mail,) = mails(told)
    assert "3 people wait for a licence" in mail["text"] and "no free seat" in mail["text"]
    assert told.job.quarantine_reason == "", "everybody else goes on"


# --- failed people ----------------------------------------------------------------------------------------------


@pytest.fixture
def failing(told: World) -> World:
    """Madonna has no surname, and GoTo demands one."""
    told.assign(told.add_user("Madonna", surname=None))
    told.run_cycle()
    assert told.log() == [("create", "failure", "MandatoryFieldsMissing")]
    return told


def tried(world: World, after: timedelta) -> bool:
    """Whether a cycle that runs so long after the last one tries her again."""
    world.wait(after)
    world.run_cycle()
    return bool(world.log())


def test_a_failed_person_is_tried_again_after_six_twelve_and_twenty_four_hours_and_then_daily(failing: World) -> None:
    """Hours after the failure, and whether she is tried then."""
    passed = 0
    for hours, again in [
        (5, False),
        (6, True),
        (11, False),
        (12, True),
        (23, False),
        (24, True),
        (47, False),
        (48, True),
    ]:
        assert tried(failing, timedelta(hours=hours - passed)) == again, f"{hours} hours after the failure"
        passed = hours
    assert mails(failing) == []


def test_a_failed_person_is_given_up_after_twenty_eight_days(failing: World) -> None:
    tried(failing, timedelta(days=28))

    assert Link.objects.get(failure_code="MandatoryFieldsMissing").retry_at is None
    assert not tried(failing, timedelta(days=2))


def test_a_changed_person_is_tried_at_once(failing: World) -> None:
    madonna = Link.objects.get(failure_code="MandatoryFieldsMissing").subject.object_id
    failing.change_user(madonna, surname="Ciccone")

    failing.run_cycle()

    assert failing.log() == [("create", "success", "")]


def test_what_failed_through_nobodys_fault_is_tried_again_with_the_next_cycle(told: World) -> None:
    told.assign(told.add_user("New Comer"))
    told.sandbox.control.faults(
        {"server": "goto", "what": "status", "status": 503, "method": "POST", "count": 1},
    )
    told.run_cycle()
    told.wait(told.job.interval)

    told.run_cycle()

    assert told.log()[-1] == ("create", "success", "")
    assert "new.comer@contoso.example" in told.managed()
    assert Cycle.objects.latest("pk").state == "Succeeded"
