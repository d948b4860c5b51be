"""Soft-deleted objects: listing, restoring, removing for good.

Source: Microsoft Graph v1.0, "directory: deletedItems".
"""

from typing import Any

from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.directory import Deleted, DirectoryObject, Kind
from sandbox.entra.graph.errors import bad_request, not_found, taken
from sandbox.entra.graph.listing import list_objects
from sandbox.entra.graph.operations import READ_USERS, WRITE_USERS, graph
from sandbox.entra.graph.properties import parse_select, shown, type_name
from sandbox.exchange import Call, Json
from sandbox.world import World

CASTS: dict[str, Kind] = {
    "microsoft.graph.user": "user",
    "microsoft.graph.group": "group",
    "microsoft.graph.servicePrincipal": "servicePrincipal",
}


@graph.on("GET", "/directory/deletedItems/{id}", needs=READ_USERS)
def read_deleted(world: World, call: Call) -> Response:
    """One item by its id, or the listing of one type: the type is part of the path."""
    if call.parameters["id"] in CASTS:
        return list_deleted(world, call)
    found = find_deleted(world, call)
    select = parse_select(found.object.kind, call.query.get("$select"))
    return Json({"@odata.type": type_name(found.object.kind)} | show(world, found.object, select))


def list_deleted(world: World, call: Call) -> Response:
    kind = CASTS[call.parameters["id"]]
    items = [gone.object for gone in world.directory.deleted.values() if gone.object.kind == kind]
    return list_objects(world, call, kind, items, show=lambda item, select: show(world, item, select))


@graph.on("GET", "/directory/deletedItems", needs=READ_USERS)
def refuse_listing(world: World, call: Call) -> Response:
    raise bad_request("The resource type must be specified, as in /directory/deletedItems/microsoft.graph.user.")


@graph.on("POST", "/directory/deletedItems/{id}/restore", needs=WRITE_USERS)
def restore(world: World, call: Call) -> Response:
    found = find_deleted(world, call).object
    name = found.properties.get("userPrincipalName")
    if name is not None and world.directory.find_user(name) is not None:
        raise taken("userPrincipalName")
    restored = world.directory.restore(found.id)
    return Json({"@odata.type": type_name(restored.kind)} | shown(restored, None))


@graph.on("DELETE", "/directory/deletedItems/{id}", needs=WRITE_USERS)
def erase(world: World, call: Call) -> Response:
    world.directory.erase(find_deleted(world, call).object.id)
    return Response(status_code=204)


def find_deleted(world: World, call: Call) -> Deleted:
    """Raises GraphError."""
    found = world.directory.deleted.get(call.parameters["id"])
    if found is None:
        raise not_found(call.parameters["id"])
    return found


def show(world: World, item: DirectoryObject, select: tuple[str, ...] | None) -> dict[str, Any]:
    """As it was, with the time of its deletion; a deleted user's name begins with its id, so that it can be reused."""
    names = (*(select or ()), "deletedDateTime") if select else None
    values = shown(item, names) | {"deletedDateTime": iso(world.directory.deleted[item.id].at)}
    if values.get("userPrincipalName"):
        values["userPrincipalName"] = item.id.replace("-", "") + values["userPrincipalName"]
    return values
