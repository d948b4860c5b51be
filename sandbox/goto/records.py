"""How users and licences look in the Admin API's answers."""

from typing import Any

from sandbox.goto.accounts import Account, License, User
from sandbox.goto.service import key_shown
from sandbox.world import World

STATUS_SPELLINGS: dict[str, dict[str, str]] = {
    "upper": {"ACTIVE": "ACTIVE", "INVITED": "INVITED", "SUSPENDED": "SUSPENDED"},
    "lower": {"ACTIVE": "active", "INVITED": "invited", "SUSPENDED": "suspended"},
    "portal": {"ACTIVE": "Active", "INVITED": "Invite sent", "SUSPENDED": "Suspended"},
}


def user_record(world: World, account: Account, user: User) -> dict[str, Any]:
    group = account.groups.get(user.group_key) if user.group_key is not None else None
    record: dict[str, Any] = {
        "key": key_shown(world, user.key),
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "locale": user.locale,
        "timeZone": user.time_zone,
        "status": STATUS_SPELLINGS[world.knobs.status_spelling][user.status],
        "adminRoles": user.admin_roles,
        "roleSets": [],
        "products": [] if user.suspended else account.products_of(user),
        "identityReadOnly": is_read_only(world, account, user),
    }
    if world.knobs.read_license_keys == "always" or (
        world.knobs.read_license_keys == "unless suspended" and not user.suspended
    ):
        record["licenseKeys"] = [key_shown(world, key) for key in user.license_keys]
    if group is not None:
        record |= {"groupKey": key_shown(world, group.key), "groupName": group.name}
    return {name: value for name, value in record.items() if value is not None}


def search_record(world: World, account: Account, user: User) -> dict[str, Any]:
    """What a filter can look at."""
    group = account.groups.get(user.group_key) if user.group_key is not None else None
    return {
        "key": user.key,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "locale": user.locale,
        "status": STATUS_SPELLINGS[world.knobs.status_spelling][user.status],
        "groupKey": user.group_key,
        "groupName": group.name if group is not None else None,
    }


def is_read_only(world: World, account: Account, user: User) -> bool:
    """The identity is another's to change: it was marked so, or the person's primary account is another one."""
    primary = next(iter(world.goto.accounts_of(user.email)), account)
    return user.identity_read_only or primary.key != account.key


def license_record(world: World, account: Account, license: License) -> dict[str, Any]:
    holders = account.holders(license.key)
    return {
        "key": key_shown(world, license.key),
        "description": license.description,
        "type": "subscription",
        "channel": "direct",
        "products": license.products,
        "enabled": license.enabled,
        "seats": license.seats,
        "userCount": account.used(license.key, invited_too=world.knobs.invited_take_seats),
        "userKeys": [key_shown(world, user.key) for user in holders if user.status != "INVITED"],
        "invitedUserKeys": [key_shown(world, user.key) for user in holders if user.status == "INVITED"],
        "childLicenseKeys": [],
        "entitlements": {product.lower(): {"recordingProvisioned": True} for product in license.products},
    }
