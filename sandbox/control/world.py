"""The world as a whole: reset, knobs, clock, faults, request log."""

import re

import msgspec
import orjson
from starlette.responses import Response

from sandbox.control.service import ROUTES, ControlError
from sandbox.creation import create
from sandbox.exchange import Call, Json
from sandbox.faults import Fault
from sandbox.knobs import Knobs
from sandbox.world import Recipe, World


@ROUTES.on("POST", "/reset")
def reset(world: World, call: Call) -> Response:
    """A new world from the recipe of the present one, with what the body changes in it; "knobs" may be set at once."""
    options = call.json()
    knobs = changed_knobs(Knobs(), options.pop("knobs", {}))
    recipe = msgspec.convert(msgspec.to_builtins(world.state.recipe) | options, Recipe)
    state = create(recipe)
    state.knobs = knobs
    world.replace(state)
    return Json({"recipe": msgspec.to_builtins(recipe), "epoch": world.state.epoch})


@ROUTES.on("GET", "/knobs")
def read_knobs(world: World, call: Call) -> Response:
    return Json(msgspec.to_builtins(world.knobs))


@ROUTES.on("PATCH", "/knobs")
def turn_knobs(world: World, call: Call) -> Response:
    world.state.knobs = changed_knobs(world.knobs, call.json())
    return read_knobs(world, call)


def changed_knobs(knobs: Knobs, changes: dict[str, object]) -> Knobs:
    """Raises msgspec.ValidationError for a knob or a value that does not exist."""
    return msgspec.convert(msgspec.to_builtins(knobs) | changes, Knobs)


@ROUTES.on("GET", "/clock")
def read_clock(world: World, call: Call) -> Response:
    return Json({"now": world.clock.now(), "ahead": world.clock.ahead})


@ROUTES.on("POST", "/clock")
def advance_clock(world: World, call: Call) -> Response:
    seconds = call.json().get("advance")
    if not isinstance(seconds, int | float):
        raise ControlError(400, "advance must be a number of seconds.")
    world.clock.advance(seconds)
    world.state.clock_ahead = world.clock.ahead
    world.directory.expire(world.clock.now())
    return read_clock(world, call)


@ROUTES.on("GET", "/faults")
def list_faults(world: World, call: Call) -> Response:
    return Json([msgspec.to_builtins(fault) for fault in world.faults.waiting])


@ROUTES.on("POST", "/faults")
def add_faults(world: World, call: Call) -> Response:
    """The body is a list of faults, or one; they are added to those that wait."""
    faults = read_faults(call.body)
    world.faults.waiting += faults
    return list_faults(world, call)


def read_faults(body: bytes) -> list[Fault]:
    """Raises ControlError, msgspec.ValidationError."""
    try:
        content = orjson.loads(body)
        faults = msgspec.convert(content if isinstance(content, list) else [content], list[Fault])
        for fault in faults:
            re.compile(fault.path)
    except (orjson.JSONDecodeError, re.error) as error:
        raise ControlError(400, str(error)) from error
    return faults


@ROUTES.on("DELETE", "/faults")
def clear_faults(world: World, call: Call) -> Response:
    world.faults.waiting.clear()
    return Response(status_code=204)


@ROUTES.on("GET", "/requests")
def list_requests(world: World, call: Call) -> Response:
    since = call.query.get("since", "0")
    if not since.isdigit():
        raise ControlError(400, "since must be the number of a request.")
    return Json(world.log.select(call.query.get("server"), int(since)))


@ROUTES.on("DELETE", "/requests")
def clear_requests(world: World, call: Call) -> Response:
    world.log.clear()
    return Response(status_code=204)


@ROUTES.on("GET", "/counters")
def read_counters(world: World, call: Call) -> Response:
    """Requests by server, by server and status, by server and method."""
    return Json({"number": world.log.number, "counters": dict(world.log.counters)})
