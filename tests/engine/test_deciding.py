"""Deciding, as tables: who is entitled, in scope and matched, and what is then to be done."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from provisioning import gallery
from provisioning.connectors.base import AccountContext, Licence, RoleGrant, Target, Unpaced
from provisioning.connectors.goto.admin import GoToTarget
from provisioning.connectors.registry import open_session
from provisioning.engine.entitlement import DEFAULT_ACCESS, Entitlement, Role, entitle
from provisioning.engine.matching import Match, MirroredAccount, match
from provisioning.engine.processing import Decision, Person, Rules, Update, decide, judge_scope
from provisioning.engine.scoping import scope
from provisioning.errors import ObjectError
from provisioning.mapping import ScopeResult, compile_mapping

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
MEETINGS, WEBINARS = RoleGrant("User", ("G2M",)), RoleGrant("webinar", ("G2W",))
ROLES = {
    "user": Role("User", MEETINGS),
    "webinar": Role("Organizer Plus", WEBINARS),
    "retired": Role("Of old", RoleGrant("old", ("G2T",)), enabled=False),
}

# --- entitlement ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignments", "entitles", "expected"),
    [
        ([], False, Entitlement()),
        ([("user", "directly")], False, Entitlement(True, True, (MEETINGS,), ("directly",))),
        (
            [("webinar", "Sales"), ("user", "directly")],
            False,
            Entitlement(True, True, (MEETINGS, WEBINARS), ("Sales", "directly")),
        ),
        (
            [("user", "Sales"), ("user", "Marketing")],
            False,
            Entitlement(True, True, (MEETINGS,), ("Sales", "Marketing")),
        ),
        ([(DEFAULT_ACCESS, "directly")], False, Entitlement(True, False, (), ("directly",))),
        ([(DEFAULT_ACCESS, "directly")], True, Entitlement(True, True, (), ("directly",))),
        (
            [(DEFAULT_ACCESS, "directly"), ("user", "Sales")],
            False,
            Entitlement(True, True, (MEETINGS,), ("directly", "Sales")),
        ),
        ([("retired", "directly")], False, Entitlement(True, False, (), ("directly",))),
        ([("unknown", "directly")], False, Entitlement(True, False, (), ("directly",))),
    ],
    ids=[
        "nobody assigned them",
        "directly",
        "the union of all roles, in the order of their values",
        "one role on two ways",
        "Default Access does not entitle",
        "unless the template says so",
        "a role counts beside Default Access",
        "a role that was switched off",
        "a role that the application no longer has",
    ],
)
def test_entitlement(assignments: list[tuple[str, str]], entitles: bool, expected: Entitlement) -> None:
    assert entitle(assignments, ROLES, default_access_entitles=entitles) == expected


# --- scope ------------------------------------------------------------------------------------------------------

ENTITLED = Entitlement(True, True, (MEETINGS,), ("directly",))


@pytest.mark.parametrize(
    ("differs", "reason"),
    [
        ({}, ""),
        ({"enabled": False}, "SourceObjectDisabled"),
        ({"removed": "changed"}, "SourceObjectDeleted"),
        ({"removed": "deleted", "enabled": False}, "SourceObjectDeleted"),
        ({"entitlement": Entitlement()}, "NotAssigned"),
        ({"entitlement": Entitlement(assigned=True)}, "NotEffectivelyEntitled"),
        ({"filter_result": ScopeResult(False, {})}, "ScopingFilterNotPassed"),
        ({"entitlement": Entitlement(), "sync_all": True}, ""),
        ({"entitlement": Entitlement(assigned=True), "sync_all": True}, ""),
        ({"filter_result": ScopeResult(False, {}), "sync_all": True}, "ScopingFilterNotPassed"),
        ({"enabled": False, "entitlement": Entitlement()}, "SourceObjectDisabled"),
    ],
)
def test_scope(differs: dict[str, Any], reason: str) -> None:
    facts = {"enabled": True, "removed": "", "entitlement": ENTITLED, "sync_all": False}
    result = scope(**{**facts, "filter_result": ScopeResult(True, {}), **differs})

    assert (result.in_scope, result.reason) == (not reason, reason)


def test_every_check_of_the_scope_is_told_not_only_the_first_that_failed() -> None:
    result = scope(
        enabled=False,
        removed="",
        entitlement=Entitlement(),
        sync_all=False,
        filter_result=ScopeResult(False, {"Sales.department EQUALS Sales": False}),
    )

    assert result.details() == {
        "Active in the source system": "False",
        "Assigned to the application": "False",
        "User has the required role": "False",
        "Scope sync all": "False",
        "Scoping filter evaluation passed": "False",
        "Sales.department EQUALS Sales": "False",
    }


# --- matching ---------------------------------------------------------------------------------------------------


def account(pk: int = 1, *, seen: bool = True, **attributes: Any) -> MirroredAccount:
    held = {"userName": "britta@contoso.example", "licenseKeys": ["1"], "adminRoles": []}
    names = {"name.givenName": "Britta", "name.familyName": "Simon"}
    return MirroredAccount(pk, str(pk), {**held, **names, **attributes}, 1, seen)


def test_the_first_matching_attribute_that_finds_something_decides() -> None:
    one, other = account(1), account(2)

    found = match([("userName", "a@x", []), ("externalId", "7", [one]), ("mail", "m@x", [other])])

    assert (found.account, found.attribute, found.value) == (one, "externalId", "7")


def test_an_attribute_without_a_value_is_passed_over() -> None:
    one = account(1)

    assert match([("userName", None, []), ("mail", "m@x", [one])]).account is one


def test_who_is_not_found_remembers_what_was_looked_for() -> None:
    assert match([("userName", "a@x", []), ("mail", "", [])]) == Match(None, "userName", "a@x")


@pytest.mark.parametrize(
    ("candidates", "code"),
    [
        ([("userName", "a@x", [account(1), account(2)])], "DuplicateTargetEntries"),
        ([("userName", None, []), ("mail", "", [])], "ImportSkipped"),
        ([], "ImportSkipped"),
    ],
)
def test_what_cannot_be_matched_fails_that_person(candidates: list[Any], code: str) -> None:
    with pytest.raises(ObjectError) as caught:
        match(candidates)

    assert caught.value.code == code


# --- processing -------------------------------------------------------------------------------------------------

CONTEXT = AccountContext(
    account_key="8",
    own_key="99",
    protected_keys={"99": "its credentials are used for provisioning"},
    licences={key: Licence(key, (name,), 10, 0) for key, name in (("1", "G2M"), ("2", "G2W"))},
    managed_products=frozenset({"G2M", "G2W"}),
    managed_admin_roles=frozenset(),
)
PERSON = Person(
    object_id="b",
    attributes={
        "userPrincipalName": "britta@contoso.example",
        "givenName": "Britta",
        "surname": "Simon",
        "accountEnabled": "True",
    },
    enabled=True,
    removed="",
    entitlement=ENTITLED,
)


def target() -> Target:
    """GoTo's rules, without anybody to talk to."""
    settings = {"api_url": "https://127.0.0.1:1", "auth_url": "https://127.0.0.1:1", "client_id": "c"}
    credentials = {"auth_mode": "password", "username": "a@contoso.example"}
    return GoToTarget(
        open_session({}), settings, credentials, {"password": "x"}, pace=Unpaced(), save_token=lambda _: None
    )


def flows(*types: str) -> Callable[[dict[str, Any]], None]:
    return lambda mapping: mapping.update(flowTypes=", ".join(types))


def switched_off(mapping: dict[str, Any]) -> None:
    mapping["enabled"] = False


def without(name: str) -> Callable[[dict[str, Any]], None]:
    def drop(mapping: dict[str, Any]) -> None:
        rows = mapping["attributeMappings"]
        mapping["attributeMappings"] = [row for row in rows if row["targetAttributeName"] != name]

    return drop


def rules(*edits: Callable[[dict[str, Any]], None], **facts: Any) -> Rules:
    """The template's own mapping, edited."""
    schema = deepcopy(gallery.template("gotomeeting")["schema"])
    for edit in edits:
        edit(schema["synchronizationRules"][0]["objectMappings"][0])
    return Rules(
        **{"mapping": compile_mapping(schema), "target": target(), "context": CONTEXT, "now": NOW, "seed": "s", **facts}
    )


def decided(person: Person, chosen: Rules, found: MirroredAccount | None = None) -> Decision:
    scoping = judge_scope(person, chosen)
    looked = Match(found, "userName", "britta@contoso.example") if scoping.in_scope and not person.linked else None
    return decide(person, scoping, looked, chosen)


DELETES = flows("Add", "Update", "Delete")
LEFT = {"entitlement": Entitlement()}
SUSPENDED = account(licenseKeys=[])
STAYING = {"skip_out_of_scope_deletions": True}
EVERYBODY = {"sync_all": True, "default_grant": MEETINGS}

CASES: list[tuple[str, Mapping[str, Any], Sequence[Any], Mapping[str, Any], str]] = [
    # name, what differs in the person, edits of the mapping, what differs in the rules, action or skip reason
    ("somebody new", {}, [], {}, "Create"),
    ("somebody new, creations switched off", {}, [flows("Update")], {}, "CreateNotEnabled"),
    ("nobody's account, out of scope", LEFT, [], {}, "NotAssigned"),
    ("all as it should be", {"linked": account()}, [], {}, "RedundantExport"),
    (
        "another spelling is no difference",
        {"linked": account(userName="Britta@Contoso.example")},
        [],
        {},
        "RedundantExport",
    ),
    ("another name", {"linked": account(**{"name.familyName": "S."})}, [], {}, "Update"),
    (
        "another name, updates switched off",
        {"linked": account(**{"name.familyName": "S."})},
        [flows("Add")],
        {},
        "UpdateNotEnabled",
    ),
    ("suspended, and back in scope", {"linked": SUSPENDED}, [], {}, "Enable"),
    ("left", {**LEFT, "linked": account()}, [], {}, "Disable"),
    ("left, and suspended already", {**LEFT, "linked": SUSPENDED}, [], {}, "NotAssigned"),
    ("left, updates switched off", {**LEFT, "linked": account()}, [flows("Add")], {}, "UpdateNotEnabled"),
    ("left, active is not mapped", {**LEFT, "linked": account()}, [without("active")], {}, "DisableNotMapped"),
    ("left, and leavers are let alone", {**LEFT, "linked": account()}, [], STAYING, "SkipOutOfScopeDeletions"),
    ("in the recycle bin, leavers are let alone", {"removed": "changed", "linked": account()}, [], STAYING, "Disable"),
    ("blocked", {"enabled": False, "linked": account()}, [], {}, "Disable"),
    ("in the recycle bin, deletions on", {"removed": "changed", "linked": account()}, [DELETES], {}, "Disable"),
    ("gone for good", {"removed": "deleted", "linked": account()}, [], {}, "Disable"),
    ("gone for good, deletions on", {"removed": "deleted", "linked": account()}, [DELETES], {}, "Delete"),
    (
        "gone for good, suspended before, deletions on",
        {"removed": "deleted", "linked": SUSPENDED},
        [DELETES],
        {},
        "Delete",
    ),
    ("the credentials' own, left", {**LEFT, "linked": account(99)}, [], {}, "ProtectedAccount"),
    (
        "the credentials' own, gone for good, deletions on",
        {"removed": "deleted", "linked": account(99)},
        [DELETES],
        {},
        "ProtectedAccount",
    ),
    ("somebody new, the mapping switched off", {}, [switched_off], {}, "MappingNotEnabled"),
    ("left, the mapping switched off", {**LEFT, "linked": account()}, [switched_off], {}, "MappingNotEnabled"),
    ("unassigned, everybody is in scope", {**LEFT, "linked": account()}, [], EVERYBODY, "RedundantExport"),
    ("unassigned and new, everybody is in scope", LEFT, [], EVERYBODY, "Create"),
]


@pytest.mark.parametrize(
    ("differs", "edits", "facts", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_done(
    differs: Mapping[str, Any], edits: Sequence[Any], facts: Mapping[str, Any], expected: str
) -> None:
    action = decided(replace(PERSON, **differs), rules(*edits, **facts)).action

    assert getattr(action, "reason", type(action).__name__) == expected


def test_an_update_names_the_differences_alone() -> None:
    action = decided(replace(PERSON, linked=account(**{"name.familyName": "S."})), rules()).action

    assert isinstance(action, Update)
    assert [(each.name, each.old, each.new) for each in action.differences] == [("name.familyName", "S.", "Simon")]


def test_an_account_that_was_matched_is_taken_over_as_it_differs() -> None:
    action = decided(PERSON, rules(), account(licenseKeys=["2"])).action

    assert isinstance(action, Update)
    assert [(each.name, each.new) for each in action.differences] == [("licenseKeys", ["1"])]


def test_a_value_that_the_application_insists_on_is_left_to_it() -> None:
    """Corrected once, it was rewritten again: correcting it for ever would be a write in each cycle."""
    insisted = replace(
        PERSON,
        linked=account(**{"name.familyName": "SIMONS"}),
        written={"name.familyName": "Simon"},
        replaced={"name.familyName": "SIMONS"},
    )

    assert getattr(decided(insisted, rules()).action, "reason", "") == "RedundantExport"


def test_nobody_is_created_without_what_is_required() -> None:
    nameless = replace(PERSON, attributes={**PERSON.attributes, "surname": None})

    with pytest.raises(ObjectError) as caught:
        decided(nameless, rules())

    assert caught.value.code == "MandatoryFieldsMissing"


def test_deciding_twice_decides_the_same() -> None:
    chosen = rules()

    assert decided(PERSON, chosen).action == decided(PERSON, chosen).action
