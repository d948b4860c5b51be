"""From roles and mapped attributes to licences and admin roles: pure."""

from typing import Any

import pytest

from provisioning.connectors.base import AccountContext, Licence, Resolution, RoleGrant
from provisioning.connectors.goto.resolution import choose_licences, resolve
from provisioning.errors import LicenceLimitExceeded, RequestRejected

ORGANIZER = RoleGrant("organizer", products=("G2M",))
WEBINAR = RoleGrant("webinar", products=("G2W",))
TEAM_ADMIN = RoleGrant("team_admin", products=("G2M",), admin_roles=("MANAGE_USERS", "MANAGE_GROUPS"))
PERSON = {"userName": "adele@contoso.example", "name.givenName": "Adele", "name.familyName": "Vance", "active": True}


def licence(key: int, *products: str, seats: int = 10, used: int = 0, enabled: bool = True) -> Licence:
    return Licence(str(key), products, seats, used, enabled=enabled)


def resolved(wanted: dict[str, Any], *roles: RoleGrant, current: dict[str, Any] | None = None) -> Resolution:
    licences = {item.key: item for item in (licence(1, "G2M"), licence(2, "G2W"), licence(3, "G2T"))}
    context = AccountContext(licences=licences, groups={"Sales": "55"})
    return resolve(PERSON | wanted, roles, context, current)


@pytest.mark.parametrize(
    ("products", "licences", "held", "chosen"),
    [
        ({"G2M"}, [licence(1, "G2M")], [], ["1"]),
        ({"G2M"}, [licence(2, "G2M"), licence(1, "G2M")], [], ["1"]),
        ({"G2M"}, [licence(1, "G2M", used=10), licence(2, "G2M")], [], ["2"]),
        ({"G2M"}, [licence(1, "G2M", used=10), licence(2, "G2M")], ["1"], ["1"]),
        ({"G2M"}, [licence(1, "G2M", used=10)], [], ["1"]),
        ({"G2M"}, [licence(1, "G2M", enabled=False), licence(2, "G2M")], ["1"], ["2"]),
        ({"G2M"}, [licence(1, "G2M", "G2W"), licence(2, "G2M")], [], ["2"]),
        ({"G2M"}, [licence(1, "G2M", "G2W")], [], ["1"]),
        ({"G2M", "G2W"}, [licence(1, "G2M"), licence(2, "G2W")], [], ["2"]),
        ({"G2M", "G2W", "G2T"}, [licence(1, "G2M"), licence(2, "G2W"), licence(3, "G2T")], [], ["2", "3"]),
        ({"G2M", "OPENVOICE"}, [licence(1, "G2M"), licence(2, "OPENVOICE")], [], ["1", "2"]),
        ({"G2M", "OPENVOICE"}, [licence(1, "G2M"), licence(2, "OPENVOICE", "G2M")], [], ["2"]),
        (set(), [licence(1, "G2M")], ["1"], []),
        ({"G2M"}, [licence(10, "G2M"), licence(9, "G2M")], [], ["9"]),
    ],
    ids=[
        "the only one",
        "the lowest key",
        "one with a free seat",
        "the one that is held, though it is full",
        "a full one when there is no other",
        "never a disabled one",
        "the one that gives least besides",
        "a bundle when there is no other",
        "webinar brings meeting along",
        "training and webinar bring meeting along",
        "one for each product",
        "a bundle brings the rest along",
        "none for no product",
        "keys compare as numbers",
    ],
)
def test_which_licences_give_these_products(
    products: set[str], licences: list[Licence], held: list[str], chosen: list[str]
) -> None:
    assert choose_licences(products, licences, held) == chosen
    assert choose_licences(products, reversed(licences), held) == chosen


def test_a_product_that_no_licence_has_cannot_be_given() -> None:
    with pytest.raises(LicenceLimitExceeded) as raised:
        resolved({}, RoleGrant("voice", products=("OPENVOICE",)))
    assert raised.value.product == "OPENVOICE"


def test_the_roles_of_a_person_are_united() -> None:
    attributes = resolved({"roles": ["organizer", "webinar", "team_admin"]}, ORGANIZER, WEBINAR, TEAM_ADMIN).attributes

    assert attributes["licenseKeys"] == ["2"]
    assert attributes["adminRoles"] == ["MANAGE_GROUPS", "MANAGE_USERS"]


def test_a_role_of_the_table_that_the_person_does_not_have_gives_nothing() -> None:
    assert resolved({"roles": ["organizer"]}, ORGANIZER, WEBINAR).attributes["licenseKeys"] == ["1"]


def test_a_role_that_gives_nothing_is_refused_with_its_name() -> None:
    with pytest.raises(RequestRejected, match="guest"):
        resolved({"roles": ["guest"]}, ORGANIZER)


@pytest.mark.parametrize("active", [False, "False", "false"])
def test_who_is_not_active_has_neither_licence_nor_role(active: object) -> None:
    attributes = resolved({"active": active, "roles": ["organizer"]}, ORGANIZER).attributes

    assert (attributes["licenseKeys"], attributes["adminRoles"]) == ([], [])


@pytest.mark.parametrize("active", [True, "True"])
def test_without_roles_the_licences_are_left_alone(active: object) -> None:
    assert not {"licenseKeys", "adminRoles"} & resolved({"active": active}).attributes.keys()


def test_a_licence_that_is_held_already_is_kept() -> None:
    licences = {item.key: item for item in (licence(1, "G2M", used=0), licence(2, "G2M", used=10))}
    context = AccountContext(licences=licences)

    kept = resolve(PERSON, [ORGANIZER], context, {"licenseKeys": ["2"]})
    fresh = resolve(PERSON, [ORGANIZER], context, None)

    assert (kept.attributes["licenseKeys"], fresh.attributes["licenseKeys"]) == (["2"], ["1"])


@pytest.mark.parametrize("locale", ["nl", "nl-NL", "NL_nl", "nl_NL_x", "dutch"])
def test_a_locale_that_goto_does_not_take_is_left_out_and_noted(locale: str) -> None:
    resolution = resolved({"locale": locale}, ORGANIZER)

    assert "locale" not in resolution.attributes
    assert locale in resolution.notes[0]


def test_creations_with_equal_shared_values_may_go_together() -> None:
    one = resolved({"locale": "nl_NL", "suppressEmail": "False"}, ORGANIZER)
    other = resolved({"locale": "nl_NL", "suppressEmail": False, "name.givenName": "Britta"}, ORGANIZER)
    different = resolved({"locale": "de_DE", "suppressEmail": False}, ORGANIZER)

    assert one.shared == other.shared != different.shared
    assert len({one.shared, other.shared, different.shared}) == 2
    assert dict(one.shared) == {"locale": "nl_NL", "licenseKeys": ("1",), "adminRoles": (), "suppressEmail": False}


def test_only_a_creation_sends_the_wish_for_silence() -> None:
    assert resolved({"suppressEmail": True}, ORGANIZER).create_only == {"suppressEmail"}


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_value_is_left_out_never_sent_empty(empty: object) -> None:
    wanted = dict.fromkeys(("locale", "timezone", "groupName", "name.familyName"), empty)
    assert not wanted.keys() & resolved(wanted, ORGANIZER).attributes.keys()


def test_the_work_address_is_another_name_of_the_user_name() -> None:
    wanted = {"userName": None, 'emails[type eq "work"].value': "mail@contoso.example"}
    assert resolved(wanted, ORGANIZER).attributes["userName"] == "mail@contoso.example"


def test_a_group_must_exist() -> None:
    assert resolved({"groupName": "sales"}, ORGANIZER).attributes["groupName"] == "sales"
    with pytest.raises(RequestRejected, match="no group named Marketing"):
        resolved({"groupName": "Marketing"}, ORGANIZER)


def test_what_goto_works_out_by_itself_is_not_sent() -> None:
    wanted = {"displayName": "Adele Vance", "id": "7", "status": "ACTIVE", "externalId": "x"}
    assert not wanted.keys() & resolved(wanted, ORGANIZER).attributes.keys()


def test_what_no_role_gives_is_kept_as_somebody_gave_it_by_hand() -> None:
    licences = {item.key: item for item in (licence(1, "G2M"), licence(2, "G2W"), licence(3, "OPENVOICE"))}
    context = AccountContext(
        licences=licences, managed_products=frozenset({"G2M", "G2W"}), managed_admin_roles=frozenset({"MANAGE_USERS"})
    )
    current = {"licenseKeys": ["2", "3"], "adminRoles": ["MANAGE_USERS", "RUN_REPORTS"]}

    active = resolve(PERSON, [ORGANIZER], context, current).attributes
    inactive = resolve(PERSON | {"active": False}, [ORGANIZER], context, current).attributes

    assert (active["licenseKeys"], active["adminRoles"]) == (["1", "3"], ["RUN_REPORTS"])
    assert (inactive["licenseKeys"], inactive["adminRoles"]) == ([], [])
