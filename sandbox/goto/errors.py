"""What GoTo refuses, and the body it says so with."""

from typing import Any

from starlette.responses import HTMLResponse, Response

from sandbox.exchange import Call, Json
from sandbox.world import World


class AdminError(Exception):
    """What the Admin API refuses."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


class OAuthError(Exception):
    """What a token endpoint refuses."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


def bad_request(message: str, code: str = "invalid.request") -> AdminError:
    return AdminError(400, code, message)


def admin_error_answer(world: World, call: Call, error: AdminError) -> Response:
    shape = world.knobs.error_body
    if shape == "empty":
        return Response(b"", error.status, error.headers)
    if shape == "html":
        return HTMLResponse(f"<html><body><h1>{error.status}</h1></body></html>", error.status, error.headers)
    bodies: dict[str, dict[str, Any]] = {
        "code": {"code": error.code, "message": error.message, "uri": call.path.removeprefix("/admin/rest")},
        "errorCode": {"errorCode": error.code.upper().replace(".", "_"), "message": error.message},
        "int_err_code": {"int_err_code": error.code, "msg": error.message},
    }
    return Json(bodies[shape], error.status, error.headers)
