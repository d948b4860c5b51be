"""Users: reading, writing, managers. Source: Microsoft Graph v1.0, resource type "user"."""

import re
from typing import Any

from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.directory import DirectoryObject
from sandbox.entra.graph.delta import delta
from sandbox.entra.graph.errors import bad_request, not_found, taken
from sandbox.entra.graph.listing import count_objects, expanded, list_objects, parse_expand
from sandbox.entra.graph.operations import READ_MEMBERS, READ_USERS, WRITE_USERS, graph
from sandbox.entra.graph.properties import check_types, parse_select, shown, type_name
from sandbox.exchange import Call, Json
from sandbox.world import World

PRINCIPAL_NAME = re.compile(r"[A-Za-z0-9'._!#^~%-]+@[A-Za-z0-9.-]+")
REQUIRED = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile")
READ_ONLY = frozenset(("id", "createdDateTime", "deletedDateTime", "securityIdentifier"))
NEVER_KEPT = frozenset(("passwordProfile",))

graph.on("GET", "/users/delta", needs=READ_USERS, cost=2)(delta)


def find_user(world: World, call: Call) -> DirectoryObject:
    """The user that the path names by id or userPrincipalName. Raises GraphError."""
    found = world.directory.find_user(call.parameters["id"])
    if found is None:
        raise not_found(call.parameters["id"])
    return found


@graph.on("GET", "/users", needs=READ_USERS, cost=2)
def list_users(world: World, call: Call) -> Response:
    return list_objects(world, call, "user", world.directory.objects["user"].values(), relations=("manager",))


@graph.on("GET", "/users/$count", needs=READ_USERS)
def count_users(world: World, call: Call) -> Response:
    return count_objects(call, "user", world.directory.objects["user"].values())


@graph.on("POST", "/users", needs=WRITE_USERS)
def create_user(world: World, call: Call) -> Response:
    body = call.json()
    for name in REQUIRED:
        if body.get(name) in (None, ""):
            raise bad_request("A value is required for property '" + name + "' of resource 'User'.")
    properties = writable(body)
    check_principal_name(world, properties["userPrincipalName"])
    now = iso(world.clock.now())
    created = world.directory.add("user", {"userType": "Member"} | properties | {"createdDateTime": now})
    context = {"@odata.context": f"{call.base}/$metadata#users/$entity"}
    return Json(context | shown(created, None), 201)


@graph.on("GET", "/users/{id}", needs=READ_USERS)
def read_user(world: World, call: Call) -> Response:
    found = find_user(world, call)
    select = parse_select("user", call.query.get("$select"))
    values = {"@odata.context": f"{call.base}/$metadata#users/$entity"} | shown(found, select)
    if "$expand" in call.query:
        expansion = parse_expand(call.query["$expand"], ("manager",))
        manager = expanded(world, expansion, found)
        if manager is not None:
            values["manager"] = manager
    return Json(values)


@graph.on("PATCH", "/users/{id}", needs=WRITE_USERS)
def update_user(world: World, call: Call) -> Response:
    found = find_user(world, call)
    properties = writable(call.json())
    if "userPrincipalName" in properties:
        check_principal_name(world, properties["userPrincipalName"], owner=found)
    world.directory.change(found, properties)
    return Response(status_code=204)


@graph.on("DELETE", "/users/{id}", needs=WRITE_USERS)
def delete_user(world: World, call: Call) -> Response:
    world.directory.delete(find_user(world, call), world.clock.now())
    return Response(status_code=204)


@graph.on("GET", "/users/{id}/manager", needs=READ_USERS)
def read_manager(world: World, call: Call) -> Response:
    manager = next(world.directory.linked(find_user(world, call), "manager"), None)
    if manager is None:
        raise not_found("manager")
    select = parse_select("user", call.query.get("$select"))
    context = {"@odata.context": f"{call.base}/$metadata#directoryObjects/$entity", "@odata.type": type_name("user")}
    return Json(context | shown(manager, select))


@graph.on("PUT", "/users/{id}/manager/$ref", needs=WRITE_USERS)
def set_manager(world: World, call: Call) -> Response:
    user, manager = find_user(world, call), referenced(world, call.json())
    if manager.kind != "user":
        raise bad_request("Invalid object type for property 'manager'.")
    world.directory.set_manager(user, manager.id)
    return Response(status_code=204)


@graph.on("DELETE", "/users/{id}/manager/$ref", needs=WRITE_USERS)
def remove_manager(world: World, call: Call) -> Response:
    user = find_user(world, call)
    if not user.links("manager"):
        raise not_found("manager")
    world.directory.set_manager(user, None)
    return Response(status_code=204)


@graph.on("GET", "/users/{id}/directReports", needs=READ_USERS)
def list_reports(world: World, call: Call) -> Response:
    manager = find_user(world, call)
    reports = [user for user in world.directory.objects["user"].values() if manager.id in user.links("manager")]
    return list_objects(world, call, "user", reports, show=shown_with_type)


@graph.on("GET", "/users/{id}/memberOf", needs=READ_MEMBERS)
def list_memberships(world: World, call: Call) -> Response:
    user = find_user(world, call)
    groups = [group for group in world.directory.objects["group"].values() if user.id in group.links("members")]
    return list_objects(world, call, "group", groups, show=shown_with_type)


def shown_with_type(showing: DirectoryObject, select: tuple[str, ...] | None) -> dict[str, Any]:
    return {"@odata.type": type_name(showing.kind)} | shown(showing, select)


def writable(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of a user that the body sets. Raises GraphError for one that does not exist or is read-only."""
    properties = {name: value for name, value in body.items() if "@odata" not in name and name not in NEVER_KEPT}
    check_types("user", properties)
    for name in properties:
        if name in READ_ONLY:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    return properties


def check_principal_name(world: World, name: str, owner: DirectoryObject | None = None) -> None:
    """Raises GraphError unless the name has its form and belongs to nobody else."""
    if not isinstance(name, str) or not PRINCIPAL_NAME.fullmatch(name):
        raise bad_request("Property userPrincipalName is invalid.")
    present = world.directory.find_user(name)
    if present is not None and present is not owner:
        raise taken("userPrincipalName")


def referenced(world: World, body: dict[str, Any]) -> DirectoryObject:
    """The live object that {"@odata.id": "https://…/directoryObjects/{id}"} names. Raises GraphError."""
    link = body.get("@odata.id")
    if not isinstance(link, str):
        raise bad_request("Invalid URL format specified in @odata.id.")
    object_id = re.split(r"[/('\")]+", link.rstrip("/')"))[-1]
    found = world.directory.find(object_id)
    if found is None:
        raise not_found(object_id)
    return found
