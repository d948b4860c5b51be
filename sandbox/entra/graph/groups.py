"""Groups and their members. Source: Microsoft Graph v1.0, resource type "group"."""

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.directory import DirectoryObject
from sandbox.entra.graph.delta import delta
from sandbox.entra.graph.errors import bad_request, not_found
from sandbox.entra.graph.listing import count_objects, is_eventual, list_objects
from sandbox.entra.graph.operations import READ_GROUPS, READ_MEMBERS, WRITE_GROUPS, WRITE_MEMBERS, graph
from sandbox.entra.graph.properties import check_types, known, parse_select, shown
from sandbox.entra.graph.users import referenced, shown_with_type
from sandbox.exchange import Call, Json
from sandbox.world import World

REQUIRED = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")
READ_ONLY = frozenset(("id", "createdDateTime", "deletedDateTime", "mail", "proxyAddresses", "securityIdentifier"))
MOST_BOUND = 20
CASTS = {"microsoft.graph.user": "user", "microsoft.graph.group": "group", "microsoft.graph.device": "device"}

graph.on("GET", "/groups/delta", needs=READ_GROUPS)(delta)


def find_group(world: World, call: Call) -> DirectoryObject:
    """The group that the path names. Raises GraphError."""
    found = world.directory.objects["group"].get(call.parameters["id"])
    if found is None:
        raise not_found(call.parameters["id"])
    return found


@graph.on("GET", "/groups", needs=READ_GROUPS)
def list_groups(world: World, call: Call) -> Response:
    groups = world.directory.objects["group"].values()
    return list_objects(world, call, "group", groups, relations=("members", "owners"))


@graph.on("GET", "/groups/$count", needs=READ_GROUPS)
def count_groups(world: World, call: Call) -> Response:
    return count_objects(call, "group", world.directory.objects["group"].values())


@graph.on("POST", "/groups", needs=WRITE_GROUPS)
def create_group(world: World, call: Call) -> Response:
    body = call.json()
    for name in REQUIRED:
        if body.get(name) in (None, ""):
            raise bad_request(f"A value is required for property '{name}' of resource 'Group'.")
    properties, members = writable(body), bound(world, body, "members")
    owners = bound(world, body, "owners")
    defaults = {"groupTypes": [], "createdDateTime": iso(world.clock.now())}
    created = world.directory.add("group", defaults | properties)
    for member in members:
        world.directory.link(created, "members", member.id)
    for owner in owners:
        world.directory.link(created, "owners", owner.id)
    return Json({"@odata.context": f"{call.base}/$metadata#groups/$entity"} | shown(created, None), 201)


@graph.on("GET", "/groups/{id}", needs=READ_GROUPS)
def read_group(world: World, call: Call) -> Response:
    found = find_group(world, call)
    select = parse_select("group", call.query.get("$select"))
    return Json({"@odata.context": f"{call.base}/$metadata#groups/$entity"} | shown(found, select))


@graph.on("PATCH", "/groups/{id}", needs=WRITE_GROUPS)
def update_group(world: World, call: Call) -> Response:
    found, body = find_group(world, call), call.json()
    properties, members = writable(body), bound(world, body, "members")
    if any(member.id in found.links("members") for member in members):
        raise already_member()
    world.directory.change(found, properties)
    for member in members:
        world.directory.link(found, "members", member.id)
    return Response(status_code=204)


@graph.on("DELETE", "/groups/{id}", needs=WRITE_GROUPS)
def delete_group(world: World, call: Call) -> Response:
    world.directory.delete(find_group(world, call), world.clock.now())
    return Response(status_code=204)


@graph.on("GET", "/groups/{id}/members", "/groups/{id}/members/{cast}", needs=READ_MEMBERS, cost=3)
def list_members(world: World, call: Call) -> Response:
    members = world.directory.linked(find_group(world, call), "members")
    return answer_members(world, call, members)


@graph.on("GET", "/groups/{id}/transitiveMembers", "/groups/{id}/transitiveMembers/{cast}", needs=READ_MEMBERS, cost=5)
def list_transitive_members(world: World, call: Call) -> Response:
    return answer_members(world, call, transitive_members(world, find_group(world, call)))


@graph.on(
    "GET", "/groups/{id}/members/{cast}/$count", "/groups/{id}/transitiveMembers/{cast}/$count", needs=READ_MEMBERS
)
def count_members_of_type(world: World, call: Call) -> Response:
    transitive = call.path.split("/")[3] == "transitiveMembers"
    group = find_group(world, call)
    members = transitive_members(world, group) if transitive else world.directory.linked(group, "members")
    kind = cast_kind(call.parameters["cast"])
    return count_objects(call, "user", [member for member in members if member.kind == kind])


@graph.on("GET", "/groups/{id}/owners", needs=READ_GROUPS)
def list_owners(world: World, call: Call) -> Response:
    return answer_members(world, call, world.directory.linked(find_group(world, call), "owners"))


@graph.on("POST", "/groups/{id}/members/$ref", needs=WRITE_MEMBERS)
def add_member(world: World, call: Call) -> Response:
    group, member = find_group(world, call), referenced(world, call.json())
    if member.id in group.links("members"):
        raise already_member()
    world.directory.link(group, "members", member.id)
    return Response(status_code=204)


@graph.on("DELETE", "/groups/{id}/members/{member}/$ref", needs=WRITE_MEMBERS)
def remove_member(world: World, call: Call) -> Response:
    group, member = find_group(world, call), call.parameters["member"]
    if member not in group.links("members"):
        raise not_found(member)
    world.directory.unlink(group, "members", member)
    return Response(status_code=204)


def answer_members(world: World, call: Call, members: Iterable[DirectoryObject]) -> Response:
    """Members of all kinds, or of the one that the path casts to; `$count` as the last segment counts them."""
    cast = call.parameters.get("cast")
    if cast == "$count":
        return count_objects(call, "user", members)
    if cast is None:
        return list_objects(world, call, "user", members, show=shown_by_kind)
    kind = cast_kind(cast)
    if "$filter" in call.query and not is_eventual(call):
        raise bad_request("A cast with $filter needs 'ConsistencyLevel: eventual'.")
    found = [member for member in members if member.kind == kind]
    return list_objects(world, call, "group" if kind == "group" else "user", found, show=shown_by_kind)


def cast_kind(cast: str) -> str:
    """Raises GraphError."""
    if cast not in CASTS:
        raise bad_request(f"Resource not found for the segment '{cast}'.")
    return CASTS[cast]


def shown_by_kind(showing: DirectoryObject, select: tuple[str, ...] | None) -> dict[str, Any]:
    """A member as listings of mixed kinds show it: what its own kind does not have is left out."""
    own = None if select is None else tuple(name for name in select if known(showing.kind, name))
    return shown_with_type(showing, own)


def transitive_members(world: World, group: DirectoryObject) -> list[DirectoryObject]:
    """Members, and members of member groups, each once; groups may contain each other."""
    found: dict[str, DirectoryObject] = {}
    waiting = [group]
    while waiting:
        for member in world.directory.linked(waiting.pop(), "members"):
            if member.id not in found:
                found[member.id] = member
                if member.kind == "group":
                    waiting.append(member)
    return list(found.values())


def writable(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of a group that the body sets. Raises GraphError."""
    properties = {name: value for name, value in body.items() if "@odata" not in name}
    check_types("group", properties)
    for name in properties:
        if name in READ_ONLY:
            raise bad_request(f"One or more property values specified are invalid: '{name}'.")
    return properties


def bound(world: World, body: dict[str, Any], relation: str) -> list[DirectoryObject]:
    """The objects of `members@odata.bind`, each once. Raises GraphError."""
    links = body.get(f"{relation}@odata.bind", [])
    if not isinstance(links, list):
        raise bad_request(f"{relation}@odata.bind is a list of links.")
    if len(links) > MOST_BOUND:
        raise bad_request(f"At most {MOST_BOUND} references can be added in one request.")
    found = [referenced(world, {"@odata.id": link}) for link in links]
    return list({item.id: item for item in found}.values())


def already_member() -> Exception:
    return bad_request(
        "One or more added object references already exist for the following modified properties: 'members'."
    )
