"""The rest of the Admin API: the caller, accounts, licences, groups, role sets.

Source: GoTo Developer, "Administration API".
"""

from typing import Any

from starlette.responses import Response

from sandbox.exchange import Json
from sandbox.goto.accounts import FIRST_GROUP_KEY, Account, Group
from sandbox.goto.errors import AdminError, bad_request
from sandbox.goto.records import license_record
from sandbox.goto.service import BASE, ROUTES, Request, key_shown, page_of

ACCOUNT = f"{BASE}/accounts/{{account}}"
LONGEST_GROUP_NAME = 128


@ROUTES.on("GET", f"{BASE}/me")
def read_me(request: Request) -> Response:
    """The owner of the token, as the primary account knows them."""
    world = request.world
    accounts = world.goto.accounts_of(request.caller.email)
    if not accounts:
        raise AdminError(403, "not.authorized", "You are not in any account.")
    primary = accounts[0]
    user = primary.find(request.caller.email)
    assert user is not None
    record: dict[str, Any] = {
        "key": key_shown(world, user.key),
        "accountKey": key_shown(world, primary.key),
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "orgAdmin": request.caller.org_admin,
        "adminRoles": user.admin_roles,
        "products": primary.products_of(user),
        "accounts": [{"key": key_shown(world, account.key), "name": account.name} for account in accounts],
    }
    if request.caller.org_admin:
        record["organizationRoles"] = ["ROLE_ORG_READ", "ROLE_ORG_WRITE"]
    return Json(record)


@ROUTES.on("GET", ACCOUNT)
def read_account(request: Request) -> Response:
    request.require()
    account = request.account
    return Json({"key": key_shown(request.world, account.key), "name": account.name, "userCount": len(account.users)})


@ROUTES.on("PUT", ACCOUNT)
def rename_account(request: Request) -> Response:
    request.require("MANAGE_ACCOUNT")
    request.account.name = checked_group_name(request.call.json().get("name"))
    return Response(status_code=204)


@ROUTES.on("GET", f"{ACCOUNT}/licenses")
def list_licenses(request: Request) -> Response:
    request.require()
    licenses = [license for _, license in sorted(request.account.licenses.items())]
    return page_of(request, licenses, lambda item: license_record(request.world, request.account, item))


@ROUTES.on("GET", f"{ACCOUNT}/groups")
def list_groups(request: Request) -> Response:
    request.require()
    groups = [group for _, group in sorted(request.account.groups.items())]
    return page_of(request, groups, lambda group: group_record(request, group))


@ROUTES.on("POST", f"{ACCOUNT}/groups")
def create_group(request: Request) -> Response:
    request.require("MANAGE_GROUPS")
    body = request.call.json()
    key = max(request.account.groups, default=FIRST_GROUP_KEY - 1) + 1
    group = Group(key, checked_group_name(body.get("name")))
    request.account.groups[key] = group
    return Json(group_record(request, group), 201)


@ROUTES.on("GET", f"{ACCOUNT}/groups/{{group}}")
def read_group(request: Request) -> Response:
    request.require()
    return Json(group_record(request, find_group(request)))


@ROUTES.on("PUT", f"{ACCOUNT}/groups/{{group}}")
def rename_group(request: Request) -> Response:
    request.require("MANAGE_GROUPS")
    find_group(request).name = checked_group_name(request.call.json().get("name"))
    return Response(status_code=204)


@ROUTES.on("DELETE", f"{ACCOUNT}/groups/{{group}}")
def delete_group(request: Request) -> Response:
    request.require("MANAGE_GROUPS")
    leaving = find_group(request)
    for user in request.account.users.values():
        if user.group_key == leaving.key:
            user.group_key = None
    del request.account.groups[leaving.key]
    return Response(status_code=204)


@ROUTES.on("GET", f"{ACCOUNT}/rolesets")
def list_role_sets(request: Request) -> Response:
    request.require()
    return page_of(request, sorted(request.account.role_sets.items()), lambda item: {"id": item[0], "name": item[1]})


def find_group(request: Request) -> Group:
    """Raises AdminError."""
    key = request.call.parameters["group"]
    found = request.account.groups.get(int(key)) if key.isdigit() else None
    if found is None:
        raise AdminError(404, "group.not.found", f"There is no group {key}.")
    return found


def group_record(request: Request, group: Group) -> dict[str, Any]:
    return {"key": key_shown(request.world, group.key), "name": group.name, "userKeys": member_keys(request, group)}


def member_keys(request: Request, group: Group) -> list[int | str]:
    account: Account = request.account
    members = (user for user in account.users.values() if user.group_key == group.key)
    return [key_shown(request.world, user.key) for user in members]


def checked_group_name(value: Any) -> str:
    """Raises AdminError."""
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= LONGEST_GROUP_NAME:
        raise bad_request(f"name must have 1 to {LONGEST_GROUP_NAME} characters.")
    return value
