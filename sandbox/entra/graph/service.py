"""What every request to Graph goes through: version, token, permission, throttling, errors, headers."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.applications import effective
from sandbox.entra.graph.errors import GraphError, bad_request
from sandbox.entra.graph.throttling import Charge, cost_of
from sandbox.entra.tokens import TokenRefused
from sandbox.exchange import BadJson, Call, Json, MethodNotAllowed, Routes
from sandbox.world import World

Handler = Callable[[World, Call], Response]
VERSIONS = ("/v1.0", "/beta")
FUNCTION_PREFIX = re.compile(r"/microsoft\.graph\.(delta|restore|getByIds|instantiate)\b")
KEY_IN_BRACKETS = re.compile(r"\((?:'([^']*)'|(appId=)'([^']*)')?\)")


@dataclass(frozen=True)
class Operation:
    """One entry of Graph's table: what it needs, what it costs, who answers."""

    permissions: tuple[str, ...]
    """Any one of them is enough."""
    cost: int
    """Resource units."""
    handler: Handler


class Graph:
    """Graph's operations; each file of the folder adds its own."""

    def __init__(self) -> None:
        self.routes: Routes[Any] = Routes()

    def on(self, method: str, *templates: str, needs: tuple[str, ...], cost: int = 1) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            for template in templates:
                self.routes.add(method, template, Operation(needs, cost, handler))
            return handler

        return register

    def answer(self, world: World, call: Call) -> Response:
        request_id = str(uuid.uuid4())
        client_request_id = call.headers.get("client-request-id") or str(uuid.uuid4())
        charge = Charge()
        try:
            answer = self.perform(world, call, charge)
        except GraphError as error:
            answer = error_answer(error, request_id, client_request_id, iso(world.clock.now()))
        except BadJson as error:
            refused = bad_request(f"Unable to read JSON request payload: {error}.")
            answer = error_answer(refused, request_id, client_request_id, iso(world.clock.now()))
        answer.headers["request-id"] = request_id
        answer.headers["client-request-id"] = client_request_id
        answer.headers.update(charge.headers())
        return answer

    def perform(self, world: World, call: Call, charge: Charge) -> Response:
        """Raises GraphError, BadJson."""
        version, path = canonical(call.path)
        claims = check_token(world, call)
        call = replace(call, path=path, base=f"{call.base}{version}")
        try:
            operation: Operation | None = self.routes.find(call)
        except MethodNotAllowed as error:
            message = "Specified HTTP method is not allowed for the request target."
            raise GraphError(405, "Request_BadRequest", message) from error
        charge.add(world, claims["appid"], cost_of(operation.cost if operation else 1, call), call.method)
        if operation is None:
            raise bad_request(f"Resource not found for the segment '{call.path.split('/')[1]}'.")
        check_permission(world, claims, operation)
        return operation.handler(world, call)


def canonical(path: str) -> tuple[str, str]:
    """`/v1.0//users('x')/microsoft.graph.delta()` → ("/v1.0", "/users/x/delta"). Raises GraphError."""
    path = re.sub("//+", "/", path)
    version = next((version for version in VERSIONS if path.startswith(f"{version}/")), None)
    if version is None:
        raise GraphError(400, "BadRequest", f"Invalid version: {path.split('/')[1]}")
    bracketed = KEY_IN_BRACKETS.sub(lambda key: "/" + (key[1] or f"{key[2]}{key[3]}") if key[0] != "()" else "", path)
    return version, FUNCTION_PREFIX.sub(r"/\1", bracketed.removeprefix(version))


def check_token(world: World, call: Call) -> dict[str, Any]:
    """The claims of the bearer token. Raises GraphError."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": f'Bearer realm="", authorization_uri="{call.base}/common/oauth2/v2.0/authorize"'}
    if scheme.lower() != "bearer" or not token:
        raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.", challenge)
    try:
        return world.tokens.check(token, world.directory.tenant_id, world.clock.now())
    except TokenRefused as error:
        raise GraphError(401, "InvalidAuthenticationToken", str(error), challenge) from error


def check_permission(world: World, claims: dict[str, Any], operation: Operation) -> None:
    """The token must carry one of the permissions, and the application must still have it. Raises GraphError."""
    application = world.state.applications.get(claims["appid"])
    granted = effective(application.permissions) if application else frozenset()
    if not granted.intersection(operation.permissions, claims["roles"]):
        raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def error_answer(error: GraphError, request_id: str, client_request_id: str, date: str) -> Response:
    inner = {"date": date.rstrip("Z"), "request-id": request_id, "client-request-id": client_request_id}
    body = {"error": {"code": error.code, "message": error.message, "innerError": inner}}
    return Json(body, error.status, error.headers)
