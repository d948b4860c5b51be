"""App role assignments, from the application's side and from the principal's.

Source: Microsoft Graph v1.0, resource type "appRoleAssignment".
"""

from typing import Any

from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.directory import DEFAULT_ACCESS, Assignment, DirectoryObject
from sandbox.entra.graph.errors import bad_request, not_found
from sandbox.entra.graph.filters import parse_filter
from sandbox.entra.graph.groups import find_group
from sandbox.entra.graph.listing import page
from sandbox.entra.graph.operations import READ_APPLICATIONS, WRITE_ASSIGNMENTS, graph
from sandbox.entra.graph.service_principals import find_service_principal
from sandbox.entra.graph.users import find_user
from sandbox.exchange import Call, Json
from sandbox.world import World

PRINCIPAL_TYPES = {"user": "User", "group": "Group", "servicePrincipal": "ServicePrincipal"}


def shown(world: World, assignment: Assignment) -> dict[str, Any]:
    principal, resource = world.directory.find(assignment.principal), world.directory.find(assignment.resource)
    return {
        "id": assignment.id,
        "deletedDateTime": None,
        "appRoleId": assignment.role,
        "createdDateTime": assignment.created,
        "principalDisplayName": principal.properties.get("displayName") if principal else None,
        "principalId": assignment.principal,
        "principalType": PRINCIPAL_TYPES[principal.kind] if principal else "User",
        "resourceDisplayName": resource.properties.get("displayName") if resource else None,
        "resourceId": assignment.resource,
    }


@graph.on("GET", "/servicePrincipals/{id}/appRoleAssignedTo", needs=READ_APPLICATIONS)
def list_assigned(world: World, call: Call) -> Response:
    resource = find_service_principal(world, call)
    return answer(world, call, list(world.directory.assignments_to(resource.id)))


@graph.on("GET", "/servicePrincipals/{id}/appRoleAssignments", needs=READ_APPLICATIONS, cost=2)
def list_of_service_principal(world: World, call: Call) -> Response:
    return answer(world, call, list(world.directory.assignments_of(find_service_principal(world, call).id)))


@graph.on("GET", "/users/{id}/appRoleAssignments", needs=READ_APPLICATIONS)
def list_of_user(world: World, call: Call) -> Response:
    return answer(world, call, list(world.directory.assignments_of(find_user(world, call).id)))


@graph.on("GET", "/groups/{id}/appRoleAssignments", needs=READ_APPLICATIONS)
def list_of_group(world: World, call: Call) -> Response:
    return answer(world, call, list(world.directory.assignments_of(find_group(world, call).id)))


@graph.on("GET", "/servicePrincipals/{id}/appRoleAssignedTo/{assignment}", needs=READ_APPLICATIONS)
def read_assignment(world: World, call: Call) -> Response:
    return Json(shown(world, find_assignment(world, call, find_service_principal(world, call))))


@graph.on("POST", "/servicePrincipals/{id}/appRoleAssignedTo", needs=WRITE_ASSIGNMENTS)
def assign(world: World, call: Call) -> Response:
    return create(world, call, find_service_principal(world, call))


@graph.on("POST", "/users/{id}/appRoleAssignments", "/groups/{id}/appRoleAssignments", needs=WRITE_ASSIGNMENTS)
def assign_from_principal(world: World, call: Call) -> Response:
    if world.directory.find(call.parameters["id"]) is None:
        raise not_found(call.parameters["id"])
    resource_id = str(call.json().get("resourceId"))
    resource = world.directory.objects["servicePrincipal"].get(resource_id)
    if resource is None:
        raise not_found(resource_id)
    return create(world, call, resource)


@graph.on("DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{assignment}", needs=WRITE_ASSIGNMENTS)
def unassign(world: World, call: Call) -> Response:
    del world.directory.assignments[find_assignment(world, call, find_service_principal(world, call)).id]
    return Response(status_code=204)


@graph.on(
    "DELETE",
    "/users/{id}/appRoleAssignments/{assignment}",
    "/groups/{id}/appRoleAssignments/{assignment}",
    needs=WRITE_ASSIGNMENTS,
)
def unassign_from_principal(world: World, call: Call) -> Response:
    found = world.directory.assignments.get(call.parameters["assignment"])
    if found is None or found.principal != call.parameters["id"]:
        raise not_found(call.parameters["assignment"])
    del world.directory.assignments[found.id]
    return Response(status_code=204)


def find_assignment(world: World, call: Call, resource: DirectoryObject) -> Assignment:
    """Raises GraphError."""
    found = world.directory.assignments.get(call.parameters["assignment"])
    if found is None or found.resource != resource.id:
        raise not_found(call.parameters["assignment"])
    return found


def create(world: World, call: Call, resource: DirectoryObject) -> Response:
    body = call.json()
    principal_id, role = str(body.get("principalId")), str(body.get("appRoleId"))
    if body.get("resourceId") != resource.id:
        raise bad_request("The resourceId does not match the resource of the request.")
    if world.directory.find(principal_id) is None:
        raise not_found(principal_id)
    check_role(resource, role)
    for present in world.directory.assignments_of(principal_id):
        if (present.resource, present.role) == (resource.id, role):
            raise bad_request("Permission being assigned already exists on the object.")
    made = world.directory.assign(principal_id, resource.id, role, iso(world.clock.now()))
    return Json(shown(world, made), 201)


def check_role(resource: DirectoryObject, role: str) -> None:
    """Raises GraphError for a role that is disabled, or not of the resource."""
    own = {item["id"]: item for item in resource.properties.get("appRoles", [])}
    if role == DEFAULT_ACCESS:
        return
    if role not in own:
        raise bad_request("Permission being assigned was not found on application.")
    if not own[role]["isEnabled"]:
        raise bad_request("Permission being assigned is disabled.")


def answer(world: World, call: Call, assignments: list[Assignment]) -> Response:
    """A listing; `$filter` looks at principalDisplayName and resourceId. Raises GraphError."""

    def show(assignment: Assignment) -> dict[str, Any]:
        return shown(world, assignment)

    if "$filter" in call.query:
        condition = parse_filter(call.query["$filter"])
        for name in condition.names - {"principalDisplayName", "resourceId"}:
            raise bad_request(f"Invalid filter clause: '{name}' cannot be filtered.")
        assignments = [assignment for assignment in assignments if condition.matches(show(assignment))]
    return page(world, call, assignments, lambda assignment: assignment.id, show)
