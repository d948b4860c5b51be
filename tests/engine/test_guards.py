"""What is not sent without an administrator's word, and what is never sent at all."""

import time
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from pytest_django import Settings

from provisioning.actions import jobs, mappings
from provisioning.models import Change, Credential, DirectoryObject, Job
from tests.crowds import hire
from tests.world import World

RECIPIENT = "admin@contoso.example"
THRESHOLD, PEOPLE = 3, 5
BRITTA = "britta.simon@contoso.example"
DONE_NOTHING: list[tuple[str, str, str]] = []


def mails(world: World) -> list[dict[str, Any]]:
    """Mail takes a moment to be taken in by the inbox."""
    time.sleep(0.1)
    return world.sandbox.control.mail("smtp")


def with_access(world: World) -> int:
    return sum(user["products"] == ["G2M"] for user in world.managed().values())


def reload(world: World) -> Job:
    world.job.refresh_from_db()
    return world.job


def set_job(world: World, **fields: Any) -> None:
    Job.objects.filter(pk=world.job.pk).update(**fields)


@pytest.fixture
def crowd(world: World, settings: Settings) -> World:
    """Five people have accounts through a group; more than three removals at once need an administrator's word."""
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.{EmailBackend.__qualname__}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = world.sandbox.smtp_host, world.sandbox.smtp_port
    set_job(world, deletion_threshold=THRESHOLD, notify_failures=True, notification_email=RECIPIENT)
    hire(world, PEOPLE)
    Credential.objects.filter(application=world.application).update(test=Credential.Test.PASSED)
    world.run_cycle()
    assert with_access(world) == PEOPLE
    world.log()
    world.forget_requests()
    return world


def the_group(world: World) -> dict[str, Any]:
    return dict(world.sandbox.control.directory()["groups"][0])


def unassign_everybody(world: World) -> None:
    group = the_group(world)
    rows = world.sandbox.control.directory()["assignments"]
    world.unassign(next(row["id"] for row in rows if row["principalId"] == group["id"]))


def let_go(world: World, count: int) -> list[str]:
    """The first people of the group leave it."""
    leaving = sorted(the_group(world)["members"])[:count]
    for person in leaving:
        world.leave(the_group(world)["id"], person)
    return leaving


# --- more removals than the threshold -------------------------------------------------------------------------


def test_more_removals_than_the_threshold_are_staged_and_told_once(crowd: World) -> None:
    unassign_everybody(crowd)

    crowd.run_cycle()

    assert with_access(crowd) == PEOPLE
    assert crowd.goto_writes() == []
    assert crowd.job.changes.filter(status="staged", action="disable").count() == PEOPLE
    assert crowd.job.quarantine_reason == "TooManyDeletes"
    (mail,) = mails(crowd)
    assert str(PEOPLE) in mail["text"] and str(THRESHOLD) in mail["text"]

    crowd.run_cycle()

    assert crowd.job.changes.filter(status="staged").count() == PEOPLE
    assert with_access(crowd) == PEOPLE
    assert len(mails(crowd)) == 1


def test_allowed_removals_are_sent_and_the_job_is_healthy_again(crowd: World) -> None:
    unassign_everybody(crowd)
    crowd.run_cycle()

    assert jobs.allow_removals(reload(crowd), by=None) == PEOPLE
    crowd.run_cycle()

    assert with_access(crowd) == 0
    assert crowd.log() == [("disable", "success", "")] * PEOPLE
    assert (crowd.job.quarantine_reason, crowd.job.deletes_allowed) == ("", False)


def test_an_allowance_is_for_one_cycle(crowd: World) -> None:
    let_go(crowd, THRESHOLD + 1)
    crowd.run_cycle()
    jobs.allow_removals(reload(crowd), by=None)
    crowd.run_cycle()
    hire(crowd, PEOPLE, named="Bea", group="Others")
    crowd.run_cycle()
    had = with_access(crowd)
    for group in crowd.sandbox.control.directory()["groups"]:
        for member in group["members"]:
            crowd.leave(group["id"], member)

    crowd.run_cycle()

    assert with_access(crowd) == had
    assert crowd.job.quarantine_reason == "TooManyDeletes"


def test_exactly_the_threshold_is_sent(crowd: World) -> None:
    let_go(crowd, THRESHOLD)

    crowd.run_cycle()

    assert with_access(crowd) == PEOPLE - THRESHOLD
    assert crowd.job.quarantine_reason == ""


def test_what_comes_on_top_of_staged_removals_is_staged_too_and_everything_else_goes_on(crowd: World) -> None:
    let_go(crowd, THRESHOLD + 1)
    crowd.run_cycle()
    (left,) = the_group(crowd)["members"]
    crowd.leave(the_group(crowd)["id"], left)
    crowd.assign(crowd.add_user("Britta Simon"))

    crowd.run_cycle()

    assert crowd.job.changes.filter(status="staged").count() == PEOPLE
    assert crowd.managed()[BRITTA]["products"] == ["G2M"]
    assert with_access(crowd) == PEOPLE + 1
    assert len(mails(crowd)) == 1


def test_rejected_removals_are_not_sent_and_a_restart_asks_again(crowd: World) -> None:
    unassign_everybody(crowd)
    crowd.run_cycle()

    assert jobs.reject_removals(reload(crowd), by=None) == PEOPLE
    crowd.run_cycle()

    assert with_access(crowd) == PEOPLE
    assert crowd.job.quarantine_reason == ""
    assert not crowd.job.changes.filter(status__in=Change.OPEN).exists()

    jobs.restart(reload(crowd), by=None)
    crowd.run_cycle()

    assert with_access(crowd) == PEOPLE
    assert crowd.job.changes.filter(status="staged").count() == PEOPLE
    assert crowd.job.quarantine_reason == "TooManyDeletes"


def test_a_mishap_that_is_repaired_heals_by_itself(crowd: World) -> None:
    unassign_everybody(crowd)
    crowd.run_cycle()
    crowd.assign(the_group(crowd)["id"])

    crowd.run_cycle()

    assert with_access(crowd) == PEOPLE
    assert not crowd.job.changes.filter(status__in=Change.OPEN).exists()
    assert crowd.job.quarantine_reason == ""
    assert crowd.goto_writes() == []


def test_a_restart_weighs_staged_removals_anew(crowd: World) -> None:
    """Otherwise they would wait for ever: the quarantine is over, and nobody is asked any more."""
    leaving = let_go(crowd, THRESHOLD + 1)
    crowd.run_cycle()

    jobs.restart(reload(crowd), by=None)
    crowd.run_cycle()

    assert crowd.job.quarantine_reason == "TooManyDeletes"
    assert crowd.job.changes.filter(status="staged").count() == THRESHOLD + 1

    crowd.join(the_group(crowd)["id"], leaving[0])
    jobs.restart(reload(crowd), by=None)
    crowd.run_cycle()

    assert crowd.job.quarantine_reason == ""
    assert with_access(crowd) == PEOPLE - THRESHOLD
    assert not crowd.job.changes.filter(status__in=Change.OPEN).exists()


def test_without_a_threshold_nothing_is_staged(crowd: World) -> None:
    set_job(crowd, deletion_threshold=None)
    unassign_everybody(crowd)

    crowd.run_cycle()

    assert with_access(crowd) == 0


# --- accounts that are gone -------------------------------------------------------------------------------------


def test_many_accounts_gone_at_once_stop_the_job_until_a_restart(world: World) -> None:
    hire(world, 12)
    Credential.objects.filter(application=world.application).update(test=Credential.Test.PASSED)
    world.run_cycle()
    for email in list(world.managed()):
        world.sandbox.control.delete_goto_user(email)
    world.forget_requests()

    cycle = world.run_cycle()

    assert (cycle.state, cycle.error_code) == ("Failed", "ManyAccountsGone")
    assert world.goto_writes() == []
    assert world.job.quarantine_code == "ManyAccountsGone"

    jobs.restart(reload(world), by=None)
    world.run_cycle()

    assert with_access(world) == 12
    assert world.job.quarantine_code == ""


def test_a_listing_that_leaves_an_account_out_is_not_believed(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()
    world.log()
    world.forget_requests()
    world.sandbox.control.faults({"server": "goto", "path": r"/users\?", "method": "GET", "what": "missing_page"})

    cycle = world.run_cycle(full=True)

    assert cycle.state == "Failed"
    assert cycle.error
    assert world.goto_writes() == []

    world.sandbox.control.clear_faults()
    assert world.run_cycle().state == "Succeeded"
    assert world.goto_writes() == []


# --- accounts that are never taken away -------------------------------------------------------------------------


def test_the_last_super_user_keeps_the_account_and_the_log_says_why_once(world: World) -> None:
    manager = "office.manager@contoso.example"
    world.sandbox.control.change_sign_in(manager, password="Correct-horse-1")
    credential = Credential.objects.get(application=world.application)
    credential.values = {**credential.values, "username": manager}
    credential.seal({"password": "Correct-horse-1"})
    credential.save()
    boss = world.add_user("The Boss", userPrincipalName=world.sandbox.goto_username)
    assignment = world.assign(boss)
    world.run_cycle()
    world.log()
    world.unassign(assignment)

    world.run_cycle()

    assert world.goto()[world.sandbox.goto_username]["adminRoles"] == ["SUPER_USER"]
    assert world.log() == [("other", "skipped", "ProtectedAccount")]
    world.run_cycle()
    assert world.log() == DONE_NOTHING


@pytest.fixture
def britta(world: World) -> str:
    britta = world.add_user("Britta Simon")
    world.assignment = world.assign(britta)  # type: ignore[attr-defined]
    world.run_cycle()
    world.log()
    world.forget_requests()
    return britta


def test_skipped_deletions_leave_who_goes_out_of_scope_as_they_are_and_say_so(world: World, britta: str) -> None:
    set_job(world, skip_out_of_scope_deletions=True)
    world.unassign(world.assignment)  # type: ignore[attr-defined]

    world.run_cycle()

    assert world.managed()[BRITTA]["products"] == ["G2M"]
    assert world.log() == [("other", "skipped", "SkipOutOfScopeDeletions")]

    again = world.assign(britta)
    world.run_cycle()
    assert world.log() == DONE_NOTHING

    world.unassign(again)
    world.run_cycle()
    assert world.log() == [("other", "skipped", "SkipOutOfScopeDeletions")]
    assert world.goto_writes() == []

    world.delete_user(britta)
    world.run_cycle()
    assert world.log() == [("disable", "success", "")]


def test_without_update_nobody_is_changed_or_disabled_and_the_log_says_so(world: World, britta: str) -> None:
    mappings.set_actions(reload(world), by=None, update=False)
    world.change_user(britta, surname="de Vries")

    world.run_cycle()

    assert world.log() == [("other", "skipped", "UpdateNotEnabled")]

    world.change_user(britta, accountEnabled=False)
    world.run_cycle()

    assert world.goto_writes() == []
    assert world.managed()[BRITTA]["products"] == ["G2M"]


def test_without_create_only_those_who_have_an_account_are_kept_in_step(world: World, britta: str) -> None:
    mappings.set_actions(reload(world), by=None, create=False)
    world.assign(world.add_user("Adele Vance"))
    world.change_user(britta, surname="de Vries")

    world.run_cycle()

    assert list(world.managed()) == [BRITTA]
    assert sorted(world.log()) == [("other", "skipped", "CreateNotEnabled"), ("update", "success", "")]


def test_without_a_mapping_of_active_nobody_is_disabled(world: World, britta: str) -> None:
    rows = world.job.schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]
    rows[:] = [row for row in rows if row["targetAttributeName"] != "active"]
    set_job(world, schema=world.job.schema)
    world.unassign(world.assignment)  # type: ignore[attr-defined]

    world.run_cycle()

    assert world.log() == [("other", "skipped", "DisableNotMapped")]
    assert world.managed()[BRITTA]["products"] == ["G2M"]


# --- everybody --------------------------------------------------------------------------------------------------


def test_sync_all_takes_everybody_in_and_the_way_back_disables_those_who_are_not_assigned(
    world: World, britta: str
) -> None:
    world.add_user("Adele Vance")
    set_job(world, scope=Job.Scope.ALL)
    reload(world).decide_everybody_anew()

    world.run_cycle()

    assert with_access(world) == DirectoryObject.objects.filter(kind=DirectoryObject.Kind.USER).count() == 2
    assert world.log() == [("create", "success", "")]

    world.add_user("Lee Gu")
    world.run_cycle()
    assert world.log() == [("create", "success", "")]

    set_job(world, scope=Job.Scope.ASSIGNED)
    reload(world).decide_everybody_anew()
    world.run_cycle()

    assert world.log() == [("disable", "success", "")] * 2
    assert world.managed()[BRITTA]["products"] == ["G2M"]
