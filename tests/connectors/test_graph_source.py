"""Single questions to the directory, assignments, and the search behind the pickers."""

from collections.abc import Callable, Iterator

import pytest

from provisioning.connectors.graph.names import graph_select
from provisioning.connectors.graph.records import DEFAULT_ACCESS, ServicePrincipal
from provisioning.connectors.graph.source import GraphSource
from provisioning.errors import ConfigurationError, OutcomeUnknown, ReadingRefused, RequestRejected, TransientError
from tests.connectors.directory import Directory
from tests.connectors.paces import NotedPace
from tests.sandbox_process import Control, SandboxProcess

SELECT = graph_select(["givenName", "surname", "manager"])
NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def directory(sandbox: SandboxProcess, control: Control) -> Iterator[Directory]:
    administrator = Directory(sandbox)
    yield administrator
    administrator.session.close()


@pytest.fixture
def gotomeeting(source: GraphSource) -> ServicePrincipal:
    return source.service_principals_named("GoToMeeting")[0]


def role(application: ServicePrincipal, value: str) -> str:
    return next(role.id for role in application.roles if role.value == value)


# Users and groups


def test_a_user_is_read_complete(source: GraphSource, directory: Directory) -> None:
    boss, person = directory.add_people("Boss One", "Adele Vance")
    directory.set_manager(person, boss)

    row = source.user(person, SELECT)

    assert (row.id, row.kind, row.removed, row.complete) == (person, "user", "", True)
    assert (row.attributes["givenName"], row.attributes["manager"]) == ("Adele", boss)
    assert source.user(boss, SELECT).attributes["manager"] is None


def test_a_user_that_is_gone_is_looked_for_in_the_recycle_bin(source: GraphSource, directory: Directory) -> None:
    binned, gone = directory.add_people("Britta Simon", "Adele Vance")
    directory.delete(binned)
    directory.delete_for_good(gone)

    assert source.user(binned, SELECT).removed == "changed"
    assert source.user(gone, SELECT).removed == "deleted"
    assert source.user(NOBODY, SELECT).removed == "deleted"


def test_a_group_is_read(source: GraphSource, directory: Directory) -> None:
    sales = directory.add_group("Sales")

    assert source.group(sales, graph_select([], "groups")).attributes["displayName"] == "Sales"
    assert source.group(NOBODY, ["id"]).removed == "deleted"


def test_trouble_is_never_taken_for_absence(
    open_source: Callable[..., GraphSource], directory: Directory, control: Control
) -> None:
    (person,) = directory.add_people("Adele Vance")
    for what in ("html_200", "empty_200", "truncated_json"):
        control.clear_faults()
        control.faults({"server": "graph", "path": "/users", "what": what})
        source = open_source(budget=2.0)
        with pytest.raises(TransientError):
            source.user(person, SELECT)
        with pytest.raises(TransientError):
            source.users_exist([person])


def test_which_of_many_users_exist(source: GraphSource, directory: Directory, control: Control) -> None:
    people = directory.add_crowd(40)
    directory.delete(people[3])
    control.clear_requests()

    asked = [*people, NOBODY]
    assert source.users_exist(asked) == set(people) - {people[3]}
    assert len(control.requests("graph")) == 3
    assert source.users_exist([people[0].upper()]) == {people[0].upper()}
    assert source.users_exist([]) == set()


def test_the_direct_members_of_a_group_over_many_pages(
    source: GraphSource, directory: Directory, control: Control
) -> None:
    people = directory.add_crowd(30)
    nested = directory.add_group("Nested", people[0])
    sales = directory.add_group("Sales", *people[1:], nested)

    assert source.group_members(sales) == {*people[1:], nested}
    with pytest.raises(ReadingRefused, match="no longer"):
        source.group_members(NOBODY)


def test_names_with_quotes_are_searched_as_they_are(source: GraphSource, directory: Directory) -> None:
    (person,) = directory.add_people("Miles O'Brien")
    group = directory.add_group("O'Brien's team & friends")

    assert [row.id for row in source.search("miles")] == [person]
    assert [row.id for row in source.search("O'Brien's team &", ["group"])] == [group]
    assert source.search('"') == []
    assert source.find_service_principals("O'Brien & co") == []


def test_the_search_says_what_it_found(source: GraphSource, directory: Directory) -> None:
    directory.add_people("Sales Person")
    directory.add_group("Sales")

    found = source.search("Sales")

    assert {(row.kind, row.attributes["displayName"]) for row in found} == {
        ("user", "Sales Person"),
        ("group", "Sales"),
    }


def test_the_organization_names_itself(source: GraphSource, sandbox: SandboxProcess) -> None:
    organization = source.organization()

    assert organization.id == sandbox.tenant_id
    assert organization.display_name and "contoso.example" in organization.domains


# Enterprise applications


def test_an_application_is_found_by_name_id_and_application_id(
    source: GraphSource, gotomeeting: ServicePrincipal
) -> None:
    for text in ("GoToMeeting", "goto", gotomeeting.id, gotomeeting.app_id, f" {gotomeeting.app_id} "):
        assert gotomeeting in source.find_service_principals(text)
    assert source.service_principal(gotomeeting.id) == gotomeeting
    assert source.service_principal_of(gotomeeting.app_id) == gotomeeting
    assert source.service_principal(NOBODY) is None
    assert source.service_principal_of(NOBODY) is None
    assert source.find_service_principals(NOBODY) == []


def test_roles_come_with_the_names_of_the_tenant(gotomeeting: ServicePrincipal) -> None:
    assert [(role.value, role.display_name, role.enabled) for role in gotomeeting.roles] == [
        ("User", "User", True),
        ("webinar", "Organizer Plus", True),
        ("", "msiam_access", True),
    ]
    assert gotomeeting.account_enabled and gotomeeting.assignment_required and gotomeeting.template_id


def test_the_gallery_adds_an_application(source: GraphSource, gotomeeting: ServicePrincipal) -> None:
    created = source.instantiate("GoToMeeting", "GoToMeeting (test)")

    assert created.id != gotomeeting.id
    assert source.service_principals_named("GoToMeeting (test)") == [created]
    with pytest.raises(ConfigurationError, match="no single application named Nothing"):
        source.instantiate("Nothing")


# Assignments


def test_assignments_are_given_listed_and_taken(
    source: GraphSource, directory: Directory, gotomeeting: ServicePrincipal
) -> None:
    (person,) = directory.add_people("Adele Vance")
    sales = directory.add_group("Sales")

    direct = source.assign(gotomeeting.id, person, role(gotomeeting, "User"))
    by_group = source.assign(gotomeeting.id, sales, role(gotomeeting, "webinar"))
    default = source.assign(gotomeeting.id, sales, DEFAULT_ACCESS)

    assert (direct.principal_kind, direct.principal_name, by_group.principal_kind) == ("user", "Adele Vance", "group")
    assert {row.id for row in source.assignments(gotomeeting.id)} == {direct.id, by_group.id, default.id}
    assert source.assignment(gotomeeting.id, direct.id) == direct

    source.unassign(gotomeeting.id, direct.id)
    source.unassign(gotomeeting.id, direct.id)

    assert source.assignment(gotomeeting.id, direct.id) is None
    assert {row.id for row in source.assignments(gotomeeting.id)} == {by_group.id, default.id}


def test_assigning_twice_gives_the_assignment_that_is_there(
    source: GraphSource, directory: Directory, gotomeeting: ServicePrincipal
) -> None:
    (person,) = directory.add_people("Adele Vance")
    first = source.assign(gotomeeting.id, person, role(gotomeeting, "User"))

    assert source.assign(gotomeeting.id, person, role(gotomeeting, "User")) == first
    assert len(source.assignments(gotomeeting.id)) == 1


def test_a_role_or_person_that_does_not_exist_is_refused(
    source: GraphSource, directory: Directory, gotomeeting: ServicePrincipal
) -> None:
    (person,) = directory.add_people("Adele Vance")

    with pytest.raises(RequestRejected):
        source.assign(gotomeeting.id, person, NOBODY)
    with pytest.raises(RequestRejected):
        source.assign(gotomeeting.id, NOBODY, role(gotomeeting, "User"))


@pytest.mark.parametrize("what", ["reset_after_effect", "truncated_json", "empty_200", "reset_before"])
def test_an_assignment_whose_answer_was_lost_is_looked_up_and_never_sent_twice(
    source: GraphSource, directory: Directory, control: Control, gotomeeting: ServicePrincipal, what: str
) -> None:
    (person,) = directory.add_people("Adele Vance")
    control.faults({"server": "graph", "method": "POST", "what": what})
    control.clear_requests()

    if what in ("reset_before", "empty_200"):  # without effect
        with pytest.raises(OutcomeUnknown):
            source.assign(gotomeeting.id, person, role(gotomeeting, "User"))
    else:
        assert source.assign(gotomeeting.id, person, role(gotomeeting, "User")).principal_id == person
    posts = [request for request in control.requests("graph") if request["method"] == "POST"]
    assert len(posts) == 1


def test_a_long_list_of_assignments_is_complete_or_refused(
    source: GraphSource, directory: Directory, control: Control, gotomeeting: ServicePrincipal
) -> None:
    people = directory.add_crowd(120)
    control.seed(assignments=[{"principal": person} for person in people])
    assert {row.principal_id for row in source.assignments(gotomeeting.id)} == set(people)

    control.faults({"server": "graph", "path": "appRoleAssignedTo", "what": "repeated_page"})
    with pytest.raises(ReadingRefused):
        source.assignments(gotomeeting.id)


def test_the_assignments_of_an_application_that_is_gone_are_not_no_assignments(source: GraphSource) -> None:
    with pytest.raises(ReadingRefused, match="no longer in the directory"):
        source.assignments(NOBODY)


def test_throttling_is_told_to_the_pace_and_waited_out(
    open_source: Callable[..., GraphSource], directory: Directory, control: Control
) -> None:
    (person,) = directory.add_people("Adele Vance")
    pace = NotedPace()
    source = open_source(pace=pace)
    control.faults({"server": "graph", "path": "/users", "what": "status", "status": 429, "retry_after": 1, "count": 1})

    assert source.users_exist([person]) == {person}
    assert pace.throttles == [1.0]


def test_a_person_who_waits_goes_first(
    open_source: Callable[..., GraphSource], directory: Directory, control: Control
) -> None:
    (person,) = directory.add_people("Adele Vance")
    open_source(priority="High").user(person, SELECT)

    headers = {name.lower(): value for name, value in control.requests("graph")[-1]["headers"].items()}
    assert headers["x-ms-throttle-priority"] == "High"
