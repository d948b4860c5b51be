"""The GoTo accounts, shown whole and changed by hand."""

from typing import Any

import msgspec
from starlette.responses import Response

from sandbox.control.service import ROUTES, ControlError
from sandbox.exchange import Call, Json
from sandbox.goto.accounts import Account, User
from sandbox.goto.records import is_read_only
from sandbox.world import World


@ROUTES.on("GET", "/goto")
def show_goto(world: World, call: Call) -> Response:
    """The first account is Contoso's; keys are texts here, as nothing has to be guessed in an assertion."""
    return Json({"accounts": [show_account(world, account) for account in world.goto.accounts.values()]})


def show_account(world: World, account: Account) -> dict[str, Any]:
    return {
        "key": str(account.key),
        "name": account.name,
        "users": [show_user(world, account, user) for user in account.users.values()],
        "licenses": {
            "+".join(license.products): {
                "key": str(license.key), "seats": license.seats, "enabled": license.enabled,
                "used": account.used(license.key, invited_too=world.knobs.invited_take_seats),
            }
            for license in account.licenses.values()
        },
        "groups": {group.name: str(group.key) for group in account.groups.values()},
    }  # fmt: skip


def show_user(world: World, account: Account, user: User) -> dict[str, Any]:
    return {
        "key": str(user.key),
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "locale": user.locale,
        "timeZone": user.time_zone,
        "status": user.status,
        "products": sorted(product for key in user.license_keys for product in account.licenses[key].products),
        "adminRoles": user.admin_roles,
        "groupKey": None if user.group_key is None else str(user.group_key),
        "identityReadOnly": is_read_only(world, account, user),
        "transfer": user.transfer,
        "accepted": user.accepted,
    }


def contoso(world: World) -> Account:
    return next(iter(world.goto.accounts.values()))


def find_user(world: World, call: Call) -> User:
    """Raises ControlError."""
    found = contoso(world).find(call.parameters["email"])
    if found is None:
        raise ControlError(404, f"Nobody in the account has the address {call.parameters['email']}.")
    return found


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    """What a person at the Admin Center might change; what is left out stays."""

    email: str | None = None
    firstName: str | None = None
    lastName: str | None = None
    locale: str | None = None
    products: list[str] | None = None
    adminRoles: list[str] | None = None
    identityReadOnly: bool | None = None
    accepted: bool | None = None


@ROUTES.on("POST", "/goto/users/{email}")
def edit_user(world: World, call: Call) -> Response:
    account, user = contoso(world), find_user(world, call)
    edit = msgspec.convert(call.json(), Edit)
    if edit.email is not None:
        account.rename(user, edit.email)
    if edit.products is not None:
        user.license_keys = [license_of(account, product) for product in edit.products]
    named = {
        "first_name": edit.firstName, "last_name": edit.lastName, "locale": edit.locale, "accepted": edit.accepted,
        "admin_roles": edit.adminRoles, "identity_read_only": edit.identityReadOnly,
    }  # fmt: skip
    for name, value in named.items():
        if value is not None:
            setattr(user, name, value)
    return Json(show_user(world, account, user))


@ROUTES.on("DELETE", "/goto/users/{email}")
def delete_user(world: World, call: Call) -> Response:
    contoso(world).remove(find_user(world, call), world.clock.now())
    return Response(status_code=204)


@ROUTES.on("PATCH", "/goto/licenses/{product}")
def change_license(world: World, call: Call) -> Response:
    license = contoso(world).licenses[license_of(contoso(world), call.parameters["product"])]
    changes = call.json()
    license.seats = msgspec.convert(changes.get("seats", license.seats), int)
    license.enabled = msgspec.convert(changes.get("enabled", license.enabled), bool)
    return show_goto(world, call)


@ROUTES.on("POST", "/goto/invitations/{email}")
def answer_invitation(world: World, call: Call) -> Response:
    """{"answer": "accept" | "decline"}; declining a transfer leaves a suspended user that holds its seat."""
    user, reply = find_user(world, call), call.json().get("answer")
    if reply == "accept":
        user.accepted, user.transfer = True, None
        if user.email.lower() in world.goto.elsewhere:
            world.goto.elsewhere.remove(user.email.lower())
    elif reply == "decline":
        user.transfer = "declined"
    else:
        raise ControlError(400, 'answer must be "accept" or "decline".')
    return Json(show_user(world, contoso(world), user))


@ROUTES.on("POST", "/goto/sign-ins/{email}")
def change_sign_in(world: World, call: Call) -> Response:
    """The body names fields of SignIn to set; {"revoke": true} ends all access tokens given out so far."""
    changes = call.json()
    if changes.pop("revoke", False):
        world.goto.revoked_before = world.clock.now()
    found = world.goto.sign_ins.get(call.parameters["email"].lower())
    if found is None:
        raise ControlError(404, f"{call.parameters['email']} cannot sign in.")
    world.goto.sign_ins[found.email.lower()] = msgspec.convert(msgspec.to_builtins(found) | changes, type(found))
    return Response(status_code=204)


@ROUTES.on("PATCH", "/goto/clients/{client_id}")
def change_client(world: World, call: Call) -> Response:
    """`secret`, `password_grant`, `admin_scope`, `redirect_uris`."""
    found = world.goto.clients.get(call.parameters["client_id"])
    if found is None:
        raise ControlError(404, "There is no such client.")
    changed = msgspec.convert(msgspec.to_builtins(found) | call.json(), type(found))
    world.goto.clients[found.client_id] = changed
    return Response(status_code=204)


def license_of(account: Account, product: str) -> int:
    """The key of the first licence for a product. Raises ControlError."""
    for key, license in sorted(account.licenses.items()):
        if product in license.products:
            return key
    raise ControlError(404, f"There is no licence for {product}.")
