"""The control interface: reset, seed, clock, knobs, request log, the page and the inbox."""

import smtplib
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from sandbox.faults import Fault
from sandbox.knobs import Knobs
from tests.sandbox.conftest import GoToClient, GraphClient, ask_goto_token, ask_token
from tests.sandbox_process import Control, SandboxProcess


def test_a_reset_is_quick_and_complete(graph: GraphClient, control: Control) -> None:
    before = control.directory()
    graph.create_user("ann")
    control.knobs(rate_limit=3)
    control.advance(1000)
    control.faults({"server": "graph", "what": "status"})

    started = time.perf_counter()
    control.reset()
    elapsed = time.perf_counter() - started

    assert elapsed < 0.05
    assert control.directory() == before
    assert control.send("GET", "/knobs")["rate_limit"] == 10
    assert control.send("GET", "/clock")["ahead"] == 0
    assert control.send("GET", "/faults") == control.requests() == control.mail() == []


def test_tokens_outlive_a_reset(graph: GraphClient, goto: GoToClient, control: Control) -> None:
    control.reset()

    assert graph.send("GET", "/users").status_code == goto.send("GET", "=/me").status_code == 200


def test_an_empty_world_has_its_administrators_only(control: Control) -> None:
    control.reset(empty=True)

    world, account = control.directory(), control.goto()

    assert world["users"] == world["groups"] == world["assignments"] == []
    assert "GoToMeeting" in [item["displayName"] for item in world["servicePrincipals"]]
    assert set(account["users"]) == {"provisioning@contoso.example", "office.manager@contoso.example"}
    assert account["licenses"]["G2M"]["seats"] > 100


@pytest.mark.parametrize("body", [{"colour": "red"}, {"users": "many"}, {"knobs": {"rate_limit": "fast"}}])
def test_a_reset_that_is_not_understood_changes_nothing(control: Control, body: dict[str, Any]) -> None:
    before = control.directory()

    with pytest.raises(requests.HTTPError):
        control.reset(**body)

    assert control.directory() == before


def test_a_world_can_be_seeded(control: Control) -> None:
    control.reset(empty=True)

    added = control.seed(
        people=3,
        users=[
            {"displayName": "Adele Vance"},
            {"givenName": "Łukasz", "surname": "Żurek", "manager": "adele.vance@contoso.example"},
        ],
        groups=[{"displayName": "Pilot", "members": ["lukasz.zurek@contoso.example"]}],
        assignments=[{"principal": "Pilot"}, {"principal": "adele.vance@contoso.example", "role": "webinar"}],
        accounts=[{"email": "henk@contoso.example", "products": ["G2M"], "adminRoles": ["RUN_REPORTS"]}],
        sign_ins=[{"email": "henk@contoso.example", "password": "open sesame"}],
        elsewhere=["known@agency.example"],
    )

    world = control.directory()
    users = {user["userPrincipalName"]: user for user in world["users"]}
    assert len(users) == 5 and set(added["users"]) == set(users)
    adele, lukasz = users["adele.vance@contoso.example"], users["lukasz.zurek@contoso.example"]
    assert (adele["givenName"], adele["surname"]) == ("Adele", "Vance")
    assert (lukasz["displayName"], lukasz["manager"]) == ("Łukasz Żurek", adele["id"])
    assert world["groups"][0]["members"] == [lukasz["id"]]
    assert {item["principalDisplayName"] for item in world["assignments"]} == {"Pilot", "Adele Vance"}
    henk = control.goto()["users"]["henk@contoso.example"]
    assert (henk["products"], henk["status"], henk["key"]) == (["G2M"], "ACTIVE", added["accounts"][henk["email"]])


@pytest.mark.parametrize(
    "content",
    [
        {"users": [{"displayName": "A B"}, {"displayName": "A B"}]},
        {"assignments": [{"principal": "nobody"}]},
        {"groups": [{"displayName": "Pilot", "members": ["nobody"]}]},
        {"accounts": [{"email": "provisioning@contoso.example"}]},
        {"colour": "red"},
    ],
)
def test_a_seed_that_cannot_be_is_refused(control: Control, content: dict[str, Any]) -> None:
    with pytest.raises(requests.HTTPError, match="4[0-9][0-9]"):
        control.seed(**content)


def test_every_request_is_in_the_log_and_no_secret(
    sandbox: SandboxProcess, graph: GraphClient, goto: GoToClient, control: Control
) -> None:
    control.clear_requests()
    number = control.counters()["number"]
    ask_token(sandbox)
    ask_goto_token(sandbox)
    graph.create_user("ann", passwordProfile={"password": "hunter2hunter2"})
    goto.create("adele@contoso.example")

    log = control.requests(since=number)

    assert [(entry["server"], entry["method"], entry["status"]) for entry in log] == [
        ("authority", "POST", 200), ("goto_auth", "POST", 200), ("graph", "POST", 201),
        ("goto", "GET", 200), ("goto", "POST", 201),
    ]  # fmt: skip
    assert [entry["number"] for entry in log] == list(range(number + 1, number + 6))
    text = str(log)
    for secret in (
        sandbox.client_secret,
        sandbox.goto_password,
        "hunter2hunter2",
        str(goto.session.headers["Authorization"]),
    ):
        assert secret not in text
    assert "client_id=" in log[0]["body"] and "adele@contoso.example" in log[4]["body"]
    assert all(entry["duration"] >= 0 and entry["time"] > 0 for entry in log)
    assert control.requests(server="graph") == [log[2]]


def test_requests_are_counted(graph: GraphClient, control: Control) -> None:
    control.clear_requests()
    for path in ("/users", "/users", "/users/nobody"):
        graph.send("GET", path)

    counters = control.counters()["counters"]

    assert counters == {"graph": 3, "graph 200": 2, "graph 404": 1, "graph GET": 3}


def test_goto_can_be_changed_by_hand(goto: GoToClient, control: Control) -> None:
    goto.create("adele@contoso.example")

    control.edit_goto_user("adele@contoso.example", firstName="Ada", products=["G2W"], email="ada@contoso.example")
    edited = control.goto()["users"]["ada@contoso.example"]
    assert (edited["firstName"], edited["products"]) == ("Ada", ["G2W"])
    control.delete_goto_user("ada@contoso.example")
    assert "ada@contoso.example" not in control.goto()["users"]
    with pytest.raises(requests.HTTPError, match="404"):
        control.delete_goto_user("ada@contoso.example")


@pytest.mark.parametrize("knobs", [{"colour": "red"}, {"refresh_mode": "sometimes"}, {"create_status": 204}])
def test_a_knob_that_does_not_exist_cannot_be_turned(control: Control, knobs: dict[str, Any]) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        control.knobs(**knobs)


def test_every_knob_and_fault_is_documented() -> None:
    readme = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text()

    for field in (*msgspec.structs.fields(Knobs), *msgspec.structs.fields(Fault)):
        assert f"`{field.name}`" in readme, field.name


def test_mail_arrives_and_is_shown(sandbox: SandboxProcess, control: Control) -> None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Quarantäne <1>", "rollcall@contoso.example", "it@contoso.example"
    letter.set_content("The job is in quarantine.\n")
    letter.add_alternative("<p>The job is in <b>quarantine</b>.</p>", subtype="html")
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port) as server:
        server.send_message(letter)

    arrived = control.mail("smtp")

    assert len(arrived) == 1
    assert (arrived[0]["subject"], arrived[0]["recipients"]) == ("Quarantäne <1>", ["it@contoso.example"])
    assert "quarantine" in arrived[0]["text"] and "<b>quarantine</b>" in arrived[0]["html"]
    page = control.session.get(sandbox.mail_page, timeout=10).text
    assert "Quarantäne &lt;1&gt;" in page
    control.clear_mail()
    assert control.mail() == []


def press(control: Control, user: str, action: str, **fields: str) -> str:
    """Press a button of the page; the page that comes back."""
    answer = control.session.post(f"{control.url}/people/{user}/{action}?search=adele", data=fields, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_shows_a_person_beside_the_account_and_changes_them(goto: GoToClient, control: Control) -> None:
    control.seed(users=[{"displayName": "Adele <b>Vance"}])
    user = next(user for user in control.directory()["users"] if user["displayName"] == "Adele <b>Vance")
    goto.create(user["userPrincipalName"])

    page = control.session.get(f"{control.url}/?search=adele", timeout=10).text
    assert "Adele &lt;b&gt;Vance" in page and "<b>Vance" not in page and "Invited" in page and "not assigned" in page
    assert "User" in press(control, user["id"], "assign")
    assert "blocked" in press(control, user["id"], "block")
    assert "Vance-Berg" in press(control, user["id"], "rename", givenName="Adele", surname="Vance-Berg")
    assert "not assigned" in press(control, user["id"], "unassign")
    assert "deleted" in press(control, user["id"], "delete")
    assert "Restore" not in press(control, user["id"], "restore")

    shown = next(item for item in control.directory()["users"] if item["id"] == user["id"])
    assert (shown["displayName"], shown["accountEnabled"]) == ("Adele Vance-Berg", False)


def test_the_page_shows_strangers_and_loads_nothing_from_elsewhere(control: Control) -> None:
    page = control.session.get(f"{control.url}/", timeout=10).text

    assert "henk@retired.example" in page and "not in the directory" in page
    assert "http://" not in page and "https://" not in page
