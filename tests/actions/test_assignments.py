"""Users and groups: written here where the application is kept here, asked of the tenant otherwise."""

import uuid

import pytest

from provisioning.actions import assignments
from provisioning.actions.assignments import Principal
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Assignment, Question, Tenant
from provisioning.models.application import DEFAULT_ACCESS
from tests.actions.conftest import audited, last_entry, person


def role(application: Application, value: str) -> str:
    return application.roles.get(value=value).role_id


def live(application: Application) -> set[tuple[str, str]]:
    rows = application.assignments.filter(removed=False)
    return set(rows.values_list("principal_name", "role_id"))


def test_several_are_assigned_at_once_under_one_reading_number(kept_here: Application, tenant: Tenant) -> None:
    britta = Principal.of(person(tenant, "Britta Simon"))
    sales = Principal.of(person(tenant, "Sales", kind="Group"))
    tenant.refresh_from_db()
    number = tenant.reading_number
    organizer = role(kept_here, "organizer")

    assert assignments.assign(kept_here, [britta, sales], organizer, by=None) is None

    assert live(kept_here) == {("Britta Simon", organizer), ("Sales", organizer)}
    assert set(kept_here.assignments.values_list("reading", flat=True)) == {number + 1}
    assert audited()[-2:] == ["Add app role assignment grant to user", "Add app role assignment to group"]
    assert last_entry().changes == [{"name": "role", "old": None, "new": "GoToMeeting Organizer"}]


def test_whoever_has_the_role_stays_as_they_are(kept_here: Application, tenant: Tenant) -> None:
    britta = Principal.of(person(tenant, "Britta Simon"))
    assignments.assign(kept_here, [britta], role(kept_here, "organizer"), by=None)
    before = audited()

    assignments.assign(kept_here, [britta], role(kept_here, "organizer"), by=None)

    assert kept_here.assignments.count() == 1
    assert audited() == before


def test_another_role_is_a_second_assignment(kept_here: Application, tenant: Tenant) -> None:
    britta = Principal.of(person(tenant, "Britta Simon"))

    for value in ("organizer", "webinar"):
        assignments.assign(kept_here, [britta], role(kept_here, value), by=None)

    assert len(live(kept_here)) == 2


@pytest.mark.parametrize(("wanted", "sentence"), [("nothing", "no such role"), ("team_admin", "switched off")])
def test_a_role_must_be_there_and_on(kept_here: Application, tenant: Tenant, wanted: str, sentence: str) -> None:
    found = kept_here.roles.filter(value=wanted).first()

    with pytest.raises(ActionRefused, match=sentence):
        assignments.assign(
            kept_here, [Principal.of(person(tenant, "Britta"))], found.role_id if found else str(uuid.uuid4()), by=None
        )

    assert not kept_here.assignments.exists()


def test_default_access_can_be_given(kept_here: Application, tenant: Tenant) -> None:
    assignments.assign(kept_here, [Principal.of(person(tenant, "Britta"))], DEFAULT_ACCESS, by=None)

    assert live(kept_here) == {("Britta", DEFAULT_ACCESS)}


def test_a_changed_role_leaves_a_tombstone_of_the_old_one(kept_here: Application, tenant: Tenant) -> None:
    organizer, webinar = role(kept_here, "organizer"), role(kept_here, "webinar")
    assignments.assign(kept_here, [Principal.of(person(tenant, "Britta"))], organizer, by=None)

    assignments.change_role(list(kept_here.assignments.all()), webinar, by=None)

    assert live(kept_here) == {("Britta", webinar)}
    assert kept_here.assignments.get(removed=True).role_id == organizer
    assert last_entry().changes == [{"name": "role", "old": "GoToMeeting Organizer", "new": "GoToWebinar Organizer"}]


def test_two_rows_of_one_person_become_one_when_they_get_the_same_role(kept_here: Application, tenant: Tenant) -> None:
    britta = Principal.of(person(tenant, "Britta"))
    for value in ("organizer", "webinar"):
        assignments.assign(kept_here, [britta], role(kept_here, value), by=None)

    assignments.change_role(list(kept_here.assignments.all()), role(kept_here, "training"), by=None)

    assert live(kept_here) == {("Britta", role(kept_here, "training"))}


def test_a_removed_assignment_is_a_tombstone_with_a_new_number(kept_here: Application, tenant: Tenant) -> None:
    assignments.assign(kept_here, [Principal.of(person(tenant, "Britta"))], role(kept_here, "organizer"), by=None)
    before = kept_here.assignments.get().reading

    assignments.remove(list(kept_here.assignments.all()), by=None)

    row = kept_here.assignments.get()
    assert row.removed
    assert row.reading > before
    assert last_entry().activity == "Remove app role assignment from user"


def test_for_the_tenant_it_is_a_question_and_no_row(enterprise: Application, tenant: Tenant) -> None:
    britta = Principal.of(person(tenant, "Britta"))

    question = assignments.assign(enterprise, [britta], role(enterprise, "User"), by=None)

    assert question is not None
    assert question.kind == Question.Kind.ASSIGN
    assert question.arguments == {
        "add": [{"principalId": britta.id, "principalName": "Britta", "roleId": role(enterprise, "User")}]
    }
    assert not Assignment.objects.exists()


def test_a_changed_role_is_added_and_removed_in_one_question(enterprise: Application) -> None:
    Assignment.objects.create(
        application=enterprise,
        assignment_id="A1",
        principal_id="P1",
        principal_kind="group",
        principal_name="Sales",
        role_id=DEFAULT_ACCESS,
        reading=1,
    )

    question = assignments.change_role(list(enterprise.assignments.all()), role(enterprise, "User"), by=None)

    assert question is not None
    assert question.arguments["remove"] == ["A1"]
    assert question.arguments["add"][0]["principalId"] == "P1"
    assert last_entry().changes == [{"name": "role", "old": "Default Access", "new": "User"}]
