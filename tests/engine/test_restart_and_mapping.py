"""Whatever makes everybody be decided anew: only those whose result differs are written, and nobody is forgotten."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from provisioning.actions import jobs, mappings, roles
from provisioning.engine import cycle
from provisioning.models import Change, Credential, Cycle, Feed, Job, Link
from tests.world import USER, WEBINAR, World

BRITTA, ADELE, LEE = (f"{name}@contoso.example" for name in ("britta.simon", "adele.vance", "lee.gu"))
DONE_NOTHING: list[tuple[str, str, str]] = []


@pytest.fixture
def staffed(world: World) -> World:
    """Britta and Lee are assigned, Lee for webinars; Adele is a member of the assigned group Sales."""
    world.britta = world.add_user("Britta Simon")  # type: ignore[attr-defined]
    world.assignment = world.assign(world.britta)  # type: ignore[attr-defined]
    world.adele = world.add_user("Adele Vance")  # type: ignore[attr-defined]
    world.sales = world.add_group("Sales", world.adele)  # type: ignore[attr-defined]
    world.group_assignment = world.assign(world.sales)  # type: ignore[attr-defined]
    world.assign(world.add_user("Lee Gu"), WEBINAR)
    Credential.objects.filter(application=world.application).update(test=Credential.Test.PASSED)
    world.run_cycle()
    assert world.log() == [("create", "success", "")] * 3
    world.forget_requests()
    return world


def reload(world: World) -> Job:
    world.job.refresh_from_db()
    return world.job


def mapped(world: World, target: str, expression: str) -> dict[str, Any]:
    """The job's schema with another source for one target attribute."""
    schema = deepcopy(reload(world).schema)
    row = next(
        row for row in mappings.users_mapping(schema)["attributeMappings"] if row["targetAttributeName"] == target
    )
    name = expression.strip("[]")
    row["source"] = (
        {"type": "Attribute", "name": name, "expression": expression, "parameters": []}
        if expression == f"[{name}]"
        else {"type": "Function", "name": "", "expression": expression, "parameters": []}
    )
    return schema


def restart(world: World) -> None:
    jobs.restart(reload(world), by=None)
    world.run_cycle()


# --- mapping and roles ------------------------------------------------------------------------------------------


def test_a_changed_mapping_writes_those_whose_result_differs(staffed: World) -> None:
    schema = mapped(staffed, "name.familyName", 'IIF([surname]="Gu", "Gú", [surname])')

    mappings.save(reload(staffed), schema, by=None)
    finished = staffed.run_cycle()

    assert staffed.log() == [("update", "success", "")]
    assert staffed.managed()[LEE]["lastName"] == "Gú"
    assert [row["method"] for row in staffed.goto_writes()] == ["PUT"]
    assert finished.kind == "initial"

    assert staffed.run_cycle().kind == "incremental"


def test_a_changed_scoping_filter_disables_those_who_fall_out(staffed: World) -> None:
    schema = deepcopy(reload(staffed).schema)
    mappings.users_mapping(schema)["scope"] = {
        "categoryFilterGroups": [],
        "inputFilterGroups": [],
        "groups": [
            {
                "name": "Without Lee",
                "clauses": [
                    {
                        "operatorName": "NOT EQUALS",
                        "sourceOperandName": "surname",
                        "targetOperand": {"values": ["Gu"]},
                    }
                ],
            }
        ],
    }

    mappings.save(reload(staffed), schema, by=None)
    staffed.run_cycle()

    assert staffed.log() == [("disable", "success", "")]
    assert staffed.settled()[0].facts["reason"] == "ScopingFilterNotPassed"
    assert staffed.managed()[LEE]["products"] == []


def test_a_mapping_that_is_switched_off_leaves_everybody_alone(staffed: World) -> None:
    staffed.change_user(staffed.britta, surname="de Wit")  # type: ignore[attr-defined]
    staffed.unassign(staffed.group_assignment)  # type: ignore[attr-defined]
    staffed.assign(staffed.add_user("Debra Berger"))
    schema = deepcopy(reload(staffed).schema)
    mappings.users_mapping(schema)["enabled"] = False

    mappings.save(reload(staffed), schema, by=None)
    staffed.run_cycle()

    assert set(staffed.log()) == {("other", "skipped", "MappingNotEnabled")}
    assert staffed.goto_writes() == []

    mappings.users_mapping(schema)["enabled"] = True
    mappings.save(reload(staffed), schema, by=None)
    staffed.run_cycle()
    assert sorted(staffed.log()) == [("create", "success", ""), ("disable", "success", ""), ("update", "success", "")]


def test_a_changed_role_writes_those_who_have_it(staffed: World) -> None:
    role = staffed.application.roles.get(value=USER)

    roles.update(role, by=None, products=["G2T"])
    staffed.run_cycle()

    assert staffed.log() == [("update", "success", "")] * 2
    products = {email: user["products"] for email, user in staffed.managed().items()}
    assert products == {BRITTA: ["G2T"], ADELE: ["G2T"], LEE: ["G2W"]}


# --- unread is not null -----------------------------------------------------------------------------------------


def test_a_mapping_of_what_was_never_read_waits_for_a_full_round(staffed: World) -> None:
    """Everybody has a company name, which nobody has asked for yet: taken for empty, it would fail everybody."""
    for user in staffed.sandbox.control.directory()["users"]:
        staffed.change_user(user["id"], companyName=f"Contoso {user['givenName']}")
    staffed.run_cycle()

    mappings.save(reload(staffed), mapped(staffed, "name.familyName", "[companyName]"), by=None)
    staffed.run_cycle()

    assert {user["lastName"] for user in staffed.managed().values()} == {
        "Contoso Britta",
        "Contoso Adele",
        "Contoso Lee",
    }
    assert staffed.log() == [("update", "success", "")] * 3


def test_nothing_is_decided_with_the_new_mapping_while_its_full_round_is_refused(staffed: World) -> None:
    staffed.sandbox.control.faults({"server": "graph", "path": r"/users/delta\?\$select", "what": "repeated_page"})
    mappings.save(reload(staffed), mapped(staffed, "name.familyName", "[companyName]"), by=None)

    assert staffed.run_cycle().state == "Failed"

    assert staffed.goto_writes() == []
    assert not Link.objects.exclude(failure_code="").exists()


def test_a_mapping_saved_in_the_middle_of_a_cycle_waits_for_what_it_needs(staffed: World, settings: Settings) -> None:
    for user in staffed.sandbox.control.directory()["users"]:
        staffed.change_user(user["id"], companyName="Contoso", surname=f"{user['surname']}s")
    settings.SLICE = timedelta(0)
    Job.objects.filter(pk=staffed.job.pk).update(run_requested_at=staffed.now())
    while (outcome := cycle.advance(staffed.job.pk, clock=staffed.now)) is cycle.Next.READ:
        staffed.read()
    assert outcome is cycle.Next.AGAIN
    assert staffed.job.changes.filter(status="planned").count() == 3

    mappings.save(reload(staffed), mapped(staffed, "name.familyName", "[companyName]"), by=None)
    settings.SLICE = timedelta(minutes=5)
    staffed.run_cycle()

    assert {user["lastName"] for user in staffed.managed().values()} == {"Contoso"}
    assert staffed.log() == [("update", "success", "")] * 3
    assert not Change.objects.filter(status="failure").exists()
    assert staffed.run_cycle().state == "Succeeded"
    assert reload(staffed).watermark > 0


def test_a_mapping_saved_while_a_cycle_runs_takes_effect_with_the_next(staffed: World, settings: Settings) -> None:
    """The watermark of the cycle that had the old one must not say that everybody has been decided."""
    staffed.change_user(staffed.britta, givenName="Brit")  # type: ignore[attr-defined]
    settings.SLICE = timedelta(0)
    Job.objects.filter(pk=staffed.job.pk).update(run_requested_at=staffed.now())
    while cycle.advance(staffed.job.pk, clock=staffed.now) is cycle.Next.READ:
        staffed.read()
    schema = mapped(staffed, "name.familyName", 'IIF([surname]="Gu", "Gú", [surname])')
    mappings.save(reload(staffed), schema, by=None)

    settings.SLICE = timedelta(minutes=5)
    for _ in range(2):
        staffed.run_cycle()

    assert staffed.managed()[LEE]["lastName"] == "Gú"
    assert staffed.managed()[BRITTA]["firstName"] == "Brit"
    assert staffed.log() == [("update", "success", "")] * 2


# --- restart ----------------------------------------------------------------------------------------------------


def test_a_restart_reads_everything_and_writes_nothing_that_is_right_already(staffed: World) -> None:
    rounds = dict(Feed.objects.values_list("pk", "full_round_at"))

    restart(staffed)

    assert staffed.goto_writes() == []
    assert staffed.log() == DONE_NOTHING
    assert all(moment > rounds[pk] for pk, moment in Feed.objects.values_list("pk", "full_round_at"))
    assert reload(staffed).rematch is False


@pytest.mark.parametrize("leaves", ["unassigned", "blocked", "binned", "purged"])
def test_who_left_just_before_a_restart_is_not_forgotten(staffed: World, leaves: str) -> None:
    if leaves == "unassigned":
        staffed.unassign(staffed.assignment)  # type: ignore[attr-defined]
    elif leaves == "blocked":
        staffed.change_user(staffed.britta, accountEnabled=False)  # type: ignore[attr-defined]
    else:
        staffed.delete_user(staffed.britta)  # type: ignore[attr-defined]
    if leaves == "purged":
        staffed.purge_user(staffed.britta)  # type: ignore[attr-defined]

    restart(staffed)

    assert staffed.managed()[BRITTA]["products"] == []
    assert staffed.log() == [("disable", "success", "")]


@pytest.mark.parametrize("leaves", ["left", "unassigned", "deleted"])
def test_members_who_lost_their_group_just_before_a_restart_are_not_forgotten(staffed: World, leaves: str) -> None:
    if leaves == "left":
        staffed.leave(staffed.sales, staffed.adele)  # type: ignore[attr-defined]
    elif leaves == "unassigned":
        staffed.unassign(staffed.group_assignment)  # type: ignore[attr-defined]
    else:
        staffed.graph("DELETE", f"/groups/{staffed.sales}")  # type: ignore[attr-defined]

    restart(staffed)

    assert staffed.managed()[ADELE]["products"] == []
    assert staffed.log() == [("disable", "success", "")]


def test_a_deleted_group_takes_access_away_without_a_restart_too(staffed: World) -> None:
    staffed.graph("DELETE", f"/groups/{staffed.sales}")  # type: ignore[attr-defined]

    staffed.run_cycle()

    assert staffed.log() == [("disable", "success", "")]
    assert staffed.managed()[ADELE]["products"] == []


def test_a_group_that_is_assigned_again_is_as_it_is_now(staffed: World) -> None:
    """Its members were not followed in between."""
    staffed.unassign(staffed.group_assignment)  # type: ignore[attr-defined]
    staffed.run_cycle()
    staffed.log()
    staffed.leave(staffed.sales, staffed.adele)  # type: ignore[attr-defined]
    joined = staffed.add_user("Debra Berger")
    staffed.join(staffed.sales, joined)  # type: ignore[attr-defined]
    staffed.run_cycle()
    staffed.assign(staffed.sales)  # type: ignore[attr-defined]

    staffed.run_cycle()

    assert staffed.log() == [("create", "success", "")]
    assert staffed.managed()[ADELE]["products"] == []
    assert staffed.managed()["debra.berger@contoso.example"]["products"] == ["G2M"]


def test_a_restart_in_the_middle_of_a_cycle_forgets_neither_leavers_nor_newcomers(
    staffed: World, settings: Settings
) -> None:
    staffed.unassign(staffed.assignment)  # type: ignore[attr-defined]
    staffed.assign(staffed.add_user("Debra Berger"))
    settings.SLICE = timedelta(0)
    Job.objects.filter(pk=staffed.job.pk).update(run_requested_at=staffed.now())
    while cycle.advance(staffed.job.pk, clock=staffed.now) is cycle.Next.READ:
        staffed.read()

    jobs.restart(reload(staffed), by=None)
    settings.SLICE = timedelta(minutes=5)
    for _ in range(2):
        staffed.run_cycle()

    assert sorted(staffed.log()) == [("create", "success", ""), ("disable", "success", "")]
    assert reload(staffed).rematch is False
    assert staffed.job.cycles.filter(full=True, state="Succeeded").exists()


def test_a_plan_that_was_not_sent_is_not_sent_for_somebody_unassigned_before_a_restart(
    world: World, settings: Settings
) -> None:
    assignment = world.assign(world.add_user("Dana Simon"))
    usual, settings.SLICE = settings.SLICE, timedelta(0)
    Job.objects.update(run_requested_at=world.now())
    assert cycle.advance(world.job.pk, clock=world.now) is cycle.Next.READ
    world.read()
    assert cycle.advance(world.job.pk, clock=world.now) is cycle.Next.AGAIN
    assert Change.objects.get().status == "planned"
    settings.SLICE = usual
    Cycle.objects.update(ended_at=world.now(), state="Failed")  # as when the application goes down

    world.unassign(assignment)
    world.run_cycle(full=True)

    assert world.goto_writes() == []
    assert Change.objects.get(action="create").status == "superseded"


def test_whoever_is_off_or_on_already_is_known_to_be(staffed: World) -> None:
    """An account that was disabled by hand before its person left is no account of somebody provisioned."""
    staffed.sandbox.control.edit_goto_user(BRITTA, products=[])
    staffed.unassign(staffed.assignment)  # type: ignore[attr-defined]
    staffed.run_cycle(full=True)
    link = Link.objects.get(subject__object_id=staffed.britta)  # type: ignore[attr-defined]
    assert link.disabled_at is not None

    staffed.sandbox.control.edit_goto_user(BRITTA, products=["G2M"])
    staffed.assign(staffed.britta)  # type: ignore[attr-defined]
    staffed.forget_requests()
    staffed.run_cycle(full=True)

    assert staffed.goto_writes() == []
    link.refresh_from_db()
    assert link.disabled_at is None
