"""The letters that this world has seen."""

import msgspec
from starlette.responses import Response

from sandbox.control.service import ROUTES
from sandbox.exchange import Call, Json
from sandbox.world import World


@ROUTES.on("GET", "/mail")
def list_letters(world: World, call: Call) -> Response:
    """Oldest first; `via` narrows them down to those by "smtp" or from "goto"."""
    via = call.query.get("via")
    return Json([msgspec.to_builtins(letter) for letter in world.state.mailbox.letters if via in (None, letter.via)])


@ROUTES.on("DELETE", "/mail")
def throw_away(world: World, call: Call) -> Response:
    world.state.mailbox.letters.clear()
    return Response(status_code=204)
