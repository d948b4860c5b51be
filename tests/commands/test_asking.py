"""sync, status, logs and explain, beside a real worker that does the work."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.sandbox_process import SandboxProcess
from tests.workers import WorkerProcess, Workers
from tests.world import World, build


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def answer(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.fixture
def world(sandbox: SandboxProcess, transactional_db: None) -> World:
    sandbox.control.reset(empty=True, knobs={"rate_limit": 0})
    return build(sandbox)


def test_a_cycle_is_run_waited_for_and_counted(world: World, worker: WorkerProcess) -> None:
    world.assign(world.add_user("Britta Simon"))

    report = answer("sync", "gotomeeting", "--wait")

    assert (report["state"], report["kind"], report["failures"]) == ("Succeeded", "initial", 0)
    assert report["changes"] == {"create:success": 1}
    assert list(world.managed()) == ["britta.simon@contoso.example"]


def test_somebody_who_fails_makes_the_exit_code_one(world: World, worker: WorkerProcess) -> None:
    world.assign(world.add_user("Mononymous", surname=None))

    with pytest.raises(SystemExit) as ended:
        run("sync", "GoToMeeting", "--wait")

    assert ended.value.code == 1


def test_without_a_worker_it_says_so(world: World) -> None:
    with pytest.raises(CommandError, match="No worker is alive"):
        run("sync", "gotomeeting", "--wait")


def test_a_job_that_is_off_is_not_run(world: World, worker: WorkerProcess) -> None:
    type(world.job).objects.update(enabled=False)

    with pytest.raises(CommandError, match="off"):
        run("sync", "gotomeeting")


def test_two_requests_in_a_row_are_two_cycles(world: World, workers: Workers) -> None:
    workers.start()
    world.assign(world.add_user("Britta Simon"))

    first, second = answer("sync", "gotomeeting", "--wait"), answer("sync", "gotomeeting", "--wait")

    assert first["cycleId"] != second["cycleId"]
    assert second["changes"] == {}


def test_the_status_tells_people_state_and_the_last_cycle(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()

    report = answer("status", "GoToMeeting")

    assert (report["provisioningStatus"], report["state"], report["peopleProvisioned"]) == ("On", "On", 1)
    assert report["lastCycle"]["changes"] == {"create:success": 1}
    assert "GoToMeeting (Contoso): On" in run("status")


def test_the_log_is_told_row_by_row_in_graphs_shape(world: World) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    world.run_cycle()
    world.change_user(britta, surname="de Vries")
    world.run_cycle()

    rows = [json.loads(line) for line in run("logs", "gotomeeting", "--json").splitlines()]

    assert [row["provisioningAction"] for row in rows] == ["create", "update"]
    assert rows[1]["modifiedProperties"] == [
        {"displayName": "name.familyName", "oldValue": "Simon", "newValue": "de Vries"}
    ]
    assert [step["provisioningStepType"] for step in rows[0]["provisioningSteps"]] == [
        "import",
        "scoping",
        "matching",
        "processing",
        "export",
    ]
    assert len(run("logs", "gotomeeting", "--last", "1").splitlines()) == 1


@pytest.mark.parametrize("name", ["britta.simon@contoso.example", "Britta Simon", "BRITTA SIMON"])
def test_a_decision_is_explained_without_a_request(world: World, name: str) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    world.run_cycle()
    world.change_user(britta, accountEnabled=False)
    world.read()
    world.forget_requests()

    told = answer("explain", "gotomeeting", name)

    assert (told["action"], told["reason"]) == ("disable", "SourceObjectDisabled")
    assert told["scoping"]["Active in the source system"] == "False"
    assert told["assignedThrough"] == ["directly"]
    assert told["objectId"] == britta
    assert world.sandbox.control.requests() == []


def test_somebody_without_an_assignment_is_explained_too(world: World) -> None:
    world.add_user("Debra Berger")
    world.run_cycle()

    told = answer("explain", "gotomeeting", "debra.berger@contoso.example")

    assert (told["action"], told["reason"]) == ("skip", "NotAssigned")
    assert "Debra Berger" in run("explain", "gotomeeting", "Debra Berger")


def test_an_unknown_name_is_answered_with_what_there_is(world: World) -> None:
    with pytest.raises(CommandError, match=r"(?s)no application called “zoom”.*GoToMeeting"):
        run("status", "zoom")
    with pytest.raises(CommandError, match="Nobody in the mirror"):
        run("explain", "gotomeeting", "nobody@contoso.example")
