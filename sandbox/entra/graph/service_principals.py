"""Enterprise applications and the gallery. Source: Microsoft Graph v1.0, "servicePrincipal", "applicationTemplate"."""

from typing import Any

from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.directory import DirectoryObject
from sandbox.entra.graph.delta import delta
from sandbox.entra.graph.errors import bad_request, not_found
from sandbox.entra.graph.filters import parse_filter
from sandbox.entra.graph.listing import count_objects, list_objects, page
from sandbox.entra.graph.operations import READ_APPLICATIONS, WRITE_APPLICATIONS, graph
from sandbox.entra.graph.properties import check_types, parse_select, shown
from sandbox.exchange import Call, Json
from sandbox.identifiers import guid
from sandbox.world import World

READ_ONLY = frozenset(("id", "appId", "applicationTemplateId", "createdDateTime", "deletedDateTime"))
ROLE_REQUIRED = ("allowedMemberTypes", "displayName", "id")
ANYBODY = ("Application.Read.All", "User.Read.All", "Group.Read.All", "GroupMember.Read.All")

graph.on("GET", "/servicePrincipals/delta", needs=READ_APPLICATIONS)(delta)


def find_service_principal(world: World, call: Call) -> DirectoryObject:
    """By object id, or as `servicePrincipals(appId='…')`. Raises GraphError."""
    key = call.parameters["id"]
    principals = world.directory.objects["servicePrincipal"]
    if key.startswith("appId="):
        app_id = key.removeprefix("appId=").lower()
        found = next((item for item in principals.values() if item.properties["appId"] == app_id), None)
    else:
        found = principals.get(key)
    if found is None:
        raise not_found(key)
    return found


@graph.on("GET", "/servicePrincipals", needs=READ_APPLICATIONS)
def list_service_principals(world: World, call: Call) -> Response:
    return list_objects(world, call, "servicePrincipal", world.directory.objects["servicePrincipal"].values())


@graph.on("GET", "/servicePrincipals/$count", needs=READ_APPLICATIONS)
def count_service_principals(world: World, call: Call) -> Response:
    return count_objects(call, "servicePrincipal", world.directory.objects["servicePrincipal"].values())


@graph.on("GET", "/servicePrincipals/{id}", needs=READ_APPLICATIONS)
def read_service_principal(world: World, call: Call) -> Response:
    found = find_service_principal(world, call)
    select = parse_select("servicePrincipal", call.query.get("$select"))
    return Json({"@odata.context": f"{call.base}/$metadata#servicePrincipals/$entity"} | shown(found, select))


@graph.on("PATCH", "/servicePrincipals/{id}", needs=WRITE_APPLICATIONS)
def update_service_principal(world: World, call: Call) -> Response:
    found, properties = find_service_principal(world, call), call.json()
    check_types("servicePrincipal", properties)
    for name in properties:
        if name in READ_ONLY:
            raise bad_request(f"One or more property values specified are invalid: '{name}'.")
    if "appRoles" in properties:
        properties["appRoles"] = checked_roles(found, properties["appRoles"])
    world.directory.change(found, properties)
    return Response(status_code=204)


@graph.on("DELETE", "/servicePrincipals/{id}", needs=WRITE_APPLICATIONS)
def delete_service_principal(world: World, call: Call) -> Response:
    world.directory.delete(find_service_principal(world, call), world.clock.now())
    return Response(status_code=204)


@graph.on("GET", "/applicationTemplates", needs=ANYBODY)
def list_templates(world: World, call: Call) -> Response:
    templates = world.state.templates
    if "$filter" in call.query:
        condition = parse_filter(call.query["$filter"])
        templates = [template for template in templates if condition.matches(template)]
    return page(world, call, templates, lambda template: str(template["id"]), lambda template: template)


@graph.on("GET", "/applicationTemplates/{id}", needs=ANYBODY)
def read_template(world: World, call: Call) -> Response:
    return Json(find_template(world, call))


@graph.on("POST", "/applicationTemplates/{id}/instantiate", needs=WRITE_APPLICATIONS)
def instantiate(world: World, call: Call) -> Response:
    """Add an enterprise application made from the gallery; answers its application and its service principal."""
    template, name = find_template(world, call), call.json().get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("A value is required for property 'displayName'.")
    app_id = guid(world.directory.seed, "instance", world.directory.number)
    roles = [dict(role) for role in world.state.template_roles]
    properties = {
        "appId": app_id, "displayName": name, "appDisplayName": name, "accountEnabled": True, "appRoles": roles,
        "appRoleAssignmentRequired": True, "applicationTemplateId": template["id"],
        "servicePrincipalType": "Application", "servicePrincipalNames": [app_id],
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"], "createdDateTime": iso(world.clock.now()),
    }  # fmt: skip
    created = world.directory.add("servicePrincipal", properties)
    application = {
        "id": guid(world.directory.seed, "application", app_id), "appId": app_id, "displayName": name,
        "applicationTemplateId": template["id"], "appRoles": roles,
    }  # fmt: skip
    context = {"@odata.context": f"{call.base}/$metadata#microsoft.graph.applicationServicePrincipal"}
    return Json(context | {"application": application, "servicePrincipal": shown(created, None)}, 201)


def find_template(world: World, call: Call) -> dict[str, Any]:
    """Raises GraphError."""
    for template in world.state.templates:
        if template["id"] == call.parameters["id"]:
            return template
    raise not_found(call.parameters["id"])


def checked_roles(changing: DirectoryObject, roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Raises GraphError for a role without its parts, a value twice, or the removal of a role that is still enabled."""
    for role in roles:
        for name in ROLE_REQUIRED:
            if not role.get(name):
                raise bad_request(f"A value is required for property '{name}' of resource 'AppRole'.")
        if not all(isinstance(role.get(name), str | None) for name in ("id", "value", "displayName", "description")):
            raise bad_request("A value of the wrong type was found for a property of resource 'AppRole'.")
    for name in ("id", "value"):
        values = [role[name] for role in roles if role.get(name)]
        if len(values) != len(set(values)):
            raise bad_request(f"Request contains a property with duplicate values: '{name}'.")
    kept = {role["id"] for role in roles}
    for role in changing.properties.get("appRoles", []):
        if role["isEnabled"] and role["id"] not in kept:
            raise bad_request("Property value cannot be deleted unless it is disabled first.")
    defaults = {"description": None, "isEnabled": True, "origin": "Application", "value": None}
    return [defaults | role for role in roles]
