"""Objects of any kind by their ids, and the organization itself.

Source: Microsoft Graph v1.0, "directoryObject: getByIds", resource type "organization".
"""

from starlette.responses import Response

from sandbox.entra.graph.errors import bad_request, not_found
from sandbox.entra.graph.groups import shown_by_kind
from sandbox.entra.graph.operations import READ_ANYTHING, READ_ORGANIZATION, graph
from sandbox.exchange import Call, Json
from sandbox.world import World

MOST_IDS = 1000


@graph.on("POST", "/directoryObjects/getByIds", needs=READ_ANYTHING, cost=3)
def get_by_ids(world: World, call: Call) -> Response:
    """Those of the ids that are live; an id of nothing is left out silently."""
    ids = texts(call, "ids", [])
    types = texts(call, "types", ["user", "group", "servicePrincipal"])
    if len(ids) > MOST_IDS:
        raise bad_request(f"Too many ids: {len(ids)}. At most {MOST_IDS} are supported.")
    select = tuple(call.query["$select"].split(",")) if call.query.get("$select") else None
    found = [item for item in map(world.directory.find, dict.fromkeys(ids)) if item is not None]
    shown = [shown_by_kind(item, select) for item in found if item.kind in types or "directoryObject" in types]
    return Json({"@odata.context": f"{call.base}/$metadata#directoryObjects", "value": shown})


def texts(call: Call, name: str, default: list[str]) -> list[str]:
    """A parameter of the body that is a list of texts. Raises GraphError, also for an empty one."""
    values = call.json().get(name) or default
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise bad_request(f"Parameter '{name}' must be a list of texts.")
    return values


@graph.on("GET", "/directoryObjects/{id}", needs=READ_ANYTHING)
def read_object(world: World, call: Call) -> Response:
    found = world.directory.find(call.parameters["id"])
    if found is None:
        raise not_found(call.parameters["id"])
    select = tuple(call.query["$select"].split(",")) if call.query.get("$select") else None
    return Json({"@odata.context": f"{call.base}/$metadata#directoryObjects/$entity"} | shown_by_kind(found, select))


@graph.on("GET", "/organization", needs=READ_ORGANIZATION)
def list_organization(world: World, call: Call) -> Response:
    directory = world.directory
    domain = {
        "name": directory.domain,
        "isDefault": True,
        "isInitial": False,
        "type": "Managed",
        "capabilities": "Email",
    }
    organization = {
        "id": directory.tenant_id,
        "displayName": "Contoso",
        "tenantType": "AAD",
        "countryLetterCode": "NL",
        "preferredLanguage": "en",
        "technicalNotificationMails": [f"it@{directory.domain}"],
        "verifiedDomains": [domain],
        "assignedPlans": [],
    }
    return Json({"@odata.context": f"{call.base}/$metadata#organization", "value": [organization]})
