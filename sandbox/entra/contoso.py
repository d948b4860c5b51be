"""Contoso's tenant as it is before anybody has touched it."""

import random
from itertools import islice
from typing import Any

from sandbox.clock import iso
from sandbox.entra.applications import ALL_PERMISSIONS, Application
from sandbox.entra.directory import DEFAULT_ACCESS, Directory, DirectoryObject
from sandbox.entra.people import people
from sandbox.identifiers import guid, secret

DOMAIN = "contoso.example"
FOUNDED = 1_735_722_000.0  # 2025-01-01T09:00:00Z
EVERYBODY = "All company"
GROUP_NAMES = (
    "Sales", "Marketing", "Finance", "Engineering", "Customer Support", "Human Resources", "Operations", "Legal",
    "Training", "IT", "GoToMeeting organizers", EVERYBODY, "Amsterdam office", "Works council", "Project Atlas",
    "Project Borealis", "Executive board", "Reception", "Night shift", "Contractors",
)  # fmt: skip
PORTAL = "Rollcall"
ODD_EVERY = 17
MANAGED_BY_ONE = 12
LARGEST_CIRCLE = 60


def application_roles(seed: str) -> list[dict[str, Any]]:
    """The app roles of GoToMeeting in this tenant; the names are the tenant's own."""
    described = (
        ("User", "User", "May host meetings"),
        ("Organizer Plus", "webinar", "May host meetings and webinars"),
        ("msiam_access", "", "Signs in only"),
    )
    return [
        {
            "id": guid(seed, "role", name), "displayName": name, "value": value or None, "description": description,
            "isEnabled": True, "allowedMemberTypes": ["User"], "origin": "Application",
        }
        for name, value, description in described
    ]  # fmt: skip


def gallery(seed: str) -> list[dict[str, Any]]:
    """Graph's applicationTemplates, as far as this tenant needs them."""
    named = (
        ("GoToMeeting", "LogMeIn", "collaboration"),
        ("GoTo", "GoTo", "collaboration"),
        ("Example Wiki", "Fabrikam", "content"),
    )
    return [
        {
            "id": guid(seed, "template", name), "displayName": name, "publisher": publisher, "categories": [category],
            "description": f"{name} by {publisher}", "homePageUrl": "https://www.example.com",
            "supportedProvisioningTypes": ["sync"], "supportedSingleSignOnModes": ["saml"], "logoUrl": None,
        }
        for name, publisher, category in named
    ]  # fmt: skip


def registrations(seed: str) -> dict[str, Application]:
    """The app registration of whoever reads this directory. It stays the same over every reset."""
    client_id = guid(seed, "client")
    application = Application(client_id, PORTAL, secret(seed, "client secret"), permissions=list(ALL_PERMISSIONS))
    return {client_id: application}


def portal_roles(seed: str) -> list[dict[str, Any]]:
    """The roles of the portal's administrators."""
    return [
        {
            "id": guid(seed, "portal role", name), "displayName": name, "value": f"Provisioning.{name}",
            "description": f"{name} of the portal", "isEnabled": True, "allowedMemberTypes": ["User"],
            "origin": "Application",
        }
        for name in ("Admin", "Operator", "Reader")
    ]  # fmt: skip


def found_directory(seed: str, tenant_id: str, portal_client_id: str) -> Directory:
    """A tenant with its enterprise applications and without people."""
    directory = Directory(tenant_id, DOMAIN, seed)
    templates = {template["displayName"]: template["id"] for template in gallery(seed)}
    add_application(directory, "GoToMeeting", application_roles(seed), templates["GoToMeeting"])
    wiki_roles = [role | {"id": guid(seed, "wiki role", role["displayName"])} for role in application_roles(seed)[:1]]
    add_application(directory, "Example Wiki", wiki_roles, templates["Example Wiki"])
    add_application(directory, "Travel Expenses", [], None)
    add_application(directory, PORTAL, portal_roles(seed), None, app_id=portal_client_id)
    return directory


def add_application(
    directory: Directory, name: str, roles: list[dict[str, Any]], template_id: str | None, app_id: str | None = None
) -> DirectoryObject:
    app_id = app_id or guid(directory.seed, "app", name)
    properties = {
        "appId": app_id, "displayName": name, "appDisplayName": name, "accountEnabled": True, "appRoles": roles,
        "appRoleAssignmentRequired": True, "applicationTemplateId": template_id, "servicePrincipalType": "Application",
        "servicePrincipalNames": [app_id], "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "createdDateTime": iso(FOUNDED),
    }  # fmt: skip
    return directory.add("servicePrincipal", properties, guid(directory.seed, "servicePrincipal", name))


def settle(directory: Directory, users: int, groups: int) -> None:
    """Bring in the people and the groups, and give out the application."""
    dice = random.Random(directory.seed)
    created = iso(FOUNDED)
    staff = [
        directory.add("user", properties | {"createdDateTime": created})
        for properties in islice(people(dice, directory.domain), users)
    ]
    make_odd_ones(staff[::ODD_EVERY][1:], directory)
    appoint_managers(directory, staff)
    circles = gather_groups(directory, staff, groups)
    give_out(directory, staff, circles)


def is_plain(user: DirectoryObject) -> bool:
    """Somebody whom nothing keeps from being provisioned."""
    return bool(user.properties["accountEnabled"]) and user.properties["userType"] == "Member"


def make_odd_ones(chosen: list[DirectoryObject], directory: Directory) -> None:
    """One in three blocked, one in three a guest, one in three without a surname."""
    for index, user in enumerate(chosen):
        if index % 3 == 0:
            directory.change(user, {"accountEnabled": False})
        elif index % 3 == 1:
            outside = (
                user.properties["mail"].replace(f"@{directory.domain}", "_fabrikam.example#EXT#")
                + f"@{directory.domain}"
            )
            mail = user.properties["mail"].replace(directory.domain, "fabrikam.example")
            directory.change(
                user, {"userType": "Guest", "userPrincipalName": outside, "mail": mail, "employeeId": None}
            )
        else:
            directory.change(user, {"surname": None})


def appoint_managers(directory: Directory, staff: list[DirectoryObject]) -> None:
    """Twelve people to a manager, in as many layers as it takes."""
    for index, user in enumerate(staff[1:], start=1):
        directory.link(user, "manager", staff[(index - 1) // MANAGED_BY_ONE].id)


def gather_groups(directory: Directory, staff: list[DirectoryObject], count: int) -> list[DirectoryObject]:
    """The departments first, then groups across them; one group contains another."""
    dice = random.Random(f"{directory.seed}/groups")
    departments: dict[str, list[DirectoryObject]] = {}
    for user in staff:
        departments.setdefault(user.properties["department"], []).append(user)
    circles = []
    for index in range(count):
        name = GROUP_NAMES[index] if index < len(GROUP_NAMES) else f"Team {index - len(GROUP_NAMES) + 1}"
        circle = directory.add("group", group_properties(directory, name))
        members = members_of(dice, staff, departments, name)
        for member in members:
            directory.link(circle, "members", member.id)
        if members:
            directory.link(circle, "owners", members[0].id)
        circles.append(circle)
    if len(circles) > 2:
        directory.link(circles[-1], "members", circles[0].id)
    return circles


def members_of(
    dice: random.Random, staff: list[DirectoryObject], departments: dict[str, list[DirectoryObject]], name: str
) -> list[DirectoryObject]:
    """A department's people, everybody, or some from all over the company."""
    if name in departments:
        return departments[name]
    if name == EVERYBODY or not staff:
        return staff
    return dice.sample(staff, dice.randint(1, min(len(staff), LARGEST_CIRCLE)))


def group_properties(directory: Directory, name: str) -> dict[str, Any]:
    nickname = "".join(letter for letter in name if letter.isalnum())
    return {
        "displayName": name, "description": f"{name} of Contoso", "mailNickname": nickname, "mailEnabled": False,
        "securityEnabled": True, "groupTypes": [], "mail": None, "createdDateTime": iso(FOUNDED),
    }  # fmt: skip


def give_out(directory: Directory, staff: list[DirectoryObject], circles: list[DirectoryObject]) -> None:
    """GoToMeeting for some people directly, for some through groups, and as Default Access for a few."""
    application = goto_meeting(directory)
    user_role, plus_role = [role["id"] for role in application.properties["appRoles"][:2]]
    plain = [user for user in staff if is_plain(user) and user.properties["surname"]]
    portal = directory.objects["servicePrincipal"][guid(directory.seed, "servicePrincipal", PORTAL)]
    for user, portal_role in zip(plain, portal.properties["appRoles"], strict=False):
        directory.assign(user.id, portal.id, portal_role["id"], iso(FOUNDED))
    for user in plain[: max(1, len(plain) // 10)]:
        directory.assign(user.id, application.id, user_role, iso(FOUNDED))
    for user in plain[5:8]:
        directory.assign(user.id, application.id, plus_role, iso(FOUNDED))
    for user in plain[-3:]:
        directory.assign(user.id, application.id, DEFAULT_ACCESS, iso(FOUNDED))
    for circle, role in zip(circles[:3], (user_role, user_role, plus_role), strict=False):
        keep_plain_members(directory, circle)
        directory.assign(circle.id, application.id, role, iso(FOUNDED))


def keep_plain_members(directory: Directory, circle: DirectoryObject) -> None:
    """Nobody who could not be provisioned is entitled to begin with."""
    for member in list(directory.linked(circle, "members")):
        if member.kind == "user" and not (is_plain(member) and member.properties["surname"]):
            directory.unlink(circle, "members", member.id)


def goto_meeting(directory: Directory) -> DirectoryObject:
    return directory.objects["servicePrincipal"][guid(directory.seed, "servicePrincipal", "GoToMeeting")]
