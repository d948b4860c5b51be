"""Between the socket and who answers: reading the request, its faults, its log entry."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.exchange import Call
from sandbox.faults import Fault, damage, replacement
from sandbox.world import World

Answerer = Callable[[Call], Response]
CUTS = ("reset_before", "reset_after_effect", "hang_after_effect")


def wire(world: World, answerers: dict[str, Answerer], server_of: Callable[[str], str]) -> ASGIApp:
    """The application of one port. `server_of` says which of `answerers` a path belongs to."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        call = await read(scope, receive)
        server = server_of(call.path)
        started, clock = world.clock.now(), time.perf_counter()
        answer = await respond(world, server, answerers[server], call)
        status = answer.status_code if isinstance(answer, Response) else None
        world.log.record(server, call, status, started, time.perf_counter() - clock)
        if isinstance(answer, Response):
            await answer(scope, receive, send)
        else:
            await cut(answer, scope, receive)

    return application


def plain(answerer: Answerer) -> ASGIApp:
    """The application of a port that has neither faults nor a log: the control interface."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        answer = answerer(await read(scope, receive))
        await answer(scope, receive, send)

    return application


async def read(scope: Scope, receive: Receive) -> Call:
    headers = Headers(scope=scope)
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    base = f"{scope['scheme']}://{headers.get('host', '')}"
    return Call(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body, base)


async def respond(world: World, server: str, answerer: Answerer, call: Call) -> Response | Fault:
    """The answer, or the fault that cuts the connection instead of it."""
    fault = None
    for met in world.faults.meet(server, call):
        if met.what == "latency":
            await asyncio.sleep(world.faults.delay(met))
        else:
            fault = met
    if fault is None:
        return world.answer(answerer, call)
    if fault.what == "reset_before":
        return fault
    replaced = replacement(fault)
    if replaced is not None:
        return replaced
    answer = world.answer(answerer, call)
    return fault if fault.what in CUTS else damage(fault, call, answer)


async def cut(fault: Fault, scope: Scope, receive: Receive) -> None:
    """Reset the connection, at once or after having let the client wait."""
    gone = asyncio.ensure_future(disconnected(receive))
    if fault.what == "hang_after_effect":
        await asyncio.wait([gone], timeout=fault.seconds)
    if not gone.done():
        reset(scope["state"]["transport"])
    await gone


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def reset(transport: asyncio.Transport) -> None:
    connection: socket.socket = transport.get_extra_info("socket")
    # Lingering for zero seconds makes closing send RST, which the client sees as "connection reset by peer".
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
