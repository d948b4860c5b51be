"""Reading GoTo's accounts: the same accounts, whatever its answers look like; a doubtful listing is refused."""

from typing import Any

import pytest

from provisioning.connectors.base import Account
from provisioning.connectors.goto.accounts import account_of, key_of
from provisioning.connectors.goto.admin import GoToTarget
from provisioning.errors import ConfigurationError, PermissionMissing, ProvisioningError, ReadingRefused, TransientError
from tests.connectors.conftest import GoToOpener
from tests.sandbox_process import Control


@pytest.fixture
def people(control: Control) -> Control:
    """Sixty licensed accounts, one suspended, one invitation that was declined and so holds its seat."""
    control.seed(
        accounts=[{"email": f"person{number}@contoso.example", "products": ["G2M"]} for number in range(60)]
        + [
            {"email": "suspended@contoso.example"},
            {"email": "declined@contoso.example", "products": ["G2M"], "transfer": "declined"},
            {"email": "trainer@contoso.example", "products": ["G2T", "G2W"], "adminRoles": ["RUN_REPORTS"]},
        ]
    )
    control.clear_requests()
    return control


def listed(target: GoToTarget) -> dict[str, Account]:
    return {str(account.attributes["userName"]): account for page in target.list_accounts() for account in page}


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"read_license_keys": "unless suspended"},
        {"read_license_keys": "never"},
        {"keys": "string"},
        {"keys": "string", "read_license_keys": "never"},
        {"status_spelling": "lower"},
        {"status_spelling": "portal", "read_license_keys": "never"},
        {"page_size_maximum": 20},
        {"page_size_maximum": 50, "page_size_excess": "refused"},
    ],
    ids=str,
)
def test_the_listing_is_the_same_whatever_the_answers_look_like(
    goto: GoToTarget, people: Control, knobs: dict[str, Any]
) -> None:
    people.knobs(**knobs)
    truth = people.goto()["users"]
    accounts = listed(goto)

    assert {name: account.key for name, account in accounts.items()} == {
        name: user["key"] for name, user in truth.items()
    }
    assert accounts["person7@contoso.example"].attributes["licenseKeys"] == ["6300000000000000001"]
    assert accounts["suspended@contoso.example"].attributes["licenseKeys"] == []
    assert accounts["declined@contoso.example"].attributes["licenseKeys"] == ["6300000000000000001"]
    trainer = accounts["trainer@contoso.example"].attributes
    assert trainer["licenseKeys"] == ["6300000000000000002", "6300000000000000003"]
    assert trainer["adminRoles"] == ["RUN_REPORTS"]
    active = {name for name, account in accounts.items() if goto.is_active(account.attributes)}
    assert active == accounts.keys() - {"suspended@contoso.example"}


def test_one_account_read_by_itself_equals_its_line_in_the_listing(goto: GoToTarget, people: Control) -> None:
    for knob in ("always", "unless suspended", "never"):
        people.knobs(read_license_keys=knob)
        accounts = listed(goto)
        for name in ("person7@contoso.example", "suspended@contoso.example", "trainer@contoso.example"):
            assert goto.get(accounts[name].key) == accounts[name] == goto.find("userName", name)[0]


def test_a_listing_asks_for_large_pages(goto: GoToTarget, people: Control) -> None:
    listed(goto)

    sizes = [request["query"] for request in people.requests("goto") if request["path"].endswith("/users")]
    assert len(sizes) == 1 and "pageSize=1000" in str(sizes)


@pytest.mark.parametrize("what", ["repeated_page", "missing_page", "empty_200", "html_200", "truncated_json"])
def test_a_listing_that_is_broken_once_is_read_again(goto: GoToTarget, people: Control, what: str) -> None:
    people.knobs(page_size_maximum=20)
    people.faults({"server": "goto", "path": "/users", "what": what, "count": 1, "after": 1})

    assert len(listed(goto)) == 65


@pytest.mark.parametrize("what", ["repeated_page", "missing_page"])
def test_a_listing_that_stays_broken_is_refused_and_nothing_of_it_is_handed_out(
    goto: GoToTarget, people: Control, what: str
) -> None:
    people.knobs(page_size_maximum=20)
    people.faults(
        {"server": "goto", "path": "offset=20", "what": what},
    )
    handed_out: list[Account] = []

    with pytest.raises(ReadingRefused):
        for page in goto.list_accounts():
            handed_out += page
    assert handed_out == []


@pytest.mark.parametrize("what", ["empty_200", "html_200", "truncated_json"])
def test_a_listing_that_cannot_be_read_is_transient_trouble(open_goto: GoToOpener, people: Control, what: str) -> None:
    people.faults({"server": "goto", "path": "/users", "what": what})

    with pytest.raises(TransientError):
        list(open_goto(budget=3.0).list_accounts())


def test_an_empty_first_page_is_not_an_empty_account(goto: GoToTarget, people: Control) -> None:
    people.faults({"server": "goto", "path": "/users", "what": "missing_page"})

    with pytest.raises(ReadingRefused):
        list(goto.list_accounts())


@pytest.mark.parametrize("case", ["ignored", "exact"])
def test_finding_by_address_does_not_mind_letter_case(goto: GoToTarget, people: Control, case: str) -> None:
    people.knobs(email_filter_case=case)

    found = goto.find("userName", "Person7@CONTOSO.example")

    assert [account.attributes["userName"] for account in found] == ["person7@contoso.example"]


@pytest.mark.parametrize("address", ["o'brien+x@contoso.example", 'quo"te@contoso.example', "jörg@contoso.example"])
def test_addresses_with_special_signs_are_found(goto: GoToTarget, control: Control, address: str) -> None:
    control.seed(accounts=[{"email": address, "products": ["G2M"]}])

    assert [account.attributes["userName"] for account in goto.find("userName", address)] == [address]


def test_finding_by_other_attributes(goto: GoToTarget, control: Control) -> None:
    control.seed(accounts=[{"email": "a@contoso.example", "firstName": "Zoë", "products": ["G2M"]}])
    key = control.goto()["users"]["a@contoso.example"]["key"]

    assert [account.key for account in goto.find("name.givenName", "Zoë")] == [key]
    assert [account.key for account in goto.find("id", key)] == [key]
    assert [account.key for account in goto.find('emails[type eq "work"].value', "a@contoso.example")] == [key]
    with pytest.raises(ConfigurationError, match="Match by userName"):
        goto.find("externalId", "7")


def test_the_account_context_protects_its_own_administrator(goto: GoToTarget, control: Control) -> None:
    context = goto.context()

    assert context.own_key == control.goto()["users"]["provisioning@contoso.example"]["key"]
    assert list(context.protected_keys) == [context.own_key]
    assert {licence.products: licence.seats for licence in context.licences.values()} == {
        ("G2M",): control.goto()["licenses"]["G2M"]["seats"],
        ("G2W",): 100,
        ("G2T",): 25,
    }
    assert context.groups == {"Main office": "5500000000000000001", "Remote": "5500000000000000002"}


def test_the_last_super_user_is_protected_from_a_manager(open_goto: GoToOpener, control: Control) -> None:
    control.seed(
        accounts=[{"email": "boss@contoso.example", "adminRoles": ["MANAGE_USERS", "MANAGE_SEATS"]}],
        sign_ins=[{"email": "boss@contoso.example", "password": "boss-password"}],
    )
    target = open_goto(values={"username": "boss@contoso.example"}, secrets={"password": "boss-password"})
    super_user = control.goto()["users"]["provisioning@contoso.example"]["key"]

    assert set(target.context().protected_keys) == {target.context().own_key, super_user}

    control.seed(accounts=[{"email": "second@contoso.example", "adminRoles": ["SUPER_USER"]}])
    assert set(target.context().protected_keys) == {target.context().own_key}


def test_a_missing_right_names_itself(open_goto: GoToOpener, control: Control) -> None:
    control.seed(
        accounts=[{"email": "plain@contoso.example", "products": ["G2M"]}],
        sign_ins=[{"email": "plain@contoso.example", "password": "plain-password"}],
    )
    target = open_goto(values={"username": "plain@contoso.example"}, secrets={"password": "plain-password"})

    for shape in ("code", "errorCode", "int_err_code", "empty", "html"):
        control.knobs(error_body=shape)
        with pytest.raises(PermissionMissing) as raised:
            list(target.list_accounts())
        assert raised.value.permission == "MANAGE_USERS"


def test_an_account_key_of_somebody_else_is_not_entered(open_goto: GoToOpener) -> None:
    with pytest.raises(ProvisioningError):
        open_goto(values={"account_key": "8200000000000000002"}).prove()


@pytest.mark.parametrize("record", [{"key": 4.1e18, "email": "a@b.c"}, {"key": True, "email": "a@b.c"}])
def test_a_key_that_lost_digits_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ReadingRefused):
        key_of(record)


@pytest.mark.parametrize("record", [{"key": 1}, {"email": "a@b.c"}, {"key": 1, "email": None}])
def test_a_user_without_key_or_address_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ReadingRefused):
        account_of(record, [])


def test_own_identities_are_read_only_where_another_account_owns_them(goto: GoToTarget, control: Control) -> None:
    control.seed(accounts=[{"email": "owned@contoso.example", "products": ["G2M"], "identityReadOnly": True}])
    owned = goto.find("userName", "owned@contoso.example")[0].attributes

    assert goto.read_only(owned) == {"userName", "name.givenName", "name.familyName", "locale"}
    assert goto.read_only({"identityReadOnly": False}) == frozenset()
