"""The process: ports, the ready file, restarts, and how it ends."""

import json
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import GoToClient, GraphClient, ask_goto_token
from tests.sandbox_process import ROOT, start_sandbox


def test_a_restart_finds_everything_as_it_was(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--users", "30") as first:
        graph, facts, trusted = GraphClient(first), first.facts, Path(first.ca_file).read_bytes()
        goto = GoToClient(first, ask_goto_token(first).json()["access_token"])
        user = graph.create_user("ann")
        _, link = graph.round("/users/delta?$select=city")
        graph.send("PATCH", f"/users/{user}", {"city": "Delft"})
        goto.create("adele@contoso.example")
        first.control.knobs(keys="string")
        directory, account = first.control.directory(), first.control.goto()
        graph.session.close()
        goto.session.close()

    with start_sandbox(tmp_path, "--users", "99") as second:
        assert second.facts == facts and Path(second.ca_file).read_bytes() == trusted
        assert second.control.directory() == directory and second.control.goto() == account
        assert second.control.send("GET", "/knobs")["keys"] == "string"
        # Links and tokens from before are still good.
        assert [item["id"] for item in graph.round(link)[0]] == [user]
        assert goto.send("GET", "=/me").status_code == 200
        graph.session.close()
        goto.session.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_process_has_kept_a_snapshot(tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot.json"
    with start_sandbox(tmp_path, "--users", "5") as first:
        first.control.seed(users=[{"displayName": "Adele Vance"}])
        wait_until(lambda: snapshot.exists() and b"Adele Vance" in snapshot.read_bytes())
        assert stat.S_IMODE(snapshot.stat().st_mode) == 0o600
        first.process.kill()

    with start_sandbox(tmp_path) as second:
        assert "Adele Vance" in [user["displayName"] for user in second.control.directory()["users"]]


def test_it_ends_within_two_seconds_even_with_a_hanging_client(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path, "--users", "5")
    graph = GraphClient(running)
    running.control.faults({"server": "graph", "what": "hang_after_effect"})
    with pytest.raises(OSError):
        graph.session.get(f"{graph.root}/users", timeout=0.2)
    idle = socket.create_connection((running.smtp_host, running.smtp_port))

    started = time.monotonic()
    status = running.stop()

    assert status == 0 and time.monotonic() - started < 2
    idle.close()
    graph.session.close()


def test_the_ready_file_is_its_owners_and_can_be_elsewhere(tmp_path: Path) -> None:
    ready = tmp_path / "elsewhere.json"
    command = [sys.executable, "-m", "sandbox", "--data", str(tmp_path / "data"), "--ready", str(ready), "--users", "1"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_until(ready.exists)
        facts = json.loads(ready.read_text())
        with socket.create_connection((facts["smtp_host"], facts["smtp_port"]), timeout=5) as inbox:
            assert inbox.recv(100).startswith(b"220")
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
    finally:
        process.terminate()
        process.wait()


def free_base() -> int:
    """The first of five ports that are free."""
    for base in range(41_000, 60_000, 10):
        probes = [socket.socket() for _ in range(5)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no five free ports in a row")


def test_ports_can_be_chosen(tmp_path: Path) -> None:
    base = free_base()

    with start_sandbox(tmp_path, "--users", "1", "--port", str(base)) as running:
        assert running.graph == f"https://127.0.0.1:{base}"
        assert running.sandbox_control == f"http://127.0.0.1:{base + 2}"


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "ports.json").write_text(json.dumps({"goto": port}))
        command = [sys.executable, "-m", "sandbox", "--data", str(tmp_path)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"Port {port}, which the sandbox needs for goto, is taken (Address already in use)."
    ]
    assert not (tmp_path / "sandbox.json").exists()


def test_twenty_five_thousand_people_are_no_trouble(tmp_path: Path) -> None:
    started = time.monotonic()
    with start_sandbox(tmp_path, "--users", "25000", "--groups", "1000") as running:
        assert time.monotonic() - started < 15
        running.control.knobs(graph_resource_units=0)
        graph = GraphClient(running)
        users, link = graph.round("/users/delta?$select=displayName")
        groups, _ = graph.round("/groups/delta")
        assert len(users) == 25_000 and len({group["id"] for group in groups}) == 1000

        started = time.monotonic()
        assert graph.round(link)[0] == []
        assert time.monotonic() - started < 0.5
        graph.session.close()
