"""Trouble on demand: each fault, what the client sees, and whether the request had its effect."""

import time
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import GoToClient, GraphClient, ask_goto_token, ask_token
from tests.sandbox_process import Control, SandboxProcess


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_status_comes_instead_of_an_answer(graph: GraphClient, control: Control, status: int) -> None:
    control.faults({"server": "graph", "what": "status", "status": status, "retry_after": 7, "count": 1})

    answer = graph.send("POST", "/groups", {})

    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert answer.json()["error"]["code"]
    assert graph.send("GET", "/users").status_code == 200


def test_without_retry_after_there_is_none(goto: GoToClient, control: Control) -> None:
    control.faults({"server": "goto", "what": "status", "status": 429, "count": 1})

    answer = goto.send("GET", "/users")

    assert answer.status_code == 429 and "Retry-After" not in answer.headers


def test_a_bad_gateway_speaks_html(goto: GoToClient, control: Control) -> None:
    control.faults({"server": "goto", "what": "status", "status": 502})

    answer = goto.send("GET", "/users")

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")


@pytest.mark.parametrize(("what", "happened"), [("reset_before", False), ("reset_after_effect", True)])
def test_a_reset_before_and_after_the_effect(goto: GoToClient, control: Control, what: str, happened: bool) -> None:
    key = goto.license("G2M")["key"]
    control.faults({"server": "goto", "what": what, "method": "POST", "path": "/users", "count": 1})

    with pytest.raises(requests.ConnectionError):
        goto.create("adele@contoso.example", licenseKeys=[key])

    assert bool(goto.find("adele@contoso.example")) == happened
    assert control.requests(server="goto")[-2]["status"] is None


def test_a_request_hangs_after_its_effect(goto: GoToClient, control: Control) -> None:
    body = {
        "users": [{"email": "adele@contoso.example", "firstName": "Adele", "lastName": "Vance"}],
        "licenseKeys": [goto.license("G2M")["key"]],
    }
    control.faults({"server": "goto", "what": "hang_after_effect", "method": "POST"})

    with pytest.raises(requests.ReadTimeout):
        goto.session.post(f"{goto.base}{goto.account}/users", json=body, timeout=0.3)

    assert "adele@contoso.example" in control.goto()["users"]


def test_a_hanging_request_ends_in_a_reset(goto: GoToClient, control: Control) -> None:
    control.faults({"server": "goto", "what": "hang_after_effect", "seconds": 0.2})
    started = time.monotonic()

    with pytest.raises(requests.ConnectionError):
        goto.send("GET", "/users")

    assert 0.2 <= time.monotonic() - started < 5


def test_json_is_cut_in_half(graph: GraphClient, control: Control) -> None:
    control.faults({"server": "graph", "what": "truncated_json"})

    answer = graph.send("GET", "/users")

    assert answer.status_code == 200 and answer.text.startswith("{")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(("what", "content"), [("empty_200", ""), ("html_200", "<html>")])
def test_a_lying_200(graph: GraphClient, control: Control, what: str, content: str) -> None:
    control.faults({"server": "graph", "what": what})

    answer = graph.send("GET", "/users")

    assert answer.status_code == 200 and content in answer.text
    assert (answer.text == "") == (content == "")


def test_a_page_is_repeated(graph: GraphClient, control: Control) -> None:
    control.faults({"server": "graph", "what": "repeated_page", "path": "skiptoken", "count": 1})

    found = [user["id"] for user in graph.everything("/users?$top=15")]

    assert len(found) == 55 and len(set(found)) == 40


def test_a_page_is_missing(graph: GraphClient, control: Control) -> None:
    control.faults({"server": "graph", "what": "missing_page", "count": 1})

    items, link = graph.round("/users/delta", headers={"Prefer": "odata.maxpagesize=15"})

    assert len(items) == 25 and "$deltatoken" in link


def test_pages_of_goto_are_repeated_and_missing_too(goto: GoToClient, control: Control) -> None:
    first = goto.get("/users?pageSize=3")
    control.faults({"server": "goto", "what": "repeated_page", "count": 1})
    control.faults({"server": "goto", "what": "missing_page", "after": 1, "count": 1})

    repeated, missing = goto.get("/users?pageSize=3&offset=3"), goto.get("/users?pageSize=3&offset=3")

    assert repeated["toIndex"] + 1 == 3
    assert missing["results"] == [] and missing["total"] == first["total"]


def test_a_next_link_leads_elsewhere(graph: GraphClient, control: Control) -> None:
    control.faults({"server": "graph", "what": "foreign_next_link", "host": "https://127.0.0.1:9"})

    page = graph.get("/users/delta")

    assert page["@odata.nextLink"].startswith("https://127.0.0.1:9/v1.0/users/delta")
    assert "@odata.deltaLink" not in page and page["value"]


def test_latency_delays_and_goes_along_with_another_fault(graph: GraphClient, control: Control) -> None:
    control.faults(
        {"server": "graph", "what": "latency", "latency": 0.2, "jitter": 0.05, "count": 1},
        {"server": "graph", "what": "status", "status": 503, "count": 1},
    )
    started = time.monotonic()

    status = graph.send("GET", "/users").status_code

    assert status == 503 and time.monotonic() - started >= 0.2
    assert control.send("GET", "/faults") == []


def test_a_fault_waits_counts_and_chooses(graph: GraphClient, control: Control) -> None:
    control.faults(
        {"server": "graph", "what": "status", "method": "GET", "path": r"^/v1\.0/groups\?", "after": 2, "count": 1}
    )

    others = [graph.send("GET", "/users").status_code, graph.send("POST", "/groups", {}).status_code]
    statuses = [graph.send("GET", "/groups").status_code for _ in range(4)]

    assert others == [200, 400]
    assert statuses == [200, 200, 503, 200]


def test_a_probable_fault_meets_some(graph: GraphClient, control: Control) -> None:
    control.faults({"server": "graph", "what": "status", "probability": 0.5})

    statuses = {graph.send("GET", "/organization").status_code for _ in range(40)}

    assert statuses == {200, 503}
    control.clear_faults()
    assert graph.send("GET", "/organization").status_code == 200


def test_the_token_services_fail_by_themselves(sandbox: SandboxProcess, control: Control) -> None:
    control.faults(
        {"server": "authority", "what": "status", "status": 503},
        {"server": "goto_auth", "what": "status", "status": 500},
    )

    assert (ask_token(sandbox).status_code, ask_goto_token(sandbox).status_code) == (503, 500)


@pytest.mark.parametrize(
    "fault",
    [
        {"server": "moon", "what": "status"},
        {"server": "graph", "what": "explode"},
        {"server": "graph", "what": "status", "colour": "red"},
        {"server": "graph", "what": "status", "path": "("},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(control: Control, fault: dict[str, Any]) -> None:
    with pytest.raises(requests.HTTPError):
        control.faults(fault)
