"""Test Connection for GoToMeeting: eight questions, the first failure names what to do, nothing is changed."""

import time
from typing import Any

import pytest

from provisioning.connectors.base import Check
from provisioning.connectors.goto.admin import GoToTarget
from provisioning.connectors.registry import TARGETS, open_target
from provisioning.errors import ConfigurationError
from tests.connectors.conftest import GoToOpener, SavedTokens
from tests.connectors.paces import NotedPace
from tests.connectors.raw_server import dribbles, http, raw_server
from tests.sandbox_process import Control, SandboxProcess

MANAGER = "manager@contoso.example"


def first_failure(target: GoToTarget) -> tuple[int, Check]:
    """Number (from 1) and line of the check that failed; the ones before passed, the ones after were left out."""
    checks = list(target.check())
    statuses = [check.status for check in checks]
    position = statuses.index("failed")
    assert statuses == ["passed"] * position + ["failed"] + ["skipped"] * (7 - position)
    return position + 1, checks[position]


def manager(control: Control, *roles: str) -> dict[str, Any]:
    """Somebody with these admin roles only; the arguments that open a target in his name."""
    control.seed(
        accounts=[{"email": MANAGER, "adminRoles": list(roles), "products": [] if roles else ["G2M"]}],
        sign_ins=[{"email": MANAGER, "password": "manager-password"}],
    )
    return {"values": {"username": MANAGER}, "secrets": {"password": "manager-password"}}


def test_a_good_connection_passes_and_nothing_is_changed(goto: GoToTarget, control: Control) -> None:
    before = control.goto()
    checks = list(goto.check())

    assert [check.status for check in checks] == ["passed"] * 8
    assert control.goto() == before
    assert {request["method"] for request in control.requests("goto")} == {"GET"}


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"values": {"username": ""}}, "Admin User Name is missing"),
        ({"values": {"username": "no address"}}, "must be an e-mail address"),
        ({"secrets": {}}, "Admin Password is missing"),
        ({"values": {"auth_mode": "authorize"}, "secrets": {}}, "not been authorized"),
    ],
)
def test_1_the_fields(open_goto: GoToOpener, control: Control, entered: dict[str, Any], words: str) -> None:
    number, check = first_failure(open_goto(**entered))

    assert number == 1 and words in check.message
    assert control.requests() == []


def test_2_the_sign_in_cannot_be_reached(open_goto: GoToOpener) -> None:
    number, check = first_failure(open_goto(settings={"auth_url": "https://127.0.0.1:9"}, budget=1.0))

    assert number == 2 and "cannot be reached" in check.message


def test_3_the_client_of_the_deployment(open_goto: GoToOpener, control: Control) -> None:
    number, check = first_failure(open_goto(settings={"client_id": "unknown"}))
    assert number == 3 and "not the fault of the credentials" in check.message

    control.knobs(password_grant=False)
    number, check = first_failure(open_goto())
    assert number == 3 and "Choose Authorize" in check.message


def test_4_the_password(open_goto: GoToOpener) -> None:
    number, check = first_failure(open_goto(secrets={"password": "wrong-password"}))

    assert (number, check.code) == (4, "InvalidCredentials")
    assert "wrong-password" not in check.message


def test_5_the_admin_center_scope(goto: GoToTarget, control: Control, sandbox: SandboxProcess) -> None:
    control.change_goto_client(sandbox.goto_client_id, admin_scope=False)
    number, check = first_failure(goto)

    assert number == 5 and "Admin Center scope" in check.message


def test_5_several_accounts_ask_for_a_choice(open_goto: GoToOpener, control: Control) -> None:
    owner = "owner@fabrikam.example"
    control.seed(
        accounts=[{"email": owner, "adminRoles": ["SUPER_USER"]}],
        sign_ins=[{"email": owner, "password": "owner-password"}],
    )
    entered: dict[str, Any] = {"values": {"username": owner}, "secrets": {"password": "owner-password"}}
    number, check = first_failure(open_goto(**entered))

    assert (number, check.code) == (5, "AccountChoiceNeeded")
    assert dict(check.choices) == {"8200000000000000001": "Contoso Meetings", "8200000000000000002": "Fabrikam"}

    chosen = open_goto(values={"username": owner, "account_key": "8200000000000000002"}, secrets=entered["secrets"])
    assert chosen.prove().account_key == "8200000000000000002"


def test_5_an_account_that_is_not_the_administrators_asks_to_choose_anew(open_goto: GoToOpener) -> None:
    strange = open_goto(values={"account_key": "1"})

    number, check = first_failure(strange)
    assert number == 5 and "Choose it anew" in check.message
    for use in (strange.prove, strange.context, lambda: list(strange.list_accounts())):
        with pytest.raises(ConfigurationError, match="[Cc]hoose it anew"):
            use()


@pytest.mark.parametrize(
    ("roles", "named"),
    [
        (["MANAGE_SEATS", "ADD_USERS"], ["MANAGE_USERS"]),
        (["MANAGE_USERS", "ADD_USERS"], ["MANAGE_SEATS"]),
        (["RUN_REPORTS"], ["MANAGE_USERS", "MANAGE_SEATS"]),
        ([], ["MANAGE_USERS", "MANAGE_SEATS"]),
    ],
)
def test_6_team_management_names_the_missing_right(
    open_goto: GoToOpener, control: Control, roles: list[str], named: list[str]
) -> None:
    number, check = first_failure(open_goto(**manager(control, *roles)))

    assert (number, check.code) == (6, "InsufficientRights")
    assert [right for right in ("MANAGE_USERS", "MANAGE_SEATS") if right in check.message] == named


def test_6_a_manager_of_users_and_seats_is_enough(open_goto: GoToOpener, control: Control) -> None:
    checks = list(open_goto(**manager(control, "MANAGE_USERS", "MANAGE_SEATS")).check())
    assert [check.status for check in checks] == ["passed"] * 8


def test_7_reading_the_users(goto: GoToTarget, control: Control) -> None:
    control.faults({"server": "goto", "path": "/users", "what": "status", "status": 503})
    number, check = first_failure(goto)

    assert number == 7 and "error of its own" in check.message


def test_8_licences_only_warn(goto: GoToTarget, open_goto: GoToOpener, control: Control) -> None:
    control.set_seats("G2M", 0)
    full = list(goto.check())[-1]
    control.send("PATCH", "/goto/licenses/G2M", {"enabled": False})
    none = list(open_goto().check())[-1]

    assert (full.status, none.status) == ("warning", "warning")
    assert "seats are in use" in full.message and "no GoToMeeting licence" in none.message


def test_a_test_against_a_server_that_dribbles_ends_within_half_a_minute(
    goto_settings: dict[str, str], sandbox: SandboxProcess, saved: SavedTokens
) -> None:
    with raw_server(dribbles(http(body=b"x" * 999), seconds_a_byte=0.05)) as server:
        target = open_target(
            "goto_admin",
            goto_settings | {"auth_url": server.url},
            {"username": sandbox.goto_username},
            {"password": sandbox.goto_password},
            pace=NotedPace(),
            save_token=saved,
            interactive=True,
        )
        began = time.monotonic()
        checks = list(target.check())

        assert time.monotonic() - began < 20
    assert [check.status for check in checks[:2]] == ["passed", "failed"]
    assert "took too long" in checks[1].message


def test_a_connector_that_does_not_exist_cannot_be_opened(goto_settings: dict[str, str], saved: SavedTokens) -> None:
    with pytest.raises(ConfigurationError, match="no connector named slack"):
        open_target("slack", goto_settings, {}, {}, pace=NotedPace(), save_token=saved)


def test_the_form_knows_which_fields_are_secret() -> None:
    secret = {field.name for field in TARGETS["goto_admin"].credential_fields if field.secret}
    assert secret == {"password", "refresh_token"}
