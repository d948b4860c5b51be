"""The directory, shown whole, and what an administrator of the tenant may do to its applications."""

from typing import Any

import msgspec
from starlette.responses import Response

from sandbox.control.service import ROUTES, ControlError
from sandbox.entra.directory import DirectoryObject
from sandbox.entra.graph.assignments import shown as shown_assignment
from sandbox.exchange import Call, Json
from sandbox.world import World


@ROUTES.on("GET", "/directory")
def show_directory(world: World, call: Call) -> Response:
    directory = world.directory
    return Json(
        {
            "number": directory.number,
            "users": [show_user(world, user) for user in directory.objects["user"].values()],
            "groups": [show_group(group) for group in directory.objects["group"].values()],
            "servicePrincipals": [item.properties for item in directory.objects["servicePrincipal"].values()],
            "assignments": [shown_assignment(world, item) for item in directory.assignments.values()],
            "deleted": [
                {"id": key, "kind": gone.object.kind, "at": gone.at} for key, gone in directory.deleted.items()
            ],
        }
    )


def show_user(world: World, user: DirectoryObject) -> dict[str, Any]:
    return user.properties | {"manager": next(iter(user.links("manager")), None)}


def show_group(group: DirectoryObject) -> dict[str, Any]:
    return group.properties | {"members": list(group.links("members")), "owners": list(group.links("owners"))}


@ROUTES.on("GET", "/applications")
def list_applications(world: World, call: Call) -> Response:
    """App registrations that may ask for tokens, without their secrets."""
    shown = [msgspec.to_builtins(application) for application in world.state.applications.values()]
    return Json([{name: value for name, value in item.items() if name != "secret"} for item in shown])


@ROUTES.on("PATCH", "/applications/{client_id}")
def change_application(world: World, call: Call) -> Response:
    """The body names fields of Application to set; `revoke` names permissions to take away."""
    application = world.state.applications.get(call.parameters["client_id"])
    if application is None:
        raise ControlError(404, "There is no such application.")
    changes = call.json()
    revoked = changes.pop("revoke", [])
    changed = msgspec.convert(msgspec.to_builtins(application) | changes, type(application))
    for permission in [revoked] if isinstance(revoked, str) else revoked:
        changed.revoke(permission)
    world.state.applications[changed.client_id] = changed
    return Json({"permissions": changed.permissions})
