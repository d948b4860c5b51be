"""All servers of the sandbox in one process, from the first listening socket to the last snapshot."""

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox import control
from sandbox.addresses import HOST, write_ready_file
from sandbox.certificates import tls_context
from sandbox.entra import authority
from sandbox.entra.graph import graph
from sandbox.goto import admin, authentication
from sandbox.goto.contoso_meetings import ADMINISTRATOR
from sandbox.smtp import inbox_protocol
from sandbox.storage import save, snapshot
from sandbox.wire import plain, wire
from sandbox.world import World

SNAPSHOT_SECONDS = 3
GRACE_SECONDS = 1
KEEP_ALIVE_SECONDS = 75


class Protocol(HttpToolsProtocol):
    """Lets the application reach the connection, which a fault may have to cut."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class Server(uvicorn.Server):
    """One of several in the process: signals are the process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(application: ASGIApp, context: ssl.SSLContext | None) -> Server:
    config = uvicorn.Config(
        application,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_context_factory=None if context is None else lambda config, default: context,
    )
    return Server(config)


def entra_server_of(path: str) -> str:
    return "graph" if path.startswith(("/v1.0", "/beta")) else "authority"


def goto_server_of(path: str) -> str:
    return "goto_auth" if path.startswith("/oauth") else "goto"


async def serve(world: World, data: Path, ready: Path, sockets: dict[str, socket.socket]) -> None:
    """Runs until the process is told to end."""
    context, authority_file = tls_context(data)
    entra = wire(
        world,
        {"graph": partial(graph.answer, world), "authority": partial(authority.answer, world)},
        entra_server_of,
    )
    goto = wire(
        world,
        {"goto": partial(admin.answer, world), "goto_auth": partial(authentication.answer, world)},
        goto_server_of,
    )
    servers = {
        "entra": server(entra, context),
        "goto": server(goto, context),
        "graph_http": server(entra, None),
        "control": server(plain(partial(control.answer, world)), None),
    }
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await loop.create_server(lambda: inbox_protocol(world), sock=sockets["smtp"])
    running = [asyncio.create_task(item.serve([sockets[name]])) for name, item in servers.items()]
    while not all(item.started for item in servers.values()):
        await asyncio.sleep(0.01)
    write_ready_file(ready, facts(world, authority_file, sockets))
    await keep_snapshots(world, data, stop)
    for item in servers.values():
        item.should_exit = True
    await asyncio.gather(*running)
    save(data, snapshot(world))


async def keep_snapshots(world: World, data: Path, stop: asyncio.Event) -> None:
    """Write what has changed every few seconds, until it is time to end."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SNAPSHOT_SECONDS)
        if world.dirty and not stop.is_set():
            await asyncio.to_thread(save, data, snapshot(world))


def facts(world: World, authority_file: Path, sockets: dict[str, socket.socket]) -> dict[str, Any]:
    """What others need to know, as it stands in sandbox.json."""
    ports = {name: opened.getsockname()[1] for name, opened in sockets.items()}
    entra, goto = f"https://{HOST}:{ports['entra']}", f"https://{HOST}:{ports['goto']}"
    control_url = f"http://{HOST}:{ports['control']}"
    application = next(iter(world.state.applications.values()))
    client = next(iter(world.goto.clients.values()))
    return {
        "authority": entra,
        "graph": entra,
        "graph_http": f"http://{HOST}:{ports['graph_http']}",
        "tenant_id": world.directory.tenant_id,
        "client_id": application.client_id,
        "client_secret": application.secret,
        "ca_file": str(authority_file.resolve()),
        "goto_api": goto,
        "goto_auth": goto,
        "goto_username": ADMINISTRATOR,
        "goto_password": world.goto.sign_ins[ADMINISTRATOR].password,
        "goto_client_id": client.client_id,
        "goto_client_secret": client.secret,
        "goto_account_key": str(next(iter(world.goto.accounts))),
        "sandbox_control": control_url,
        "mail_page": f"{control_url}/inbox",
        "smtp_host": HOST,
        "smtp_port": ports["smtp"],
    }
