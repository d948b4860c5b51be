"""Whatever the directory answers: nobody loses access for a bad reading, somebody is told why, the next good one heals.

Every fault meets every feed, in the round that follows a stored link and in the one that begins anew. The mirror is
compared as a whole: after a refused reading it stands as it was.
"""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from provisioning.connectors.base import Unpaced
from provisioning.connectors.graph.records import Page
from provisioning.connectors.graph.source import GraphSource
from provisioning.connectors.registry import open_session
from provisioning.engine import connections
from provisioning.models import Application, Assignment, Credential, DirectoryObject, Feed, Job, Membership, Tenant
from tests.world import USER, World

BRITTA, ADELE = "britta.simon@contoso.example", "adele.vance@contoso.example"
PATIENCE = 0.25
"""Seconds in which a request must have succeeded, with all its attempts."""
TROUBLED_REST = timedelta(hours=25)
"""After which the tenant is tried again, however often it failed."""

BROKEN: list[dict[str, Any]] = [
    {"what": "latency", "latency": 2.0},
    {"what": "status", "status": 429},
    {"what": "status", "status": 429, "retry_after": 30},
    {"what": "status", "status": 500},
    {"what": "status", "status": 502},
    {"what": "status", "status": 503},
    {"what": "status", "status": 504},
    {"what": "reset_before"},
    {"what": "reset_after_effect"},
    {"what": "truncated_json"},
    {"what": "empty_200"},
    {"what": "html_200"},
]
"""Met by any answer."""
BROKEN_PAGES: list[dict[str, Any]] = [{"what": "repeated_page"}, {"what": "foreign_next_link"}]
"""Met by the pages of listings and rounds."""
FIRST_ROUND = {
    "users": r"/users/delta\?\$select",
    "groups": r"/groups/delta\?\$select=id",
    "members": r"/groups/delta\?\$select=members",
}
LISTS = {"assignments": r"/appRoleAssignedTo\?", "service principal": r"/servicePrincipals/[^/]+\?"}


def impatient(tenant: Tenant) -> GraphSource:
    """The directory for a caller who waits for nothing."""
    credential = Credential.objects.get(tenant=tenant)
    return GraphSource(
        open_session({"ca_file": tenant.ca_file}),
        tenant.authority,
        tenant.graph_url,
        tenant.tenant_id,
        tenant.client_id,
        pace=Unpaced(),
        secret=credential.open()["client_secret"],
        budget=PATIENCE,
    )


@pytest.fixture
def staffed(world: World) -> World:
    """Britta is assigned, Adele is a member of the assigned group Sales; both have accounts."""
    world.open_source = impatient
    world.britta = world.add_user("Britta Simon")  # type: ignore[attr-defined]
    world.assignment = world.assign(world.britta)  # type: ignore[attr-defined]
    world.adele = world.add_user("Adele Vance")  # type: ignore[attr-defined]
    world.sales = world.add_group("Sales", world.adele)  # type: ignore[attr-defined]
    world.assign(world.sales)  # type: ignore[attr-defined]
    world.run_cycle()
    assert world.log() == [("create", "success", "")] * 2
    world.forget_requests()
    return world


def feed_of(world: World, kind: str) -> Feed:
    return Feed.objects.get(tenant=world.tenant, kind="assignments" if kind == "service principal" else kind)


def stored_link(world: World, kind: str) -> str:
    """A pattern that only the next round of this feed fits."""
    return re.escape(feed_of(world, kind).delta_link.partition("?")[2]) + "$"


def mirror() -> list[Any]:
    return [
        sorted(DirectoryObject.objects.values_list("object_id", "display_name", "enabled", "removed")),
        sorted(Membership.objects.values_list("group_id", "member_id", "removed")),
        sorted(Assignment.objects.values_list("assignment_id", "role_id", "removed")),
    ]


def refused(world: World, kind: str, pattern: str, fault: dict[str, Any]) -> None:
    """The reading breaks on this feed: nothing is taken over and nothing is written; cleared, everything goes on."""
    stood = mirror()
    world.sandbox.control.faults({"server": "graph", "path": pattern, **fault})

    cycle = world.run_cycle()

    feed, where = feed_of(world, kind), f"{fault} on {kind}"
    world.tenant.refresh_from_db()
    assert (cycle.state, bool(cycle.error)) == ("Failed", True), where
    assert feed.error and feed.error_code, where
    assert world.tenant.trouble == feed.error, where
    assert mirror() == stood, where
    assert world.goto_writes() == [], where

    world.sandbox.control.clear_faults()
    world.wait(TROUBLED_REST)
    assert world.run_cycle().state == "Succeeded", where
    feed.refresh_from_db()
    world.tenant.refresh_from_db()
    assert (feed.error, world.tenant.trouble) == ("", ""), where


@pytest.mark.parametrize("kind", FIRST_ROUND)
def test_a_broken_round_from_a_stored_link_changes_nothing(staffed: World, kind: str) -> None:
    for fault in [*BROKEN, *BROKEN_PAGES]:
        refused(staffed, kind, stored_link(staffed, kind), fault)

    staffed.log()
    staffed.change_user(staffed.britta, surname="de Vries")  # type: ignore[attr-defined]
    staffed.run_cycle()

    assert staffed.managed()[BRITTA]["lastName"] == "de Vries"
    assert staffed.log() == [("update", "success", "")]


@pytest.mark.parametrize("kind", FIRST_ROUND)
def test_a_broken_full_round_changes_nothing(staffed: World, kind: str) -> None:
    for fault in [{"what": "truncated_json"}, {"what": "html_200"}, *BROKEN_PAGES]:
        staffed.restart()
        refused(staffed, kind, FIRST_ROUND[kind], fault)

    assert all(user["products"] == ["G2M"] for user in staffed.managed().values())


@pytest.mark.parametrize("kind", LISTS)
def test_a_broken_list_changes_nothing(staffed: World, kind: str) -> None:
    for fault in [*BROKEN, *(BROKEN_PAGES if kind == "assignments" else [])]:
        refused(staffed, kind, LISTS[kind], fault)

    assert all(user["products"] == ["G2M"] for user in staffed.managed().values())


# --- answers that are whole and yet not true ------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*FIRST_ROUND, "assignments"])
def test_people_members_and_assignments_that_a_full_answer_leaves_out_are_not_removed(
    staffed: World, kind: str
) -> None:
    staffed.restart()

    refused(staffed, kind, {**FIRST_ROUND, **LISTS}[kind], {"what": "missing_page", "count": 1})

    assert all(user["products"] == ["G2M"] for user in staffed.managed().values())


def test_an_empty_round_from_a_stored_link_loses_its_news_but_nobody(staffed: World) -> None:
    """Nobody can tell it from a quiet day; the full round that is due once a week brings the news."""
    staffed.change_user(staffed.britta, surname="de Vries")  # type: ignore[attr-defined]
    staffed.sandbox.control.faults({"server": "graph", "path": "/users/delta", "what": "missing_page"})

    staffed.run_cycle()

    assert staffed.goto_writes() == []

    staffed.sandbox.control.clear_faults()
    staffed.wait(timedelta(days=8))
    staffed.run_cycle()

    assert staffed.managed()[BRITTA]["lastName"] == "de Vries"


def test_who_is_really_gone_is_missing_from_the_full_round_and_believed(staffed: World) -> None:
    staffed.delete_user(staffed.britta)  # type: ignore[attr-defined]
    staffed.purge_user(staffed.britta)  # type: ignore[attr-defined]
    staffed.leave(staffed.sales, staffed.adele)  # type: ignore[attr-defined]
    staffed.restart()

    staffed.run_cycle()

    assert sorted(staffed.log()) == [("disable", "success", "")] * 2
    assert Membership.objects.get(member_id=staffed.adele).removed  # type: ignore[attr-defined]


def test_more_missing_people_than_are_believed_at_once_stop_the_reading(staffed: World, settings: Any) -> None:
    settings.SUSPECTS_LIMIT = 1
    for person in (staffed.britta, staffed.adele):  # type: ignore[attr-defined]
        staffed.delete_user(person)
        staffed.purge_user(person)
    staffed.restart()

    cycle = staffed.run_cycle()

    assert "SUSPECTS_LIMIT" in cycle.error
    assert all(user["products"] == ["G2M"] for user in staffed.managed().values())


def test_people_in_the_recycle_bin_do_not_count_as_missing(staffed: World, settings: Any) -> None:
    """A full round never tells of them, so the limit would be used up by those whose end is long known."""
    settings.SUSPECTS_LIMIT = 2
    for name in ("Lee Gu", "Debra Berger", "Nestor Wilke"):
        staffed.delete_user(staffed.add_user(name))
    for name in ("Pradeep Gupta", "Joni Sherman", "Diego Siciliani"):
        person = staffed.add_user(name)
        staffed.run_cycle()
        staffed.delete_user(person)
    staffed.run_cycle()
    staffed.restart()

    assert staffed.run_cycle().state == "Succeeded"


def test_roles_that_an_answer_leaves_out_take_no_licence_away(staffed: World) -> None:
    """Roles are read with the enterprise application; without them nobody would be entitled any more."""
    refused(staffed, "service principal", LISTS["service principal"], {"what": "missing_page", "count": 1})

    assert all(user["products"] == ["G2M"] for user in staffed.managed().values())


def test_a_role_that_is_really_gone_is_believed(staffed: World) -> None:
    address = f"/servicePrincipals/{staffed.application.service_principal_id}"
    roles = staffed.graph("GET", address)["appRoles"]
    staffed.graph("PATCH", address, {"appRoles": [role | {"isEnabled": False} for role in roles]})
    staffed.graph("PATCH", address, {"appRoles": [role for role in roles if role["value"] != USER]})

    staffed.run_cycle()

    assert sorted(staffed.log()) == [("disable", "success", "")] * 2
    assert not staffed.application.roles.get(value=USER).enabled


def test_an_application_whose_enterprise_application_is_gone_holds_nobody_else_up(staffed: World) -> None:
    lost = Application.objects.create(
        tenant=staffed.tenant,
        template_id="gotomeeting",
        connector="goto_admin",
        display_name="Of old",
        service_principal_id="00000000-0000-0000-0000-00000000dead",
    )
    Job.objects.create(application=lost, job_id="lost", schema=staffed.job.schema)
    staffed.change_user(staffed.britta, surname="de Vries")  # type: ignore[attr-defined]

    assert staffed.run_cycle().state == "Succeeded"

    assert staffed.managed()[BRITTA]["lastName"] == "de Vries"
    staffed.tenant.refresh_from_db()
    assert staffed.tenant.trouble_code == "ServicePrincipalNotFound"


# --- what is asked for while a round is on its way --------------------------------------------------------------


def test_a_restart_in_the_middle_of_a_round_is_not_forgotten(staffed: World) -> None:
    begun, restarted = threading.Event(), threading.Event()

    def open_source(tenant: Tenant) -> GraphSource:
        source = connections.open_source(tenant)
        read_round = source.round

        def waiting_round(*asked: Any, **known: Any) -> Iterator[Page]:
            begun.set()
            assert restarted.wait(60)
            return read_round(*asked, **known)

        source.round = waiting_round  # type: ignore[method-assign]
        return source

    staffed.open_source = open_source
    reading = threading.Thread(target=in_thread, args=(staffed.read,))
    reading.start()
    assert begun.wait(60)

    staffed.restart()

    restarted.set()
    reading.join()
    assert feed_of(staffed, "users").delta_link == ""
    assert feed_of(staffed, "users").began_at is None


def in_thread(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


# --- delta links ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    ["410 resyncRequired", "400 syncStateNotFound", "400 Request_UnsupportedQuery", "400 Directory_ExpiredPageToken"],
)
def test_an_expired_delta_link_leads_to_a_full_round(staffed: World, form: str) -> None:
    staffed.sandbox.control.knobs(delta_expiry=form, delta_token_days=1)
    staffed.sandbox.control.advance(2 * 86_400)
    staffed.sign_in_again()
    staffed.change_user(staffed.britta, surname="de Vries")  # type: ignore[attr-defined]
    staffed.leave(staffed.sales, staffed.adele)  # type: ignore[attr-defined]
    staffed.forget_requests()

    assert staffed.run_cycle().state == "Succeeded"

    assert sorted(staffed.log()) == [("disable", "success", ""), ("update", "success", "")]
    asked = [f"{row['path']}?{row['query']}" for row in staffed.sandbox.control.requests("graph")]
    assert all(any(re.search(pattern, address) for address in asked) for pattern in FIRST_ROUND.values())


ORDERS: list[dict[str, Any]] = [
    {"empty_pages": True},
    {"delta_shuffled": True},
    {"delta_duplicates": True},
    {"delta_replays": 50},
    {"delta_removed_at_first": True},
    {"delta_page_objects": 1, "delta_page_links": 1},
    {"delta_shuffled": True, "delta_duplicates": True, "delta_replays": 50, "empty_pages": True},
]


@pytest.mark.parametrize("knobs", ORDERS, ids=lambda knobs: "+".join(knobs))
def test_the_same_comes_of_any_order_repetition_and_paging(staffed: World, knobs: dict[str, Any]) -> None:
    staffed.sandbox.control.knobs(**knobs)
    lee = staffed.add_user("Lee Gu")
    staffed.join(staffed.sales, lee)  # type: ignore[attr-defined]
    staffed.run_cycle()
    staffed.leave(staffed.sales, staffed.adele)  # type: ignore[attr-defined]
    staffed.change_user(staffed.britta, surname="Simons")  # type: ignore[attr-defined]
    staffed.leave(staffed.sales, lee)  # type: ignore[attr-defined]
    staffed.join(staffed.sales, lee)  # type: ignore[attr-defined]
    staffed.run_cycle()
    staffed.delete_user(staffed.britta)  # type: ignore[attr-defined]
    staffed.run_cycle()
    staffed.run_cycle(full=True)
    staffed.run_cycle()

    states = {email: user["products"] for email, user in staffed.managed().items()}
    assert states == {BRITTA: [], ADELE: [], "lee.gu@contoso.example": ["G2M"]}
    assert [action for action, _, _ in staffed.log()] == ["create", "update", "disable", "disable"]


def test_news_that_reach_the_deltas_late_come_late_and_take_nothing_away(staffed: World) -> None:
    """The list of assignments is ahead of the deltas: a new person is asked for by id."""
    staffed.sandbox.control.knobs(delta_delay_seconds=3600)
    staffed.assign(staffed.add_user("Lee Gu"))
    staffed.change_user(staffed.britta, surname="de Vries")  # type: ignore[attr-defined]

    staffed.run_cycle()

    assert staffed.managed()["lee.gu@contoso.example"]["lastName"] == "Gu"
    assert staffed.managed()[BRITTA]["lastName"] == "Simon"
    assert staffed.log() == [("create", "success", "")]

    staffed.sandbox.control.knobs(delta_delay_seconds=0)
    staffed.run_cycle()

    assert staffed.log() == [("update", "success", "")]
