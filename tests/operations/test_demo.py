"""`manage.py demo`, from the outside: started, used, ended and started again as a person or a script would."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from provisioning.management.commands.demo import SHOWN
from provisioning.management.probes import free_port
from tests.operations.processes_left import processes_of

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 100
KEYS = {"portal", "username", "password", *SHOWN}

pytestmark = pytest.mark.timeout(300)


class RunningDemo:
    """A demo in a folder; `lines` is what it has printed."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, self.port = folder, free_port()
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "REQUESTS_CA_BUNDLE": "/etc/hostname"}
        environment |= {"DATA_DIR": str(folder), "PORT": str(self.port), "USERS": "30"} | variables
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.lines: list[str] = []

    def wait_until_ready(self) -> str:
        """The line that begins with "Ready"."""
        deadline = time.monotonic() + START_SECONDS
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("Ready"):
                return line
            assert time.monotonic() < deadline, self.lines
        raise AssertionError(f"The demo ended: {''.join(self.lines)}")

    @property
    def facts(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return content

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Seconds that the end took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=30)  # after the first end: at once, and without harm
        return time.monotonic() - began


StartDemo = Callable[..., RunningDemo]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def start_demo(folder: Path) -> Iterator[StartDemo]:
    """Starts demos in `folder`; a test that fails leaves none of them running."""
    started: list[RunningDemo] = []

    def start(**variables: str) -> RunningDemo:
        started.append(RunningDemo(folder, **variables))
        return started[-1]

    yield start
    for demo in started:
        demo.end()
    for number in processes_of(folder):
        os.kill(number, signal.SIGKILL)


def sign_in(facts: dict[str, Any]) -> requests.Response:
    """The page after signing in with the user name and password of demo.json."""
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(f"{facts['portal']}/sign-in", timeout=20)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None
        form = {"username": facts["username"], "password": facts["password"], "csrfmiddlewaretoken": token[1]}
        return session.post(f"{facts['portal']}/sign-in", data=form, headers={"Referer": page.url}, timeout=20)


def manage(folder: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, check=True, capture_output=True).stdout


def test_the_demo_starts_filled_ends_without_a_trace_and_finds_everything_again(
    start_demo: StartDemo, folder: Path
) -> None:
    demo = start_demo()
    ready = demo.wait_until_ready()
    facts = demo.facts

    assert ready == f"Ready: http://127.0.0.1:{demo.port}  user admin  password {facts['password']}\n"
    assert set(facts) == KEYS
    assert (folder / "demo.json").stat().st_mode & 0o777 == 0o600
    assert sign_in(facts).status_code == 200
    status = json.loads(manage(folder, "status", "--json"))
    assert [application["application"] for application in status["applications"]] == ["GoToMeeting"]
    assert all(status["workers"].values()), "workers and beat have given a sign of life"
    assert demo.end() < 10
    assert demo.process.returncode == 0
    assert processes_of(folder) == {}

    again = start_demo()
    again.wait_until_ready()

    assert again.facts["password"] == facts["password"]
    assert again.facts["tenant_id"] == facts["tenant_id"]
    assert sign_in(again.facts).url == f"http://127.0.0.1:{again.port}/"
    assert again.end(signal.SIGINT) < 10
    assert processes_of(folder) == {}


def test_what_the_caller_sets_wins_and_is_seen_beside_the_demo(start_demo: StartDemo, folder: Path) -> None:
    elsewhere = {"GOTO_API_URL": "https://goto.example", "TIME_ZONE": "Europe/Amsterdam"}
    demo = start_demo(SEED_STATE="empty", **elsewhere)
    demo.wait_until_ready()

    code = "from django.conf import settings; print(settings.GOTO_API_URL, settings.TIME_ZONE)"
    shown = manage(folder, "shell", "-v", "0", "-c", code)
    worker = next(number for number, command in processes_of(folder).items() if "celery" in command)
    variables = Path(f"/proc/{worker}/environ").read_text().split("\0")

    assert shown.split() == list(elsewhere.values())
    assert "GOTO_API_URL=https://goto.example" in variables
    assert json.loads(manage(folder, "status", "--json"))["applications"] == []
    assert demo.end() < 10


def test_a_taken_port_is_one_clear_line(start_demo: StartDemo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = start_demo(PORT=str(taken.getsockname()[1]))
        printed, _ = demo.process.communicate(timeout=30)

    assert demo.process.returncode == 1
    assert re.fullmatch(r"Port \d+ is taken\. Choose another with PORT=…, for example PORT=\d+\.\n", printed)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [({"SEED_STATE": "half"}, "SEED_STATE is one of: empty, configured, running."), ({"USERS": "-1"}, "from 0 up")],
    ids=["state", "users"],
)
def test_a_wrong_variable_is_one_clear_line(start_demo: StartDemo, variables: dict[str, str], sentence: str) -> None:
    demo = start_demo(**variables)
    printed, _ = demo.process.communicate(timeout=30)

    assert demo.process.returncode == 1
    assert printed.count("\n") == 1
    assert sentence in printed


def test_a_demo_never_touches_the_folder_of_an_installation(start_demo: StartDemo, folder: Path) -> None:
    (folder / "rollcall.env").write_text("# Chosen by Rollcall, and kept:\nSECRET_KEY='real'\n")

    demo = start_demo()
    printed, _ = demo.process.communicate(timeout=30)

    assert "holds an installation that is no demo" in printed
    assert (folder / "rollcall.env").read_text().endswith("SECRET_KEY='real'\n")
