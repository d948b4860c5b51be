"""Whole cycles over real sockets: the first, and one without a change; beside a bare client with the same requests.

The world is the sandbox without a limit; everybody is assigned through one group. Each size runs in a process of its
own, so that its peak memory is its own. Seconds are wall clock, cpu is this process alone.
"""

import json
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks._alone import empty_installation, in_own_process, peak_mb

SIZES = (1_000, 10_000)
CONCURRENCY = 8
UNHURRIED = {"rate_limit": 0, "graph_resource_units": 0}


def main(sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """{"1000": {"initial": {…}, "unchanged": {…}, "bare": {…}}, …}"""
    return {str(size): in_own_process("cycles", size) for size in sizes}


def measure(size: int) -> dict[str, Any]:
    with empty_installation() as folder:
        from tests.sandbox_process import start_sandbox

        with start_sandbox(folder / "sandbox", "--users", "0", "--groups", "0") as sandbox:
            return _measure(size, sandbox)


def _measure(size: int, sandbox: Any) -> dict[str, Any]:
    from django.conf import settings

    from tests.world import build

    settings.GOTO_API_URL, settings.GOTO_AUTH_URL = sandbox.goto_api, sandbox.goto_auth
    settings.GOTO_CLIENT_ID, settings.GOTO_CLIENT_SECRET = sandbox.goto_client_id, sandbox.goto_client_secret
    settings.GOTO_CA_FILE, settings.GOTO_REQUESTS_PER_SECOND = sandbox.ca_file, 1e6
    sandbox.control.reset(empty=True, knobs=UNHURRIED)
    _fill(sandbox, size)
    world = build(sandbox)
    sandbox.control.set_seats("G2M", size + 100)
    initial = _timed(world, size)
    assert len(sandbox.control.goto()["users"]) >= size, "everybody has an account"
    writes = [row for row in sandbox.control.requests("goto") if row["method"] == "POST"]
    unchanged = _timed(world, size)
    return {
        "initial": initial,
        "unchanged": unchanged,
        "bare": _bare(sandbox, size, writes, initial["seconds"]),
        "memory_mb": {"engine": peak_mb(), "sandbox": peak_mb(sandbox.process.pid)},
    }


def _fill(sandbox: Any, size: int) -> None:
    sandbox.control.seed(people=size)
    people = [
        user for user in sandbox.control.directory()["users"] if user.get("surname") and user.get("accountEnabled")
    ]
    sandbox.control.seed(people=max(0, size - len(people)) * 2)
    people = [
        user for user in sandbox.control.directory()["users"] if user.get("surname") and user.get("accountEnabled")
    ]
    members = [user["id"] for user in people][:size]
    sandbox.control.seed(
        groups=[{"displayName": "Everybody", "members": members}],
        assignments=[{"principal": "Everybody", "role": "User"}],
    )


def _timed(world: Any, size: int) -> dict[str, Any]:
    world.forget_requests()
    cpu, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    cycle = world.run_cycle()
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert cycle.state == "Succeeded", cycle.error or cycle.counts
    log = world.sandbox.control.requests()
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime, 2),
        "people_a_second": round(size / seconds),
        "requests_graph": sum(row["server"] == "graph" for row in log),
        "requests_goto": sum(row["server"] == "goto" for row in log),
        "requests_a_person": round(len(log) / size, 4),
    }


def _bare(sandbox: Any, size: int, writes: list[dict[str, Any]], engine_seconds: float) -> dict[str, Any]:
    """The same creations in an account that is empty again: plain sessions, the same concurrency, nothing kept."""
    import requests

    sandbox.control.reset(empty=True, knobs=UNHURRIED)
    sandbox.control.set_seats("G2M", size + 100)
    token = requests.post(
        f"{sandbox.goto_auth}/oauth/token",
        data={"grant_type": "password", "username": sandbox.goto_username, "password": sandbox.goto_password},
        auth=(sandbox.goto_client_id, sandbox.goto_client_secret),
        verify=sandbox.ca_file,
        timeout=20,
    ).json()["access_token"]
    sessions = [requests.Session() for _ in range(CONCURRENCY)]
    for session in sessions:
        session.trust_env, session.verify = False, sandbox.ca_file
        session.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})

    def send(numbered: tuple[int, dict[str, Any]]) -> int:
        number, row = numbered
        answer = sessions[number % CONCURRENCY].post(
            f"{sandbox.goto_api}{row['path']}?allOrNothing=false", data=_bytes(row["body"]), timeout=60
        )
        return answer.status_code

    began = time.perf_counter()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        statuses = list(pool.map(send, enumerate(writes)))
    seconds = time.perf_counter() - began
    assert all(status < 300 for status in statuses), statuses
    return {
        "seconds": round(seconds, 2),
        "requests": len(writes),
        "engine_to_bare": round(engine_seconds / seconds, 1),
    }


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
