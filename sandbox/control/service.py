"""Finding who answers a request to the control interface."""

from collections.abc import Callable

import msgspec
from starlette.responses import Response

from sandbox.exchange import BadJson, Call, Json, MethodNotAllowed, Routes
from sandbox.world import World

Handler = Callable[[World, Call], Response]
ROUTES: Routes[Handler] = Routes()


class ControlError(Exception):
    """The request cannot be done; the message says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def answer(world: World, call: Call) -> Response:
    try:
        handler = ROUTES.find(call)
        if handler is None:
            raise ControlError(404, f"There is nothing at {call.path}.")
        return world.answer(lambda asked: handler(world, asked), call)
    except MethodNotAllowed:
        return Json({"error": f"{call.method} is not supported at {call.path}."}, 405)
    except ControlError as error:
        return Json({"error": str(error)}, error.status)
    except (BadJson, msgspec.ValidationError) as error:
        return Json({"error": str(error)}, 400)
