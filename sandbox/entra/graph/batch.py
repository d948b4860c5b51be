"""`$batch`: up to twenty requests in one. Source: Microsoft Graph, "Combine multiple requests using JSON batching"."""

from typing import Any
from urllib.parse import unquote

import msgspec
import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from sandbox.entra.graph.errors import bad_request
from sandbox.entra.graph.operations import graph
from sandbox.exchange import Call, Json
from sandbox.world import World

MOST_REQUESTS = 20
ANY_PERMISSION = (
    "User.Read.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "Application.Read.All",
    "Organization.Read.All",
)


@graph.on("POST", "/$batch", needs=ANY_PERMISSION)
def batch(world: World, call: Call) -> Response:
    """Each request is answered as if it had come alone; one whose predecessor failed is 424."""
    requests = checked(call.json())
    statuses: dict[str, int] = {}
    responses = []
    for request in requests:
        if any(statuses.get(name, 424) >= 400 for name in request.dependsOn or []):
            response = failed_dependency(request.id)
        else:
            response = perform(world, call, request)
        statuses[request.id] = response["status"]
        responses.append(response)
    return Json({"responses": responses})


class BatchRequest(msgspec.Struct):
    id: str
    method: str
    url: str
    headers: dict[str, str] | None = None
    body: Any = None
    dependsOn: list[str] | None = None


def checked(body: dict[str, Any]) -> list[BatchRequest]:
    """Raises GraphError when the envelope is malformed."""
    try:
        requests = msgspec.convert(body.get("requests"), list[BatchRequest])
    except msgspec.ValidationError as error:
        raise bad_request(f"Invalid batch payload format: {error}.") from error
    if not 1 <= len(requests) <= MOST_REQUESTS:
        raise bad_request(f"A batch has 1 to {MOST_REQUESTS} requests.")
    ids = [request.id.lower() for request in requests]
    if not all(ids) or len(set(ids)) != len(ids):
        raise bad_request("Each request of a batch needs an id of its own.")
    for request in requests:
        names = {name.lower() for name in request.headers or {}}
        if request.body is not None and "content-type" not in names:
            raise bad_request(f"Invalid batch request '{request.id}': a body needs a Content-Type header.")
    return requests


def perform(world: World, call: Call, request: BatchRequest) -> dict[str, Any]:
    path, _, query = request.url.partition("?")
    root, _, version = call.base.rpartition("/")
    headers = {"authorization": call.headers.get("authorization", "")} | (request.headers or {})
    body = orjson.dumps(request.body) if request.body is not None else b""
    inner = Call(request.method.upper(), f"/{version}/{unquote(path).lstrip('/')}", query, Headers(headers), body, root)
    answer = graph.answer(world, inner)
    return {
        "id": request.id,
        "status": answer.status_code,
        "headers": {name.title(): value for name, value in answer.headers.items() if name != "content-length"},
        "body": content(answer),
    }


def content(answer: Response) -> Any:
    body = bytes(answer.body)
    if not body:
        return None
    return orjson.loads(body) if answer.headers["content-type"] == "application/json" else body.decode()


def failed_dependency(request_id: str) -> dict[str, Any]:
    message = "The request could not be performed because a request that it depends on failed."
    return {
        "id": request_id,
        "status": 424,
        "headers": {},
        "body": {"error": {"code": "FailedDependency", "message": message}},
    }
