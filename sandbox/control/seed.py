"""People, groups, assignments and accounts from one JSON body, without going through Graph or the Admin API."""

import random
from itertools import islice
from typing import Any, Literal

import msgspec
from starlette.responses import Response

from sandbox.clock import iso
from sandbox.control.goto import license_of
from sandbox.control.service import ROUTES, ControlError
from sandbox.entra.contoso import group_properties
from sandbox.entra.directory import DEFAULT_ACCESS, Directory, DirectoryObject
from sandbox.entra.people import latin, people
from sandbox.exchange import Call, Json
from sandbox.goto.accounts import Account, SignIn, User
from sandbox.world import World

DEFAULT_ACCESS_NAME = "Default Access"


class NewGroup(msgspec.Struct, forbid_unknown_fields=True):
    displayName: str
    members: list[str] = []
    """Ids, user principal names, or display names of groups."""
    id: str | None = None


class NewAssignment(msgspec.Struct, forbid_unknown_fields=True):
    principal: str
    """Id, user principal name, or display name of a group."""
    role: str = "User"
    """Id, value or display name of an app role, or "Default Access"."""
    application: str = "GoToMeeting"


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """A user of the GoTo account."""

    email: str
    firstName: str = "Test"
    lastName: str = "User"
    products: list[str] = []
    adminRoles: list[str] = []
    locale: str | None = None
    accepted: bool = True
    identityReadOnly: bool = False
    transfer: Literal["pending", "declined"] | None = None
    account: str = "Contoso Meetings"
    """The account's name; "Fabrikam" is the other one."""


class Seed(msgspec.Struct, forbid_unknown_fields=True):
    people: int = 0
    """So many generated users."""
    users: list[dict[str, Any]] = []
    """Graph properties; "manager" may be an id or a user principal name. Names and addresses follow from each other."""
    groups: list[NewGroup] = []
    assignments: list[NewAssignment] = []
    accounts: list[NewAccount] = []
    sign_ins: list[SignIn] = []
    elsewhere: list[str] = []
    """Addresses that are known in a GoTo account outside this world."""


@ROUTES.on("POST", "/seed")
def seed(world: World, call: Call) -> Response:
    """Everything in the order of Seed's fields; answers the ids and keys of what was added."""
    wanted = msgspec.convert(call.json(), Seed)
    directory, now = world.directory, iso(world.clock.now())
    generated = add_people(directory, wanted.people, now)
    added = [directory.add("user", completed(directory, user, now), user.get("id")) for user in wanted.users]
    for user, properties in zip(added, wanted.users, strict=True):
        if properties.get("manager"):
            directory.link(user, "manager", principal(directory, properties["manager"]).id)
    groups = [directory.add("group", group_properties(directory, item.displayName), item.id) for item in wanted.groups]
    for group, item in zip(groups, wanted.groups, strict=True):
        for member in item.members:
            directory.link(group, "members", principal(directory, member).id)
    assignments = [assign(directory, item, now) for item in wanted.assignments]
    accounts = [add_account(world, item) for item in wanted.accounts]
    world.goto.sign_ins.update({sign_in.email.lower(): sign_in for sign_in in wanted.sign_ins})
    world.goto.elsewhere += [address.lower() for address in wanted.elsewhere]
    return Json(
        {
            "users": {user.properties["userPrincipalName"]: user.id for user in (*generated, *added)},
            "groups": {group.properties["displayName"]: group.id for group in groups},
            "assignments": assignments,
            "accounts": {user.email: str(user.key) for user in accounts},
        }
    )


def add_people(directory: Directory, count: int, now: str) -> list[DirectoryObject]:
    dice = random.Random(f"{directory.seed}/{directory.number}")
    new = (
        person for person in people(dice, directory.domain) if directory.find_user(person["userPrincipalName"]) is None
    )
    return [directory.add("user", person | {"createdDateTime": now}) for person in islice(new, count)]


def completed(directory: Directory, wanted: dict[str, Any], now: str) -> dict[str, Any]:
    """A user's properties with those that can be told from the others. Raises ControlError for a name that is taken."""
    properties = {name: value for name, value in wanted.items() if name not in ("id", "manager")}
    given, surname = properties.get("givenName"), properties.get("surname")
    display = properties.get("displayName") or " ".join(filter(None, (given, surname))) or "Nameless"
    if "displayName" in properties and given is None and surname is None:
        given, _, surname = display.partition(" ")
    local = ".".join(filter(None, (latin(given or ""), latin(surname or "")))) or "nameless"
    address = properties.get("userPrincipalName", f"{local}@{directory.domain}")
    if directory.find_user(address) is not None:
        raise ControlError(409, f"There is a user {address} already.")
    defaults = {
        "userPrincipalName": address, "displayName": display, "givenName": given, "surname": surname or None,
        "mail": address, "mailNickname": address.split("@")[0], "accountEnabled": True, "userType": "Member",
        "createdDateTime": now,
    }  # fmt: skip
    return defaults | properties


def principal(directory: Directory, name: str) -> DirectoryObject:
    """By id, user principal name, or display name of a group. Raises ControlError."""
    found = directory.find_user(name) or directory.find(name)
    if found is not None:
        return found
    for group in directory.objects["group"].values():
        if group.properties["displayName"] == name:
            return group
    raise ControlError(404, f"There is no user or group {name}.")


def assign(directory: Directory, wanted: NewAssignment, now: str) -> str:
    """The id of the assignment. Raises ControlError."""
    for application in directory.objects["servicePrincipal"].values():
        if wanted.application in (application.id, application.properties["displayName"]):
            role = role_of(application, wanted.role)
            return directory.assign(principal(directory, wanted.principal).id, application.id, role, now).id
    raise ControlError(404, f"There is no application {wanted.application}.")


def role_of(application: DirectoryObject, name: str) -> str:
    """The id of a role. Raises ControlError."""
    if name in (DEFAULT_ACCESS, DEFAULT_ACCESS_NAME):
        return DEFAULT_ACCESS
    for role in application.properties["appRoles"]:
        if name in (role["id"], role["value"], role["displayName"]):
            return str(role["id"])
    raise ControlError(404, f"{application.properties['displayName']} has no role {name}.")


def find_account(world: World, name: str) -> Account:
    """Raises ControlError."""
    for account in world.goto.accounts.values():
        if account.name == name:
            return account
    raise ControlError(404, f"There is no GoTo account {name}.")


def add_account(world: World, wanted: NewAccount) -> User:
    """Raises ControlError."""
    account, now = find_account(world, wanted.account), world.clock.now()
    if account.find(wanted.email) is not None:
        raise ControlError(409, f"{wanted.email} is in the account already.")
    user = User(
        key=account.key_for(wanted.email, now),
        email=wanted.email,
        first_name=wanted.firstName,
        last_name=wanted.lastName,
        locale=wanted.locale,
        admin_roles=wanted.adminRoles,
        license_keys=[license_of(account, product) for product in wanted.products],
        identity_read_only=wanted.identityReadOnly,
        accepted=wanted.accepted,
        transfer=wanted.transfer,
    )
    account.add(user)
    return user
