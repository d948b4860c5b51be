"""The supervisor, with small real programs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioning.management.processes import Ended, Program, ProgramFailed, Supervisor
from tests.operations.processes_left import processes_of

ROOT = Path(__file__).resolve().parent.parent.parent
OBEDIENT = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {OBEDIENT}"
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {OBEDIENT}"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    with Supervisor(ROOT, tmp_path / "logs", environment, said.append) as made:
        yield made


def program(supervisor: Supervisor, name: str, code: str) -> Program:
    log = supervisor.logs / f"{name}.log"
    return Program(name, [sys.executable, "-c", code], lambda: log.exists() and "here" in log.read_text())


def wait_until(claim: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_nothing_is_left_of_obedient_and_stubborn_programs_and_their_children(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(supervisor, "obedient", OBEDIENT), program(supervisor, "parent", WITH_CHILD))
    supervisor.start(program(supervisor, "stubborn", STUBBORN))
    wait_until(lambda: len(processes_of(tmp_path)) == 4)

    began = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - began < 10
    assert processes_of(tmp_path) == {}


def test_a_program_that_dies_is_started_again(supervisor: Supervisor, tmp_path: Path, said: list[str]) -> None:
    supervisor.start(program(supervisor, "mortal", OBEDIENT))
    (first,) = processes_of(tmp_path)
    os.kill(first, signal.SIGKILL)

    def alarm(number: int, frame: object) -> None:
        raise Ended

    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(4)
    with pytest.raises(Ended):
        supervisor.watch()

    (second,) = processes_of(tmp_path)
    assert second != first
    assert len(said) == 1
    assert "mortal ended with status -9 and was started again" in said[0]


def test_a_program_that_cannot_start_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    failing = program(supervisor, "failing", "print('the reason'); raise SystemExit(3)")

    with pytest.raises(ProgramFailed, match=r"failing ended with status 3\.\n  the reason"):
        supervisor.start(failing)


def test_a_step_reads_what_it_is_given_and_answers_what_it_printed(supervisor: Supervisor) -> None:
    printed = supervisor.call("step", sys.executable, "-c", "print(input()[::-1])", given="olleh\n")

    assert printed == "hello\n"


def test_a_step_that_fails_stops_everything(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramFailed, match="the reason"):
        supervisor.call("step", sys.executable, "-c", "raise SystemExit('the reason')")


def test_a_killed_supervisor_takes_its_programs_along(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from provisioning.management.processes import Program, Supervisor
import os, sys
with Supervisor(Path({str(ROOT)!r}), Path({str(tmp_path)!r}), os.environ, print) as supervisor:
    supervisor.start(Program("obedient", [sys.executable, "-c", {OBEDIENT!r}]))
    supervisor.watch()
"""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
    log = tmp_path / "obedient.log"
    wait_until(lambda: log.exists() and "here" in log.read_text())

    parent.kill()
    parent.wait()

    wait_until(lambda: processes_of(tmp_path) == {})
