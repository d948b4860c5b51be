"""What the page shows: each person beside the account that belongs to the same address."""

from dataclasses import dataclass, field

from sandbox.control.goto import contoso
from sandbox.entra.contoso import goto_meeting
from sandbox.entra.directory import DEFAULT_ACCESS, DirectoryObject
from sandbox.goto.accounts import User
from sandbox.world import World


@dataclass
class Row:
    person: DirectoryObject | None
    """None: the account belongs to nobody in the directory."""
    account: User | None
    roles: list[str] = field(default_factory=list)
    """Names of the roles the person has, with the group that gives it."""
    direct: bool = False
    deleted: bool = False


def rows(world: World, search: str, most: int) -> tuple[list[Row], int]:
    """(the first rows that contain the text, how many there are): the assigned, then strangers, then everybody else."""
    assigned = roles_by_person(world)
    direct = {item.principal for item in world.directory.assignments_to(goto_meeting(world.directory).id)}
    account = contoso(world)
    people = [
        Row(user, account.find(user.properties["userPrincipalName"]), assigned.get(user.id, []), user.id in direct)
        for user in world.directory.objects["user"].values()
        if contains(search, user.properties["displayName"], user.properties["userPrincipalName"])
    ]
    gone = [
        Row(item.object, account.find(item.object.properties["userPrincipalName"]), deleted=True)
        for item in world.directory.deleted.values()
        if item.object.kind == "user" and contains(search, item.object.properties["displayName"])
    ]
    known = {row.account.key for row in (*people, *gone) if row.account is not None}
    strangers = [
        Row(None, user)
        for user in account.users.values()
        if user.key not in known
        and world.directory.find_user(user.email) is None
        and contains(search, user.email, user.first_name, user.last_name)
    ]
    people.sort(key=lambda row: (not row.roles, row.account is None))
    found = [*(row for row in people if row.roles or row.account), *gone, *strangers]
    found += [row for row in people if not row.roles and not row.account]
    return found[:most], len(found)


def contains(search: str, *values: str | None) -> bool:
    return any(search.casefold() in (value or "").casefold() for value in values)


def roles_by_person(world: World) -> dict[str, list[str]]:
    """User id → roles of GoToMeeting, given directly or to a group of which the user is a direct member."""
    application = goto_meeting(world.directory)
    names = {role["id"]: role["displayName"] for role in application.properties["appRoles"]}
    names[DEFAULT_ACCESS] = "Default Access"
    found: dict[str, list[str]] = {}
    for assignment in world.directory.assignments_to(application.id):
        principal, name = world.directory.find(assignment.principal), names.get(assignment.role, "a removed role")
        if principal is not None and principal.kind == "group":
            for member in principal.links("members"):
                found.setdefault(member, []).append(f"{name} (through {principal.properties['displayName']})")
        elif principal is not None:
            found.setdefault(principal.id, []).append(name)
    return found
