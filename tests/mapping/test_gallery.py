"""The gallery template of GoToMeeting: what an administrator starts with."""

import pytest

from provisioning import gallery
from provisioning.mapping import compile_mapping, problems
from provisioning.mapping.merging import imported
from provisioning.mapping.schema import export, read
from tests.mapping.documents import context

BRITTA = {
    "userPrincipalName": "britta.simon@contoso.com",
    "givenName": "Britta",
    "surname": "Simon",
    "IsSoftDeleted": "False",
    "preferredLanguage": "nl-NL",
    "appRoleAssignments": ["organizer"],
}


@pytest.fixture(scope="module")
def gotomeeting():
    return compile_mapping(gallery.template("gotomeeting")["schema"])


def wanted(mapping, *, creating=True, **changes):
    evaluation = mapping.evaluate({**BRITTA, **changes}, context(), creating=creating, current={})
    return {name: error.code for name, error in evaluation.errors.items()} or evaluation.wanted


def test_every_template_can_be_stored_and_survives_a_round_trip():
    for template in gallery.templates():
        schema = template["schema"]
        assert problems(schema) == []
        assert export(imported(read(export(schema)), schema)) == export(schema)


def test_a_template_is_a_copy():
    gallery.template("gotomeeting")["schema"].clear()

    assert gallery.template("gotomeeting")["schema"]


def test_an_unknown_template_is_a_key_error():
    with pytest.raises(KeyError):
        gallery.template("nothing")


def test_a_new_person_gets_the_values_of_the_default_mappings(gotomeeting):
    assert wanted(gotomeeting) == {
        "userName": "britta.simon@contoso.com",
        "name.givenName": "Britta",
        "name.familyName": "Simon",
        "active": True,
        "locale": "nl_NL",
        "roles": ["organizer"],
        "suppressEmail": False,
    }


def test_an_update_leaves_what_is_sent_on_creation_only(gotomeeting):
    assert set(wanted(gotomeeting, creating=False)) == {
        "userName",
        "name.givenName",
        "name.familyName",
        "active",
        "roles",
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"surname": None}, {"name.familyName": "MandatoryFieldsMissing"}),
        ({"givenName": ""}, {"name.givenName": "MandatoryFieldsMissing"}),
        ({"userPrincipalName": None}, {"userName": "MandatoryFieldsMissing"}),
        ({"givenName": "B" * 33}, {"name.givenName": "ValueTooLong"}),
        ({"userPrincipalName": "b" * 129}, {"userName": "ValueTooLong"}),
    ],
)
def test_gotos_rules_for_names_are_kept(gotomeeting, changes, expected):
    assert wanted(gotomeeting, **changes) == expected


@pytest.mark.parametrize(("soft_deleted", "active"), [("True", False), ("False", True), (True, False), (False, True)])
def test_active_follows_is_soft_deleted(gotomeeting, soft_deleted, active):
    assert wanted(gotomeeting, IsSoftDeleted=soft_deleted)["active"] is active


def test_accounts_are_found_by_user_name_and_never_deleted(gotomeeting):
    assert [(each.precedence, each.target) for each in gotomeeting.matching] == [(1, "userName")]
    assert (gotomeeting.creates, gotomeeting.updates, gotomeeting.deletes) == (True, True, False)
    assert gotomeeting.name == "Synchronize Azure Active Directory Users to GoToMeeting"


def test_the_role_table_gives_products(gotomeeting):
    own = gallery.template("gotomeeting")["rollcall"]

    assert own["connector"] == "goto_admin"
    assert own["defaultAccessEntitles"] is False
    assert {role["value"]: role["products"] for role in own["roles"]} == {
        "organizer": ["G2M"],
        "webinar": ["G2W"],
        "training": ["G2T"],
        "team_admin": ["G2M"],
    }
    assert [role["value"] for role in own["roles"] if role["preselected"]] == ["organizer"]
    assert [action["name"] for action in own["actions"] if not action["enabled"]] == ["Delete"]
