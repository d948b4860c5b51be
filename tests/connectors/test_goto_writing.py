"""Creating, changing and deleting GoTo accounts: what nobody could confirm of GoTo must not change how it ends."""

from typing import Any

import pytest

from provisioning.connectors.base import Attributes, Creation, Outcome, RoleGrant
from provisioning.connectors.goto.admin import GoToTarget
from provisioning.errors import (
    Conflict,
    CredentialsRejected,
    Halted,
    LicenceLimitExceeded,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    RequestRejected,
    TransientError,
)
from tests.connectors.conftest import GoToOpener
from tests.connectors.paces import NotedPace
from tests.sandbox_process import Control

ORGANIZER = RoleGrant("organizer", products=("G2M",))
WEBINAR = RoleGrant("webinar", products=("G2W",))
MEETING_KEY, WEBINAR_KEY = "6300000000000000001", "6300000000000000002"


def person(name: str, **more: Any) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    address = f"{first}.{last or 'x'}@contoso.example".lower()
    return {"userName": address, "name.givenName": first, "name.familyName": last or "X", "active": True} | more


def create(target: GoToTarget, *people: dict[str, Any], role: RoleGrant = ORGANIZER) -> list[Outcome]:
    context = target.context()
    resolutions = [target.resolve(wanted, roles=[role], context=context) for wanted in people]
    return target.create([Creation(resolution.attributes) for resolution in resolutions], resolutions[0].shared)


def kinds(outcomes: list[Outcome]) -> list[str]:
    """ "created" or the name of the error, for each person."""
    return [type(outcome.error).__name__ if outcome.error else outcome.note or "created" for outcome in outcomes]


def account_key(control: Control, address: str) -> str:
    return str(control.goto()["users"][address]["key"])


def writes(control: Control) -> list[tuple[str, int]]:
    return [(entry["method"], entry["status"]) for entry in control.requests("goto") if entry["method"] != "GET"]


# Creating


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"create_status": 200},
        {"create_license_field": "inside users"},
        {"create_license_field": "inside users", "license_or_role_required": False},
        {"create_license_field": "inside users", "license_or_role_required": False, "read_license_keys": "never"},
        {"create_license_field": "inside users", "license_or_role_required": False, "update_license_field": "licenses"},
        {"create_license_field": "inside users", "error_body": "html"},
        {"create_license_field": "inside users", "error_body": "empty"},
        {"keys": "string"},
        {"read_license_keys": "never"},
        {"email_filter_case": "exact"},
        {"invisible_seconds": 5},
        {"invisible_seconds": 5, "create_license_field": "inside users"},
        {"invited_take_seats": False},
        {"array_maximum": 2},
    ],
    ids=str,
)
def test_creations_end_with_licences_whatever_goto_is_like(
    goto: GoToTarget, control: Control, knobs: dict[str, Any]
) -> None:
    control.knobs(**knobs)

    first = create(goto, person("Adele Vance"), person("Britta Simon"))
    second = create(goto, person("Carla Ruiz"), person("Dev Patel", locale="nl_NL"))

    assert kinds(first + second) == ["created"] * 4
    users = control.goto()["users"]
    for outcome in first + second:
        assert outcome.account is not None
        user = users[str(outcome.account.attributes["userName"])]
        assert (user["products"], user["key"]) == (["G2M"], outcome.account.key)


def test_the_right_place_for_licences_is_found_once(goto: GoToTarget, control: Control) -> None:
    control.knobs(create_license_field="inside users")
    create(goto, person("Adele Vance"))
    control.clear_requests()

    create(goto, person("Britta Simon"))

    assert writes(control) == [("POST", 200)]


def test_a_creation_sends_what_it_was_given(goto: GoToTarget, control: Control) -> None:
    wanted = person("Jörg Müller", locale="de_DE", timezone="Europe/Berlin", groupName="remote", suppressEmail=True)
    outcome = create(goto, wanted, role=RoleGrant("lead", products=("G2W",), admin_roles=("MANAGE_GROUPS",)))[0]

    assert outcome.error is None
    user = control.goto()["users"]["jörg.müller@contoso.example"]
    assert (user["firstName"], user["lastName"], user["locale"], user["timeZone"]) == (
        "Jörg",
        "Müller",
        "de_DE",
        "Europe/Berlin",
    )
    assert (user["products"], user["adminRoles"]) == (["G2W"], ["MANAGE_GROUPS"])
    assert user["groupKey"] == control.goto()["groups"]["Remote"]
    assert control.mail() == []


def test_without_the_wish_for_silence_goto_welcomes_the_person(goto: GoToTarget, control: Control) -> None:
    create(goto, person("Adele Vance", suppressEmail=False))
    assert [letter["kind"] for letter in control.mail()] == ["welcome"]


@pytest.mark.parametrize("case", ["ignored", "exact"])
def test_an_address_that_is_in_the_account_already_links_to_that_account(
    goto: GoToTarget, control: Control, case: str
) -> None:
    control.knobs(email_filter_case=case)
    control.seed(accounts=[{"email": "Adele.Vance@Contoso.example", "firstName": "Old"}])

    outcomes = create(goto, person("Adele Vance"), person("Britta Simon"))

    assert kinds(outcomes) == ["linked to existing account", "created"]
    assert outcomes[0].account is not None
    assert outcomes[0].account.key == account_key(control, "Adele.Vance@Contoso.example")
    assert outcomes[0].account.attributes["name.givenName"] == "Old"


def test_a_person_of_another_account_is_invited(goto: GoToTarget, control: Control) -> None:
    control.seed(elsewhere=["adele.vance@contoso.example"])

    outcome = create(goto, person("Adele Vance"))[0]

    assert outcome.account is not None
    assert control.goto()["users"]["adele.vance@contoso.example"]["transfer"] == "pending"


@pytest.mark.parametrize("status", [400, 403, 409, 422])
@pytest.mark.parametrize("shape", ["code", "empty", "html"])
def test_no_seats_left_is_told_by_the_state_not_by_the_status(
    goto: GoToTarget, control: Control, status: int, shape: str
) -> None:
    control.knobs(seats_exhausted_status=status, seats_exhausted_code="whatever", error_body=shape)
    control.set_seats("G2M", 0)

    outcomes = create(goto, person("Adele Vance"), person("Britta Simon"))

    assert kinds(outcomes) == ["LicenceLimitExceeded"] * 2
    assert isinstance(outcomes[0].error, LicenceLimitExceeded) and outcomes[0].error.product == "G2M"
    assert "adele.vance@contoso.example" not in control.goto()["users"]


def test_an_array_that_halving_would_seat_is_refused_as_a_whole_and_its_half_is_not(
    goto: GoToTarget, control: Control
) -> None:
    control.set_seats("G2M", 1)
    people = [person("Adele Vance"), person("Britta Simon")]

    assert kinds(create(goto, *people)) == ["LicenceLimitExceeded"] * 2
    assert kinds(create(goto, people[0]) + create(goto, people[1])) == ["created", "LicenceLimitExceeded"]


def test_a_bad_element_refuses_its_array_and_alone_it_is_to_blame(goto: GoToTarget, control: Control) -> None:
    good, bad = person("Adele Vance"), person("Britta Simon", userName="not an address")

    together = create(goto, good, bad)
    alone = create(goto, good) + create(goto, bad)

    assert kinds(together) == ["RequestRejected"] * 2
    assert kinds(alone) == ["created", "RequestRejected"]
    assert "Invalid email address" in str(alone[1].error)


def test_an_array_that_is_too_large_lowers_the_limit(goto: GoToTarget, control: Control) -> None:
    control.knobs(array_maximum=2)
    assert goto.array_limit == 100

    outcomes = create(goto, *(person(f"Person{number} X") for number in range(4)))

    assert kinds(outcomes) == ["RequestRejected"] * 4
    assert goto.array_limit == 2
    assert kinds(create(goto, person("Adele Vance"), person("Britta Simon"))) == ["created"] * 2


def test_a_licence_that_was_disabled_meanwhile_is_named(goto: GoToTarget, control: Control) -> None:
    context = goto.context()
    resolution = goto.resolve(person("Adele Vance"), roles=[ORGANIZER], context=context)
    control.send("PATCH", "/goto/licenses/G2M", {"enabled": False})

    outcome = goto.create([Creation(resolution.attributes)], resolution.shared)[0]

    assert isinstance(outcome.error, RequestRejected) and "disabled" in str(outcome.error)


@pytest.mark.parametrize(
    "what", ["reset_after_effect", "hang_after_effect", "truncated_json", "html_200", "empty_200"], ids=str
)
def test_a_creation_whose_answer_is_lost_is_never_sent_twice(
    open_goto: GoToOpener, control: Control, session: Any, what: str
) -> None:
    session.deadline = 1.5
    target = open_goto()
    context = target.context()
    resolution = target.resolve(person("Adele Vance"), roles=[ORGANIZER], context=context)
    control.faults({"server": "goto", "method": "POST", "path": "/users", "what": what, "seconds": 5})
    control.clear_requests()

    outcome = target.create([Creation(resolution.attributes)], resolution.shared)[0]

    assert type(outcome.error) is OutcomeUnknown
    assert [method for method, _ in writes(control)].count("POST") == 1
    assert outcome.request is not None and outcome.request.attempts == 1


def test_a_creation_that_was_turned_away_before_its_effect_is_of_unknown_outcome_too(
    goto: GoToTarget, control: Control
) -> None:
    control.faults({"server": "goto", "method": "POST", "what": "reset_before"})

    assert kinds(create(goto, person("Adele Vance"))) == ["OutcomeUnknown"]
    assert "adele.vance@contoso.example" not in control.goto()["users"]


def test_a_creation_that_is_throttled_is_repeated(open_goto: GoToOpener, control: Control) -> None:
    pace = NotedPace()
    control.faults({"server": "goto", "method": "POST", "what": "status", "status": 429, "retry_after": 1, "count": 2})

    assert kinds(create(open_goto(pace=pace), person("Adele Vance"))) == ["created"]
    assert pace.throttles == [1.0, 1.0]


def test_a_creation_that_stays_throttled_is_rate_limited(open_goto: GoToOpener, control: Control) -> None:
    control.faults({"server": "goto", "method": "POST", "what": "status", "status": 429, "retry_after": 600})
    outcome = create(open_goto(budget=3.0), person("Adele Vance"))[0]

    assert isinstance(outcome.error, RateLimited) and outcome.error.retry_after == 600


def test_a_writer_that_is_stopped_writes_no_more(open_goto: GoToOpener, control: Control) -> None:
    target = open_goto(pace=NotedPace(halt_after=3))
    target.prove()
    control.clear_requests()

    with pytest.raises(Halted):
        target.create([Creation(person("Adele Vance"))], (("licenseKeys", (MEETING_KEY,)),))
    assert writes(control) == []


def test_the_limit_of_ten_requests_a_second_is_lived_with(goto: GoToTarget, control: Control) -> None:
    goto.prove()
    control.knobs(rate_limit=2)

    outcomes = [create(goto, person(f"Person{number} X"))[0] for number in range(2)]

    assert kinds(outcomes) == ["created"] * 2


def test_what_was_created_stays_created_when_looking_at_it_fails(open_goto: GoToOpener, control: Control) -> None:
    target = open_goto(budget=2.0)
    control.faults({"server": "goto", "method": "GET", "path": r"/users/\d+", "what": "status", "status": 503})

    assert kinds(create(target, person("Adele Vance"))) == ["created"]


def test_who_was_created_without_a_licence_that_could_not_be_given_says_so(
    open_goto: GoToOpener, control: Control
) -> None:
    control.knobs(create_license_field="inside users", license_or_role_required=False)
    control.faults({"server": "goto", "method": "PUT", "what": "status", "status": 503})

    outcome = create(open_goto(budget=2.0), person("Adele Vance"))[0]

    assert "without a licence" in outcome.note
    assert outcome.account is not None and outcome.account.attributes["licenseKeys"] == []


def test_a_stop_in_the_middle_of_looking_loses_no_outcome(open_goto: GoToOpener, control: Control) -> None:
    control.seed(accounts=[{"email": "adele.vance@contoso.example"}])
    target = open_goto()
    context = target.context()
    people = [Creation(target.resolve(wanted, roles=[ORGANIZER], context=context).attributes)
              for wanted in (person("Adele Vance"), person("Britta Simon"))]  # fmt: skip
    stopped = open_goto(pace=NotedPace(halt_after=3), values={"account_key": context.account_key})

    outcomes = stopped.create(people, (("licenseKeys", (MEETING_KEY,)),))

    assert kinds(outcomes) == ["OutcomeUnknown", "created"]


# Changing


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"update_license_field": "licenses"},
        {"update_license_field": "licenseKey"},
        {"update_license_field": "licenses", "read_license_keys": "never"},
        {"update_license_field": "licenseKey", "read_license_keys": "unless suspended"},
        {"update_status": 200},
        {"update_status": 202},
        {"keys": "string", "update_license_field": "licenses"},
        {"status_spelling": "portal", "read_license_keys": "never"},
    ],
    ids=str,
)
def test_disabling_and_enabling_are_true_whatever_goto_is_like(
    goto: GoToTarget, control: Control, knobs: dict[str, Any]
) -> None:
    control.knobs(**knobs)
    control.seed(
        accounts=[
            {"email": f"{name}@contoso.example", "products": ["G2M"], "adminRoles": roles}
            for name, roles in (("a", []), ("b", ["RUN_REPORTS"]))
        ]
    )
    keys = [account_key(control, f"{name}@contoso.example") for name in "ab"]

    for key in keys:
        account = goto.get(key)
        assert account is not None
        outcome = goto.update(key, goto.disabled(account.attributes))
        assert outcome.error is None and outcome.account is not None
        assert not goto.is_active(outcome.account.attributes)
    users = control.goto()["users"]
    assert {users[f"{name}@contoso.example"]["status"] for name in "ab"} == {"SUSPENDED"}

    for key in keys:
        assert goto.update(key, {"licenseKeys": [MEETING_KEY, WEBINAR_KEY]}).error is None
    users = control.goto()["users"]
    assert {tuple(users[f"{name}@contoso.example"]["products"]) for name in "ab"} == {("G2M", "G2W")}


def test_the_field_for_licences_is_found_once(goto: GoToTarget, control: Control) -> None:
    control.knobs(update_license_field="licenses")
    control.seed(accounts=[{"email": f"{name}@contoso.example", "products": []} for name in "ab"])
    goto.update(account_key(control, "a@contoso.example"), {"licenseKeys": [MEETING_KEY]})
    control.clear_requests()

    goto.update(account_key(control, "b@contoso.example"), {"licenseKeys": [MEETING_KEY]})

    assert [entry["method"] for entry in control.requests("goto")] == ["PUT"]


@pytest.mark.parametrize("status", [400, 403, 409, 422])
def test_enabling_without_a_free_seat_says_so(goto: GoToTarget, control: Control, status: int) -> None:
    control.knobs(seats_exhausted_status=status, error_body="empty")
    control.set_seats("G2M", 0)
    control.seed(accounts=[{"email": "a@contoso.example"}])

    outcome = goto.update(account_key(control, "a@contoso.example"), {"licenseKeys": [MEETING_KEY]})

    assert isinstance(outcome.error, LicenceLimitExceeded)


def test_keeping_a_seat_of_a_full_licence_is_no_matter_of_seats(goto: GoToTarget, control: Control) -> None:
    control.seed(accounts=[{"email": "a@contoso.example", "products": ["G2M"]}])
    control.set_seats("G2M", 1)

    outcome = goto.update(account_key(control, "a@contoso.example"), {"licenseKeys": [MEETING_KEY, WEBINAR_KEY]})

    assert outcome.error is None


@pytest.mark.parametrize("shape", ["code", "empty", "html"])
def test_an_identity_of_another_account_keeps_its_names_and_gets_the_rest(
    goto: GoToTarget, control: Control, shape: str
) -> None:
    control.knobs(error_body=shape)
    control.seed(accounts=[{"email": "a@contoso.example", "firstName": "Old", "identityReadOnly": True}])
    key = account_key(control, "a@contoso.example")

    both = goto.update(key, {"name.givenName": "New", "licenseKeys": [MEETING_KEY]})
    names_only = goto.update(key, {"name.givenName": "New"})

    for outcome in (both, names_only):
        assert outcome.error is None and "owned by another GoTo account" in outcome.note
    user = control.goto()["users"]["a@contoso.example"]
    assert (user["firstName"], user["products"]) == ("Old", ["G2M"])


@pytest.mark.parametrize("case", ["ignored", "exact"])
def test_an_address_that_another_user_has_is_a_conflict(goto: GoToTarget, control: Control, case: str) -> None:
    control.knobs(email_filter_case=case, error_body="empty")
    control.seed(accounts=[{"email": "a@contoso.example"}, {"email": "B@Contoso.example"}])

    outcome = goto.update(account_key(control, "a@contoso.example"), {"userName": "b@contoso.example"})

    assert isinstance(outcome.error, Conflict)
    assert "Another user of this GoTo account" in str(outcome.error)


def test_an_address_of_another_account_is_a_conflict(goto: GoToTarget, control: Control) -> None:
    control.seed(accounts=[{"email": "a@contoso.example"}], elsewhere=["b@contoso.example"])

    outcome = goto.update(account_key(control, "a@contoso.example"), {"userName": "b@contoso.example"})

    assert isinstance(outcome.error, Conflict)
    assert "another GoTo account" in str(outcome.error)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name.givenName": "x" * 33}, "1 to 32 characters"),
        ({"locale": "dutch"}, "Invalid locale"),
        ({"adminRoles": ["EMPEROR"]}, "Invalid admin roles"),
        ({"groupName": "Nowhere"}, "no group named Nowhere"),
    ],
)
def test_a_value_that_goto_refuses_fails_this_person_with_its_words(
    goto: GoToTarget, control: Control, changes: Attributes, words: str
) -> None:
    control.seed(accounts=[{"email": "a@contoso.example"}])

    outcome = goto.update(account_key(control, "a@contoso.example"), changes)

    assert isinstance(outcome.error, RequestRejected) and words in str(outcome.error)


def test_a_group_is_changed_by_its_name(goto: GoToTarget, control: Control) -> None:
    control.seed(accounts=[{"email": "a@contoso.example"}])
    key = account_key(control, "a@contoso.example")

    assert goto.update(key, {"groupName": "Main office"}).error is None

    account = goto.get(key)
    assert account is not None and account.attributes["groupName"] == "Main office"


def test_a_right_that_went_missing_stops_everything_a_refusal_of_one_person_does_not(
    open_goto: GoToOpener, control: Control
) -> None:
    control.seed(
        accounts=[
            {"email": "boss@contoso.example", "adminRoles": ["MANAGE_USERS", "MANAGE_SEATS"]},
            {"email": "a@contoso.example"},
        ],
        sign_ins=[{"email": "boss@contoso.example", "password": "boss-password"}],
    )
    target = open_goto(values={"username": "boss@contoso.example"}, secrets={"password": "boss-password"})
    key = account_key(control, "a@contoso.example")

    beyond_his_own = target.update(key, {"adminRoles": ["SUPER_USER"]})
    control.edit_goto_user("boss@contoso.example", adminRoles=["MANAGE_USERS"])
    without_seats = target.update(key, {"licenseKeys": [MEETING_KEY]})
    control.edit_goto_user("boss@contoso.example", adminRoles=["RUN_REPORTS"])
    without_users = target.create([Creation(person("Adele Vance"))], (("licenseKeys", (MEETING_KEY,)),))[0]

    assert isinstance(beyond_his_own.error, RequestRejected)
    assert isinstance(without_seats.error, PermissionMissing) and without_seats.error.permission == "MANAGE_SEATS"
    assert isinstance(without_users.error, PermissionMissing) and without_users.error.permission == "MANAGE_USERS"


def test_a_withdrawn_sign_in_is_rejected_credentials(goto: GoToTarget, control: Control, sandbox: Any) -> None:
    control.seed(accounts=[{"email": "a@contoso.example"}])
    key = account_key(control, "a@contoso.example")
    goto.prove()
    control.change_sign_in(sandbox.goto_username, password="changed", revoke=True)
    control.advance(3601)

    assert isinstance(goto.update(key, {"name.givenName": "New"}).error, CredentialsRejected)


@pytest.mark.parametrize("what", ["reset_before", "reset_after_effect", "truncated_json"])
def test_a_change_that_was_lost_once_is_repeated(goto: GoToTarget, control: Control, what: str) -> None:
    control.knobs(update_status=200)
    control.seed(accounts=[{"email": "a@contoso.example"}])
    control.faults({"server": "goto", "method": "PUT", "what": what, "count": 1})

    outcome = goto.update(account_key(control, "a@contoso.example"), {"name.givenName": "New"})

    assert outcome.error is None
    assert outcome.request is not None and outcome.request.attempts == 2
    assert control.goto()["users"]["a@contoso.example"]["firstName"] == "New"


def test_a_change_that_stays_lost_is_transient(open_goto: GoToOpener, control: Control) -> None:
    control.seed(accounts=[{"email": "a@contoso.example"}])
    control.faults({"server": "goto", "method": "PUT", "what": "status", "status": 502})

    outcome = open_goto(budget=3.0).update(account_key(control, "a@contoso.example"), {"name.givenName": "New"})

    assert type(outcome.error) is TransientError


# Deleting


@pytest.mark.parametrize("status", [200, 202, 204])
def test_deleting_accepts_every_success(goto: GoToTarget, control: Control, status: int) -> None:
    control.knobs(delete_status=status)
    control.seed(accounts=[{"email": "a@contoso.example"}])

    assert goto.delete(account_key(control, "a@contoso.example")).error is None
    assert "a@contoso.example" not in control.goto()["users"]


def test_a_deletion_whose_answer_was_lost_is_repeated_without_harm(goto: GoToTarget, control: Control) -> None:
    control.seed(accounts=[{"email": "a@contoso.example"}])
    control.faults({"server": "goto", "method": "DELETE", "what": "reset_after_effect", "count": 1})

    outcome = goto.delete(account_key(control, "a@contoso.example"))

    assert (outcome.error, outcome.note) == (None, "The account was gone already.")


def test_the_same_address_comes_back_with_the_same_key(goto: GoToTarget, control: Control) -> None:
    key = create(goto, person("Adele Vance"))[0].account
    assert key is not None
    goto.delete(key.key)

    again = create(goto, person("Adele Vance"))[0].account

    assert again is not None and again.key == key.key
