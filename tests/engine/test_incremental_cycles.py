"""What happens in the directory, and what it comes to in the account: one cycle, one write, one row that tells."""

import pytest

from provisioning.models import Change, Job, Link
from tests.world import USER, WEBINAR, World

DONE_NOTHING: list[tuple[str, str, str]] = []


@pytest.fixture
def britta(world: World) -> str:
    """Britta is assigned, and provisioned."""
    britta = world.add_user("Britta Simon")
    world.assignment = world.assign(britta)  # type: ignore[attr-defined]
    world.run_cycle()
    assert world.log() == [("create", "success", "")]
    world.forget_requests()
    return britta


def write_of(world: World) -> str:
    """The one write since the requests were forgotten, as its method."""
    (write,) = world.goto_writes()
    return str(write["method"])


def test_an_assigned_user_gets_an_account_with_the_licence_of_the_role(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))

    cycle = world.run_cycle()

    user = world.managed()["britta.simon@contoso.example"]
    assert (user["firstName"], user["lastName"], user["products"]) == ("Britta", "Simon", ["G2M"])
    assert cycle.state == "Succeeded"
    assert cycle.kind == "initial"


def test_a_member_of_an_assigned_group_gets_an_account_and_a_nested_one_does_not(world: World) -> None:
    sales = world.add_group("Sales", world.add_user("Adele Vance"))
    inner = world.add_group("Inner", world.add_user("Nestor Wilke"))
    world.join(sales, inner)
    world.assign(sales)

    world.run_cycle()

    assert list(world.managed()) == ["adele.vance@contoso.example"]


def test_default_access_does_not_entitle(world: World) -> None:
    world.assign(world.add_user("Debra Berger"), "Default Access")

    world.run_cycle()

    assert world.managed() == {}
    assert world.log() == [("other", "skipped", "NotEffectivelyEntitled")]
    world.run_cycle()
    assert world.log() == DONE_NOTHING, "the same reason is not written again"


def test_a_cycle_without_a_change_asks_graph_five_times_and_goto_once(world: World, britta: str) -> None:
    world.run_cycle()

    assert len(world.sandbox.control.requests("graph")) <= 5
    assert [row["method"] for row in world.goto_requests()] == ["GET"]
    assert world.log() == DONE_NOTHING


def test_a_rename_is_one_update(world: World, britta: str) -> None:
    world.change_user(britta, surname="de Vries", displayName="Britta de Vries")

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["lastName"] == "de Vries"
    assert write_of(world) == "PUT"
    assert world.log() == [("update", "success", "")]
    assert world.settled()[0].modified == [{"name": "name.familyName", "old": "Simon", "new": "de Vries"}]


def test_a_new_user_principal_name_moves_the_account(world: World, britta: str) -> None:
    key = world.managed()["britta.simon@contoso.example"]["key"]
    world.change_user(britta, userPrincipalName="britta.devries@contoso.example")

    world.run_cycle()

    assert world.managed()["britta.devries@contoso.example"]["key"] == key
    assert world.log() == [("update", "success", "")]


def test_unassigning_disables_and_assigning_again_enables_the_same_account(world: World, britta: str) -> None:
    key = world.managed()["britta.simon@contoso.example"]["key"]
    world.unassign(world.assignment)  # type: ignore[attr-defined]

    world.run_cycle()

    user = world.managed()["britta.simon@contoso.example"]
    assert (user["status"], user["products"]) == ("SUSPENDED", [])
    assert world.log() == [("disable", "success", "")]

    world.assign(britta)
    world.run_cycle()

    user = world.managed()["britta.simon@contoso.example"]
    assert (user["key"], user["products"]) == (key, ["G2M"])
    assert world.log() == [("enable", "success", "")]


def test_blocking_the_sign_in_disables(world: World, britta: str) -> None:
    world.change_user(britta, accountEnabled=False)

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["status"] == "SUSPENDED"
    assert write_of(world) == "PUT"
    assert world.log() == [("disable", "success", "")]
    assert world.settled()[0].facts["reason"] == "SourceObjectDisabled"


def test_the_recycle_bin_disables_a_restore_enables_and_a_purge_writes_nothing_more(world: World, britta: str) -> None:
    world.delete_user(britta)
    world.run_cycle()
    assert world.log() == [("disable", "success", "")]

    world.restore_user(britta)
    world.assign_again = world.graph("GET", f"/users/{britta}/appRoleAssignments")["value"]  # type: ignore[attr-defined]
    if not world.assign_again:  # type: ignore[attr-defined]
        world.assign(britta)
    world.run_cycle()
    assert world.log() == [("enable", "success", "")]

    world.delete_user(britta)
    world.run_cycle()
    assert world.log() == [("disable", "success", "")]

    world.forget_requests()
    world.purge_user(britta)
    world.run_cycle()
    assert world.log() == DONE_NOTHING
    assert world.goto_writes() == []


def test_a_purge_that_nobody_saw_coming_disables_where_delete_is_off(world: World, britta: str) -> None:
    world.delete_user(britta)
    world.purge_user(britta)

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["status"] == "SUSPENDED"
    assert world.log() == [("disable", "success", "")]


def test_a_purge_deletes_where_delete_is_on(world: World, britta: str) -> None:
    schema = world.job.schema
    schema["synchronizationRules"][0]["objectMappings"][0]["flowTypes"] = "Add, Update, Delete"
    Job.objects.filter(pk=world.job.pk).update(schema=schema)
    world.delete_user(britta)
    world.purge_user(britta)

    world.run_cycle()

    assert world.managed() == {}
    assert world.log() == [("delete", "success", "")]


def test_another_role_is_another_licence(world: World, britta: str) -> None:
    world.unassign(world.assignment)  # type: ignore[attr-defined]
    world.assign(britta, WEBINAR)

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["products"] == ["G2W"]
    assert write_of(world) == "PUT"
    assert world.log() == [("update", "success", "")]


def test_of_two_assignments_one_may_be_lost(world: World, britta: str) -> None:
    sales = world.add_group("Sales", britta)
    world.assign(sales)
    world.run_cycle()
    assert world.log() == DONE_NOTHING

    world.unassign(world.assignment)  # type: ignore[attr-defined]
    world.run_cycle()

    assert world.log() == DONE_NOTHING
    assert world.goto_writes() == []


def test_joining_and_leaving_an_assigned_group(world: World) -> None:
    adele = world.add_user("Adele Vance")
    sales = world.add_group("Sales")
    world.assign(sales)
    world.run_cycle()
    assert world.managed() == {}

    world.join(sales, adele)
    world.run_cycle()
    assert world.log() == [("create", "success", "")]

    world.leave(sales, adele)
    world.run_cycle()
    assert world.log() == [("disable", "success", "")]


def test_unassigning_a_group_disables_its_members(world: World) -> None:
    sales = world.add_group("Sales", world.add_user("Adele Vance"), world.add_user("Lee Gu"))
    assignment = world.assign(sales)
    world.run_cycle()
    world.log()

    world.unassign(assignment)
    world.run_cycle()

    assert world.log() == [("disable", "success", "")] * 2


def test_a_rehired_person_takes_over_the_account_in_one_write(world: World, britta: str) -> None:
    key = world.managed()["britta.simon@contoso.example"]["key"]
    world.delete_user(britta)
    again = world.add_user("Britta Simon")
    world.assign(again)

    world.run_cycle()

    user = world.managed()["britta.simon@contoso.example"]
    assert (user["key"], user["products"]) == (key, ["G2M"])
    assert world.goto_writes() == [], "she already has what she needs"
    assert Link.objects.get(account__key=key).subject.object_id == again


def test_a_rehired_person_gets_the_disabled_account_back(world: World, britta: str) -> None:
    world.delete_user(britta)
    world.run_cycle()
    world.log()
    world.forget_requests()
    world.assign(world.add_user("Britta Simon"))

    world.run_cycle()

    assert write_of(world) == "PUT"
    assert world.log() == [("enable", "success", "")]


def test_an_account_removed_by_hand_comes_back(world: World, britta: str) -> None:
    world.sandbox.control.delete_goto_user("britta.simon@contoso.example")

    world.run_cycle()

    assert "britta.simon@contoso.example" in world.managed()
    assert write_of(world) == "POST"
    assert world.log() == [("create", "success", "")]


@pytest.mark.parametrize(("page", "full"), [(1000, False), (2, True)], ids=["one page", "several pages"])
def test_an_account_edited_by_hand_is_corrected(world: World, britta: str, page: int, full: bool) -> None:
    """By any cycle where the answer that proves the credentials holds all accounts; else by the next full one."""
    world.sandbox.control.knobs(page_size_maximum=page)
    world.sandbox.control.edit_goto_user("britta.simon@contoso.example", firstName="Brigitte", products=[])
    if full:
        world.run_cycle()
        assert world.goto_writes() == []

    world.run_cycle(full=full)

    user = world.managed()["britta.simon@contoso.example"]
    assert (user["firstName"], user["products"]) == ("Britta", ["G2M"])
    assert write_of(world) == "PUT"
    assert world.log() == [("enable", "success", "")]


def test_a_rename_of_somebody_whose_account_is_gone_creates_it_anew(world: World, britta: str) -> None:
    world.sandbox.control.delete_goto_user("britta.simon@contoso.example")
    world.sandbox.control.seed(
        accounts=[{"email": "stranger@contoso.example", "firstName": "A", "lastName": "Stranger"}]
    )
    world.change_user(britta, surname="de Vries")

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["lastName"] == "de Vries"
    assert world.log() == [("create", "success", "")]


def test_an_existing_account_is_taken_over_and_strangers_are_not_touched(world: World) -> None:
    world.sandbox.control.seed(
        accounts=[
            {"email": "Britta.Simon@contoso.example", "firstName": "B.", "lastName": "Simon", "products": ["G2M"]},
            {"email": "stranger@contoso.example", "firstName": "A", "lastName": "Stranger", "products": ["G2M"]},
        ]
    )
    world.assign(world.add_user("Britta Simon"))
    world.forget_requests()

    world.run_cycle()

    assert write_of(world) == "PUT"
    assert world.log() == [("update", "success", "")]
    assert world.goto()["stranger@contoso.example"]["products"] == ["G2M"]


def test_an_admin_who_is_taken_over_keeps_the_rights_that_no_role_gives(world: World) -> None:
    world.sandbox.control.seed(
        accounts=[
            {
                "email": "britta.simon@contoso.example",
                "firstName": "B.",
                "lastName": "Simon",
                "products": ["G2M", "G2T"],
                "adminRoles": ["RUN_REPORTS"],
            }
        ]
    )
    world.assign(world.add_user("Britta Simon"))

    world.run_cycle()

    user = world.managed()["britta.simon@contoso.example"]
    assert (user["firstName"], user["products"], user["adminRoles"]) == ("Britta", ["G2M", "G2T"], ["RUN_REPORTS"])


def test_two_people_exchange_an_address_in_one_cycle(world: World, britta: str) -> None:
    """The one who gives an address up goes before the one who gets it."""
    lee = world.add_user("Lee Gu")
    world.assign(lee)
    world.run_cycle()
    world.log()
    world.change_user(britta, userPrincipalName="britta.new@contoso.example")
    world.change_user(lee, userPrincipalName="britta.simon@contoso.example")

    world.run_cycle()

    assert sorted(world.managed()) == ["britta.new@contoso.example", "britta.simon@contoso.example"]
    assert world.managed()["britta.simon@contoso.example"]["firstName"] == "Lee"
    assert world.log() == [("update", "success", "")] * 2


def test_two_people_who_match_one_account_are_told_apart(world: World) -> None:
    """Matched by mail, which two people share: the first has the account, the second fails, nobody else is held up."""
    schema = world.job.schema
    rows = schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]
    row = next(row for row in rows if row["targetAttributeName"] == "userName")
    row["source"] = {"type": "Attribute", "name": "mail", "expression": "[mail]", "parameters": []}
    Job.objects.filter(pk=world.job.pk).update(schema=schema)
    world.sandbox.control.seed(
        accounts=[{"email": "info@contoso.example", "firstName": "Britta", "lastName": "Simon", "products": ["G2M"]}]
    )
    world.assign(world.add_user("Britta Simon", mail="info@contoso.example"))
    world.assign(world.add_user("Lee Gu", mail="info@contoso.example"))
    world.assign(world.add_user("Adele Vance"))

    world.run_cycle()

    assert sorted(world.log()) == [
        ("create", "failure", "DuplicateSourceEntries"),
        ("create", "success", ""),
        ("other", "skipped", "RedundantExport"),
    ]


def test_leavers_go_before_anything_else(world: World, britta: str) -> None:
    world.assign(world.add_user("Adele Vance"))
    world.unassign(world.assignment)  # type: ignore[attr-defined]

    world.run_cycle()

    assert [row["method"] for row in world.goto_writes()] == ["PUT", "POST"]


def test_the_administrators_own_account_is_never_disabled(world: World) -> None:
    prov = world.add_user("Prov Robot", userPrincipalName=world.sandbox.goto_username)
    assignment = world.assign(prov)
    world.run_cycle()
    world.unassign(assignment)

    world.run_cycle()

    admin = world.goto()[world.sandbox.goto_username]
    assert admin["adminRoles"] == ["SUPER_USER"]
    assert not Change.objects.filter(action="disable", status="success").exists()


def test_a_person_without_a_surname_fails_and_the_others_go_on(world: World) -> None:
    world.assign(world.add_user("Mononymous", surname=None))
    world.assign(world.add_user("Britta Simon"))

    cycle = world.run_cycle()

    assert list(world.managed()) == ["britta.simon@contoso.example"]
    assert cycle.state == "EntryLevelErrors"
    failure = Change.objects.get(status="failure")
    assert failure.error_code == "MandatoryFieldsMissing"
    assert "surname" in failure.reason
    link = Link.objects.get(failure_code="MandatoryFieldsMissing")
    assert link.retry_at is not None

    world.change_user(link.subject.object_id, surname="Now")
    world.run_cycle()

    assert "mononymous@contoso.example" in world.managed()
    assert not Link.objects.exclude(failure_code="").exists()


def test_a_role_change_of_a_group_reaches_its_members(world: World) -> None:
    sales = world.add_group("Sales", world.add_user("Adele Vance"))
    first = world.assign(sales, USER)
    world.run_cycle()
    world.unassign(first)
    world.assign(sales, WEBINAR)

    world.run_cycle()

    assert world.managed()["adele.vance@contoso.example"]["products"] == ["G2W"]
