"""How many simple requests a second the sandbox answers, so that it is known never to be what limits a measurement.

Starts a sandbox of its own and draws from it over bare keep-alive TLS connections: requests a second by kind of
request. Below two thousand it would be the sandbox that is measured elsewhere.
"""

import socket
import ssl
import tempfile
import time
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.sandbox_process import SandboxProcess, start_sandbox

SECONDS, PROCESSES = 3.0, 2


def tokens(sandbox: SandboxProcess) -> tuple[str, str]:
    """(for Graph, for the Admin API)"""
    form = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    password = {"grant_type": "password", "username": sandbox.goto_username, "password": sandbox.goto_password}
    proof = (sandbox.goto_client_id, sandbox.goto_client_secret)
    with sandbox.session() as session:
        graph = session.post(f"{sandbox.authority}/{sandbox.tenant_id}/oauth2/v2.0/token", data=form)
        goto = session.post(f"{sandbox.goto_auth}/oauth/token", data=password, auth=proof)
    return read_token(graph), read_token(goto)


def read_token(answer: requests.Response) -> str:
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def draw(url: str, token: str, ca_file: str, seconds: float) -> float:
    """Requests a second over one connection, one after the other; every answer must be a 200."""
    parts = urlsplit(url)
    request = (
        f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
    context = ssl.create_default_context(cafile=ca_file)
    with (
        socket.create_connection((str(parts.hostname), parts.port or 443)) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as connection,
    ):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        started, number = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            connection.sendall(request)
            receive(connection)
            number += 1
        return number / (time.perf_counter() - started)


def receive(connection: ssl.SSLSocket) -> None:
    """Read one answer to its end."""
    content = connection.recv(65_536)
    while b"\r\n\r\n" not in content:
        content += connection.recv(65_536)
    head, _, body = content.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), content
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    received = len(body)
    while received < length:
        received += len(connection.recv(65_536))


def measure(sandbox: SandboxProcess, url: str, token: str, seconds: float, processes: int) -> float:
    """Requests a second of all processes together."""
    with get_context("spawn").Pool(processes) as pool:
        return sum(pool.starmap(draw, [(url, token, sandbox.ca_file, seconds)] * processes))


def main() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as data, start_sandbox(data, "--users", "1000") as sandbox:
        sandbox.control.knobs(rate_limit=0, graph_resource_units=0)
        user = sandbox.control.directory()["users"][0]["id"]
        graph, goto = tokens(sandbox)
        account = f"{sandbox.goto_api}/admin/rest/v1/accounts/{sandbox.goto_account_key}"
        kinds = {
            "graph_user": (f"{sandbox.graph}/v1.0/users/{user}?$select=id,displayName", graph),
            "graph_delta_without_changes": (f"{sandbox.graph}/v1.0/users/delta?$deltatoken=latest", graph),
            "goto_me": (f"{sandbox.goto_api}/admin/rest/v1/me?", goto),
            "goto_user_page": (f"{account}/users?pageSize=1&attributes=key", goto),
        }
        results = {
            name: round(measure(sandbox, url, token, SECONDS, PROCESSES)) for name, (url, token) in kinds.items()
        }
    return {"processes": PROCESSES, "requests_a_second": results}
