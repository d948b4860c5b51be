"""`$batch`: up to twenty requests in one. Source: Microsoft Graph, "Combine multiple requests using JSON batching"."""

from typing import Any
from urllib.parse import unquote

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
        predecessors = request.get("dependsOn") or []
        if any(statuses.get(name, 424) >= 400 for name in predecessors):
            response = failed_dependency(request["id"])
        else:
            response = perform(world, call, request)
        statuses[request["id"]] = response["status"]
        responses.append(response)
    return Json({"responses": responses})


def checked(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Raises GraphError when the envelope is malformed."""
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        raise bad_request("Invalid batch payload format.")
    if len(requests) > MOST_REQUESTS:
        raise bad_request(f"Number of batch request steps exceeds the maximum of {MOST_REQUESTS}.")
    ids = [str(request.get("id", "")).lower() for request in requests]
    if not all(ids) or len(set(ids)) != len(ids):
        raise bad_request("Each request of a batch needs an id of its own.")
    for request in requests:
        if not request.get("method") or not request.get("url"):
            raise bad_request(f"Invalid batch request '{request['id']}': method and url are required.")
        names = {name.lower() for name in request.get("headers") or {}}
        if request.get("body") is not None and "content-type" not in names:
            raise bad_request(f"Invalid batch request '{request['id']}': a body needs a Content-Type header.")
    return requests


def perform(world: World, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    path, _, query = str(request["url"]).partition("?")
    root, _, version = call.base.rpartition("/")
    headers = {"authorization": call.headers.get("authorization", "")} | (request.get("headers") or {})
    body = orjson.dumps(request["body"]) if request.get("body") is not None else b""
    inner = Call(
        request["method"].upper(), f"/{version}/{unquote(path).lstrip('/')}", query, Headers(headers), body, root
    )
    answer = graph.answer(world, inner)
    return {
        "id": request["id"],
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
