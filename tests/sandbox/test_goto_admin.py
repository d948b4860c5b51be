"""The Admin API: users, licences, rights, and everything about it that a knob can change."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import requests

from tests.sandbox.conftest import GoToClient, ask_goto_token
from tests.sandbox_process import Control, SandboxProcess

MANAGER, REPORTER, MEMBER = "office.manager@contoso.example", "reports@contoso.example", "member@contoso.example"
SignIn = Callable[[str], GoToClient]


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def adele(goto: GoToClient) -> int:
    """The key of a new user adele@contoso.example with a G2M licence."""
    key: int = goto.create("adele@contoso.example").json()[0]["key"]
    return key


def status_of(goto: GoToClient, email: str) -> str:
    return str(goto.find(email)[0]["status"])


def test_me_tells_the_truth_about_each_caller(goto: GoToClient, goto_as: SignIn, sandbox: SandboxProcess) -> None:
    own = goto.get("=/me")
    assert (own["email"], own["adminRoles"], own["orgAdmin"]) == (sandbox.goto_username, ["SUPER_USER"], False)
    assert own["accounts"] == [{"key": int(sandbox.goto_account_key), "name": "Contoso Meetings"}]
    assert "organizationRoles" not in own

    assert "MANAGE_SEATS" in goto_as(MANAGER).get("=/me")["adminRoles"]
    reporter = goto_as(REPORTER).get("=/me")
    assert reporter["orgAdmin"] and reporter["organizationRoles"] == ["ROLE_ORG_READ", "ROLE_ORG_WRITE"]
    assert goto_as(MEMBER).get("=/me")["products"] == ["G2M"]


def test_someone_elses_account_is_closed_and_an_unknown_one_not_found(
    goto: GoToClient, sandbox: SandboxProcess
) -> None:
    other = int(sandbox.goto_account_key) + 1

    assert refused(goto.send("GET", f"=/accounts/{other}/users")) == (403, "not.authorized")
    assert refused(goto.send("GET", "=/accounts/12/users")) == (404, "account.not.found")


def test_a_missing_or_wrong_token_is_not_authenticated(goto: GoToClient) -> None:
    for header in (None, "Bearer nonsense", "Bearer bm9uc2Vuc2U.abc"):
        answer = goto.send("GET", "/users", headers={"Authorization": header})
        assert refused(answer) == (401, "not.authenticated")


def test_a_listing_is_in_pages_and_in_the_order_of_keys(goto: GoToClient, control: Control) -> None:
    control.seed(accounts=[{"email": f"user{number}@contoso.example"} for number in range(60)])

    whole = goto.get("/users?pageSize=1000")
    first = goto.get("/users")
    second = goto.get(f"/users?offset={first['toIndex'] + 1}&pageSize=7")

    keys = [user["key"] for user in whole["results"]]
    assert keys == sorted(keys) and len(keys) == whole["total"]
    assert (first["fromIndex"], first["toIndex"], len(first["results"])) == (0, 49, 50)
    assert [user["key"] for user in second["results"]] == keys[50:57]
    beyond = goto.get("/users?offset=5000")
    assert (beyond["results"], beyond["total"]) == ([], len(keys))
    some = goto.get("/users?pageSize=1&attributes=key,email")["results"][0]
    assert set(some) == {"key", "email"}


def test_a_search_finds_addresses_whatever_their_case(goto: GoToClient, adele: int, control: Control) -> None:
    assert [user["key"] for user in goto.find("ADELE@Contoso.example")] == [adele]
    assert goto.get('/users?filter=email%20eq%20"nobody@x.example"') == {
        "results": [], "fromIndex": 0, "toIndex": 0, "total": 0,
    }  # fmt: skip

    control.knobs(email_filter_case="exact")
    assert goto.find("ADELE@contoso.example") == []
    assert len(goto.find("adele@contoso.example")) == 1


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('firstName eq "adele" and lastName eq "test"', True),
        ('firstName eq "x" or email sw "adele@"', True),
        ('lastName co "es" and firstName ne "adele"', False),
    ],
)
def test_a_search_can_join_conditions(goto: GoToClient, adele: int, condition: str, found: bool) -> None:
    keys = [user["key"] for user in goto.get(f"/users?filter={quote(condition)}")["results"]]

    assert (adele in keys) == found


@pytest.mark.parametrize("condition", ['email+eq+"a@b.c"', "email%20eq%20a", 'shoe%20eq%20"44"', 'email%20like%20"a"'])
def test_a_search_that_is_not_understood_is_refused(goto: GoToClient, condition: str) -> None:
    assert refused(goto.send("GET", f"/users?filter={condition}")) == (400, "invalid.filter")


def test_a_user_is_created_with_a_licence(goto: GoToClient, adele: int) -> None:
    user = goto.get(f"/users/{adele}")

    assert (user["email"], user["status"], user["products"]) == ("adele@contoso.example", "INVITED", ["G2M"])
    assert user["licenseKeys"] == [goto.license("G2M")["key"]]
    assert adele in goto.license("G2M")["invitedUserKeys"]
    assert len(str(adele)) == 19


def test_keys_are_whole_numbers_of_nineteen_digits_or_texts(goto: GoToClient, adele: int, control: Control) -> None:
    raw = orjson.loads(goto.send("GET", f"/users/{adele}").content)
    assert raw["key"] == adele and int(float(adele)) != adele

    control.knobs(keys="string")
    user = goto.get(f"/users/{adele}")
    assert user["key"] == str(adele) and user["licenseKeys"] == [str(goto.license("G2M")["key"])]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"firstName": None}, 400),
        ({"lastName": ""}, 400),
        ({"lastName": "x" * 33}, 400),
        ({"email": "no address"}, 400),
        ({"email": "a" * 120 + "@b.example"}, 400),
        ({"lastName": "x" * 32, "shoeSize": 44}, 201),
    ],
)
def test_a_user_needs_names_and_an_address(goto: GoToClient, changes: dict[str, Any], status: int) -> None:
    user = {"email": "adele@contoso.example", "firstName": "Adele", "lastName": "Vance"} | changes

    answer = goto.send("POST", "/users", {"users": [user], "licenseKeys": [goto.license("G2M")["key"]]})

    assert answer.status_code == status


def test_a_licence_or_a_role_is_required(goto: GoToClient, control: Control) -> None:
    assert refused(goto.create("a@x.example", licenseKeys=[])) == (400, "license.or.role.required")
    assert goto.create("a@x.example", licenseKeys=[], adminRoles=["RUN_REPORTS"]).status_code == 201

    control.knobs(license_or_role_required=False)
    assert goto.create("b@x.example", licenseKeys=[]).status_code == 201
    assert status_of(goto, "b@x.example") == "SUSPENDED"


def test_all_or_nothing_is_nothing_where_one_address_is_taken(goto: GoToClient, adele: int) -> None:
    total = goto.get("/users")["total"]

    answer = goto.create("bob@contoso.example", "Adele@contoso.example")

    assert refused(answer) == (409, "user.already.exists")
    assert goto.get("/users")["total"] == total


def test_without_all_or_nothing_the_taken_address_has_no_key(goto: GoToClient, adele: int) -> None:
    emails = ("bob@contoso.example", "adele@contoso.example", "cy@contoso.example", "cy@contoso.example")

    answer = goto.create(*emails, query="?allOrNothing=false")

    assert answer.status_code == 200
    assert [item["email"] for item in answer.json()] == list(emails)
    assert ["key" in item for item in answer.json()] == [True, False, True, False]


def test_an_array_has_a_largest_size(goto: GoToClient, control: Control) -> None:
    control.knobs(array_maximum=3)

    assert goto.create(*(f"u{number}@x.example" for number in range(3))).status_code == 201
    assert goto.create(*(f"v{number}@x.example" for number in range(4))).status_code == 413


def test_an_address_known_elsewhere_is_invited_and_may_decline(goto: GoToClient, control: Control) -> None:
    email = "freelancer@agency.example"
    goto.create(email, suppressEmail=True)
    assert status_of(goto, email) == "INVITED"
    assert [(letter["kind"], letter["recipients"]) for letter in control.mail("goto")] == [
        ("transfer invitation", [email])
    ]

    used = goto.license("G2M")["userCount"]
    control.answer_invitation(email, "decline")
    assert status_of(goto, email) == "SUSPENDED" and goto.license("G2M")["userCount"] == used
    control.answer_invitation(email, "accept")
    assert status_of(goto, email) == "ACTIVE"


def test_mail_is_sent_unless_suppressed(goto: GoToClient, control: Control) -> None:
    goto.create("loud@x.example")
    goto.create("quiet@x.example", suppressEmail=True)
    loud = goto.find("loud@x.example")[0]["key"]
    goto.send("PUT", f"/users/{loud}", {"adminRoles": ["RUN_REPORTS"]})

    assert [(letter["kind"], letter["recipients"][0]) for letter in control.mail("goto")] == [
        ("welcome", "loud@x.example"), ("roles changed", "loud@x.example"),
    ]  # fmt: skip


def test_an_update_changes_what_it_names(goto: GoToClient, adele: int) -> None:
    before = goto.get(f"/users/{adele}")

    assert goto.send("PUT", f"/users/{adele}", {"lastName": "Vance-Berg", "locale": "nl_NL"}).status_code == 204

    assert goto.get(f"/users/{adele}") == before | {"lastName": "Vance-Berg", "locale": "nl_NL"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "room1@contoso.example"}, (409, "user.already.exists")),
        ({"email": "known.elsewhere@contoso.example"}, (409, "user.already.exists")),
        ({"firstName": ""}, (400, "invalid.firstname")),
        ({"locale": "Dutch"}, (400, "invalid.locale")),
        ({"licenseKeys": [12]}, (400, "invalid.license")),
        ({"adminRoles": ["KING"]}, (400, "invalid.role")),
        ({"groupKey": 12}, (404, "group.not.found")),
    ],
)
def test_an_update_that_cannot_be_changes_nothing(
    goto: GoToClient, adele: int, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    before = goto.get(f"/users/{adele}")

    assert refused(goto.send("PUT", f"/users/{adele}", {"lastName": "Changed"} | body)) == expected

    assert goto.get(f"/users/{adele}") == before


def test_a_read_only_identity_takes_licences_and_no_names(goto: GoToClient, adele: int, control: Control) -> None:
    control.edit_goto_user("adele@contoso.example", identityReadOnly=True)

    assert goto.get(f"/users/{adele}")["identityReadOnly"]
    assert refused(goto.send("PUT", f"/users/{adele}", {"lastName": "Berg"})) == (403, "identity.read.only")
    assert goto.send("PUT", f"/users/{adele}", {"licenseKeys": []}).status_code == 204


def test_suspension_is_having_neither_licence_nor_role(goto: GoToClient, adele: int, control: Control) -> None:
    license_key, email = goto.license("G2M")["key"], "adele@contoso.example"
    control.answer_invitation(email, "accept")
    assert status_of(goto, email) == "ACTIVE"

    goto.send("PUT", f"/users/{adele}", {"licenseKeys": [], "adminRoles": ["RUN_REPORTS"]})
    assert status_of(goto, email) == "ACTIVE"
    goto.send("PUT", f"/users/{adele}", {"adminRoles": []})
    suspended = goto.find(email)[0]
    assert (suspended["status"], suspended["products"]) == ("SUSPENDED", [])
    goto.send("PUT", f"/users/{adele}", {"licenseKeys": [license_key]})
    assert status_of(goto, email) == "ACTIVE"


def test_webinar_and_training_bring_meetings_along(goto: GoToClient, adele: int) -> None:
    goto.send("PUT", f"/users/{adele}", {"licenseKeys": [goto.license("G2W")["key"]]})

    assert goto.get(f"/users/{adele}")["products"] == ["G2M", "G2W"]


def test_a_deleted_user_gets_the_same_key_again(goto: GoToClient, adele: int, control: Control) -> None:
    assert goto.send("DELETE", f"/users/{adele}").status_code == 204
    assert refused(goto.send("GET", f"/users/{adele}")) == (404, "user.not.found")
    assert refused(goto.send("DELETE", f"/users/{adele}")) == (404, "user.not.found")

    assert goto.create("ADELE@contoso.example").json()[0]["key"] == adele
    goto.send("DELETE", f"/users/{adele}")
    control.advance(31 * 86_400)
    client = GoToClient(goto.sandbox, ask_goto_token(goto.sandbox).json()["access_token"])
    with client.session:
        assert client.create("adele@contoso.example").json()[0]["key"] != adele


def test_the_last_seat_goes_to_exactly_one(goto: GoToClient, control: Control, sandbox: SandboxProcess) -> None:
    control.set_seats("G2M", goto.license("G2M")["userCount"] + 1)
    token, key = ask_goto_token(sandbox).json()["access_token"], goto.license("G2M")["key"]
    statuses: list[int] = []
    start = threading.Barrier(8)

    def take(number: int) -> None:
        client = GoToClient(sandbox, token)
        with client.session:
            start.wait()
            statuses.append(client.create(f"racer{number}@x.example", licenseKeys=[key]).status_code)

    racers = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(statuses) == [201] + [400] * 7
    assert goto.license("G2M")["userCount"] == goto.license("G2M")["seats"]


@pytest.mark.parametrize(("status", "code"), [(400, "no.seats.available"), (409, "seats.used.up"), (422, "full")])
def test_exhausted_seats_are_refused_as_the_knobs_say(
    goto: GoToClient, control: Control, adele: int, status: int, code: str
) -> None:
    control.knobs(seats_exhausted_status=status, seats_exhausted_code=code)
    control.set_seats("G2W", 0)
    key = goto.license("G2W")["key"]

    assert refused(goto.create("bob@x.example", licenseKeys=[key])) == (status, code)
    assert refused(goto.send("PUT", f"/users/{adele}", {"licenseKeys": [key]})) == (status, code)
    assert goto.find("bob@x.example") == [] and goto.get(f"/users/{adele}")["products"] == ["G2M"]


def test_keeping_a_seat_takes_no_other(goto: GoToClient, control: Control, adele: int) -> None:
    control.set_seats("G2M", goto.license("G2M")["userCount"])

    answer = goto.send("PUT", f"/users/{adele}", {"licenseKeys": [goto.license("G2M")["key"]], "lastName": "Berg"})

    assert answer.status_code == 204


def test_invitations_may_take_no_seat(goto: GoToClient, control: Control, adele: int) -> None:
    used = goto.license("G2M")["userCount"]

    control.knobs(invited_take_seats=False)

    assert goto.license("G2M")["userCount"] == used - 1


RIGHTS = {
    "list": lambda client, key, license_key: client.send("GET", "/users"),
    "licences": lambda client, key, license_key: client.send("GET", "/licenses"),
    "create": lambda client, key, license_key: client.create("new@x.example", licenseKeys=[license_key]),
    "rename": lambda client, key, license_key: client.send("PUT", f"/users/{key}", {"lastName": "New"}),
    "license": lambda client, key, license_key: client.send("PUT", f"/users/{key}", {"licenseKeys": []}),
    "promote": lambda client, key, license_key: client.send("PUT", f"/users/{key}", {"adminRoles": ["SUPER_USER"]}),
    "group": lambda client, key, license_key: client.send("POST", "/groups", {"name": "New"}),
    "delete": lambda client, key, license_key: client.send("DELETE", f"/users/{key}"),
}


@pytest.mark.parametrize(
    ("who", "roles", "allowed"),
    [
        (MANAGER, None, {"list", "licences", "create", "rename", "license", "delete"}),
        (MANAGER, ["MANAGE_USERS"], {"list", "licences", "rename", "delete"}),
        (MANAGER, ["ADD_USERS", "MANAGE_SEATS"], {"list", "licences", "create", "license"}),
        (MANAGER, ["MANAGE_GROUPS"], {"list", "licences", "group"}),
        (REPORTER, None, {"list", "licences"}),
        (MEMBER, None, set()),
    ],
)
def test_rights_open_what_they_name(
    goto: GoToClient,
    goto_as: SignIn,
    adele: int,
    control: Control,
    who: str,
    roles: list[str] | None,
    allowed: set[str],
) -> None:
    license_key = goto.license("G2M")["key"]
    if roles is not None:
        control.edit_goto_user(who, adminRoles=roles)
    client = goto_as(who)

    statuses = {name: act(client, adele, license_key).status_code for name, act in RIGHTS.items()}

    assert {name for name, status in statuses.items() if status < 300} == allowed
    assert {status for name, status in statuses.items() if name not in allowed} <= {403}


def test_groups_are_kept_in_order(goto: GoToClient, adele: int) -> None:
    group = goto.send("POST", "/groups", {"name": "Sales"}).json()
    goto.send("PUT", f"/users/{adele}", {"groupKey": group["key"]})

    assert goto.get(f"/groups/{group['key']}")["userKeys"] == [adele]
    user = goto.get(f"/users/{adele}")
    assert (user["groupKey"], user["groupName"]) == (group["key"], "Sales")
    assert [item["name"] for item in goto.get("/groups")["results"]] == ["Main office", "Remote", "Sales"]
    assert goto.send("PUT", f"/groups/{group['key']}", {"name": ""}).status_code == 400
    goto.send("DELETE", f"/groups/{group['key']}")
    assert "groupKey" not in goto.get(f"/users/{adele}")
    assert goto.get("/rolesets")["results"] == [{"id": 1, "name": "Help desk"}]


def test_ten_requests_a_second(goto: GoToClient, control: Control) -> None:
    control.advance(5)
    control.knobs(rate_limit=10)
    statuses = [goto.send("GET", "=/me").status_code for _ in range(14)]
    assert statuses.count(429) >= 3 and statuses[:10] == [200] * 10

    control.knobs(retry_after=True)
    answers = [goto.send("GET", "=/me") for _ in range(12)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited and all(answer.headers["Retry-After"] == "1" for answer in limited)
    control.advance(2)
    assert goto.send("GET", "=/me").status_code == 200


def test_a_new_user_may_be_invisible_for_a_while(goto: GoToClient, control: Control) -> None:
    control.knobs(invisible_seconds=5)
    key = goto.create("adele@contoso.example").json()[0]["key"]

    assert goto.find("adele@contoso.example") == [] and goto.get(f"/users/{key}")["key"] == key
    control.advance(6)
    assert len(goto.find("adele@contoso.example")) == 1


def test_statuses_of_success_are_knobs(goto: GoToClient, control: Control) -> None:
    control.knobs(create_status=200, update_status=200, delete_status=202)
    created = goto.create("adele@contoso.example")
    key = created.json()[0]["key"]
    updated = goto.send("PUT", f"/users/{key}", {"lastName": "Berg"})

    assert (created.status_code, updated.status_code, updated.json()["lastName"]) == (200, 200, "Berg")
    assert goto.send("DELETE", f"/users/{key}").status_code == 202


def test_places_and_names_of_the_licence_field_are_knobs(goto: GoToClient, control: Control) -> None:
    control.knobs(create_license_field="inside users", update_license_field="licenses")
    key = goto.license("G2M")["key"]
    user = {"email": "adele@contoso.example", "firstName": "Adele", "lastName": "Vance"}
    assert refused(goto.create("adele@contoso.example")) == (400, "license.or.role.required")
    made = goto.send("POST", "/users", {"users": [user | {"licenseKeys": [key]}]}).json()[0]["key"]

    goto.send("PUT", f"/users/{made}", {"licenseKeys": []})
    assert goto.get(f"/users/{made}")["licenseKeys"] == [key]
    goto.send("PUT", f"/users/{made}", {"licenses": []})
    assert goto.get(f"/users/{made}")["licenseKeys"] == []


@pytest.mark.parametrize(
    ("knob", "active", "suspended"),
    [("always", True, True), ("unless suspended", True, False), ("never", False, False)],
)
def test_licences_in_a_record_are_a_knob(
    goto: GoToClient, control: Control, adele: int, knob: str, active: bool, suspended: bool
) -> None:
    control.knobs(read_license_keys=knob)

    assert ("licenseKeys" in goto.get(f"/users/{adele}")) == active
    goto.send("PUT", f"/users/{adele}", {"licenseKeys": []})
    assert ("licenseKeys" in goto.get(f"/users/{adele}")) == suspended


@pytest.mark.parametrize(
    ("spelling", "words"), [("lower", ("invited", "suspended")), ("portal", ("Invite sent", "Suspended"))]
)
def test_the_spelling_of_a_status_is_a_knob(
    goto: GoToClient, control: Control, adele: int, spelling: str, words: tuple[str, str]
) -> None:
    control.knobs(status_spelling=spelling)

    invited = status_of(goto, "adele@contoso.example")
    goto.send("PUT", f"/users/{adele}", {"licenseKeys": []})

    assert (invited, status_of(goto, "adele@contoso.example")) == words


@pytest.mark.parametrize(
    ("shape", "content"),
    [
        ("errorCode", b'"errorCode":"USER_NOT_FOUND"'),
        ("int_err_code", b'"int_err_code":"user.not.found"'),
        ("empty", b""),
        ("html", b"<h1>404</h1>"),
    ],
)
def test_the_shape_of_an_error_is_a_knob(goto: GoToClient, control: Control, shape: str, content: bytes) -> None:
    control.knobs(error_body=shape)

    answer = goto.send("GET", "/users/12")

    assert answer.status_code == 404 and content in answer.content
    assert bool(answer.content) == bool(content)


def test_the_largest_page_is_a_knob(goto: GoToClient, control: Control) -> None:
    control.knobs(page_size_maximum=5, page_size_default=3)
    assert [len(goto.get(path)["results"]) for path in ("/users", "/users?pageSize=200")] == [3, 5]

    control.knobs(page_size_excess="refused")
    assert goto.send("GET", "/users?pageSize=6").status_code == 400
    assert goto.send("GET", "/users?pageSize=0").status_code == 400


def test_unknown_query_parameters_are_ignored(goto: GoToClient) -> None:
    assert goto.send("GET", "/users?colour=red").status_code == 200


def test_the_owner_of_another_account_can_only_be_invited(goto: GoToClient) -> None:
    goto.create("owner@fabrikam.example")

    assert status_of(goto, "owner@fabrikam.example") == "INVITED"


def test_a_person_in_two_accounts_belongs_to_the_first(
    goto: GoToClient, control: Control, sandbox: SandboxProcess
) -> None:
    second = int(sandbox.goto_account_key) + 1
    own = {"email": sandbox.goto_username, "adminRoles": ["SUPER_USER"], "account": "Fabrikam"}
    added = control.seed(accounts=[own, {"email": MANAGER, "adminRoles": ["RUN_REPORTS"], "account": "Fabrikam"}])
    user = f"=/accounts/{second}/users/{added['accounts'][MANAGER]}"

    assert [account["key"] for account in goto.get("=/me")["accounts"]] == [int(sandbox.goto_account_key), second]
    assert goto.get(user)["identityReadOnly"] and not goto.find(MANAGER)[0]["identityReadOnly"]
    assert refused(goto.send("PUT", user, {"lastName": "New"})) == (403, "identity.read.only")
    assert goto.send("PUT", user, {"adminRoles": []}).status_code == 204
