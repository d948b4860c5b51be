"""The Admin API's users: list, read, create, update, delete.

Source: GoTo Developer, "Create User", "Update User", "How to create, update and delete account users via Admin API".
"""

import re
from typing import Any

from starlette.responses import Response

from sandbox.exchange import Json
from sandbox.goto.accounts import ROLES, SUPER_USER, User
from sandbox.goto.errors import AdminError, bad_request
from sandbox.goto.filters import parse_filter, raw_filter
from sandbox.goto.records import is_read_only, search_record, user_record
from sandbox.goto.service import BASE, ROUTES, Request, key_shown, page_of
from sandbox.letters import Letter

USERS = f"{BASE}/accounts/{{account}}/users"
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
LONGEST_NAME = 32
LONGEST_ADDRESS = 128
MOST_USERS = 25_000
IDENTITY = {"firstName": "first_name", "lastName": "last_name", "locale": "locale"}
LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}")


@ROUTES.on("GET", USERS)
def list_users(request: Request) -> Response:
    """Ordered by key; users made a moment ago may not be there yet."""
    request.require()
    world, account = request.world, request.account
    now, wait = world.clock.now(), world.knobs.invisible_seconds
    users = [user for _, user in sorted(account.users.items()) if now - user.created >= wait]
    condition = raw_filter(request.call.query_string)
    if condition is not None:
        fits = parse_filter(condition, ignore_case=world.knobs.email_filter_case == "ignored")
        users = [user for user in users if fits(search_record(world, account, user))]
    attributes = [name for name in request.call.query.get("attributes", "").split(",") if name]

    def show(user: User) -> dict[str, Any]:
        record = user_record(world, account, user)
        return {name: record[name] for name in attributes if name in record} if attributes else record

    return page_of(request, users, show)


@ROUTES.on("GET", f"{USERS}/{{user}}")
def read_user(request: Request) -> Response:
    request.require()
    return Json(user_record(request.world, request.account, find_user(request)))


@ROUTES.on("POST", USERS)
def create_users(request: Request) -> Response:
    """One or many; with `allOrNothing` a single conflict refuses them all, without it that one comes back keyless."""
    request.require("ADD_USERS", "MANAGE_USERS")
    body, knobs = request.call.json(), request.world.knobs
    wanted = body.get("users")
    if not isinstance(wanted, list) or not wanted:
        raise bad_request("users must be a list of at least one user.")
    if len(wanted) > knobs.array_maximum:
        raise AdminError(413, "too.many.users", f"At most {knobs.array_maximum} users can be created at once.")
    everything = request.call.query.get("allOrNothing", "true").lower() != "false"
    drafts = [draft(request, body, item) for item in wanted]
    conflicts = conflicting(request, drafts)
    if everything and any(conflicts):
        raise AdminError(409, "user.already.exists", "A user with this email address already exists.")
    created = [user for user, conflict in zip(drafts, conflicts, strict=True) if not conflict]
    check_seats(request, [key for user in created for key in user.license_keys])
    check_room(request, len(created))
    for user in created:
        admit(request, user, silent=body.get("suppressEmail") is True)
    answers = [created_record(request, user) for user in drafts]
    return Json(answers, knobs.create_status if everything else 200)


def created_record(request: Request, user: User) -> dict[str, Any]:
    """What the answer to a creation says of one address; one that was in use has no key."""
    return {"email": user.email} | ({"key": key_shown(request.world, user.key)} if user.key else {})


@ROUTES.on("PUT", f"{USERS}/{{user}}")
def update_user(request: Request) -> Response:
    """Only what the body names changes."""
    request.require("MANAGE_USERS", "MANAGE_SEATS")
    user, body = find_user(request), request.call.json()
    # Everything is checked before anything changes.
    changes = identity_changes(request, user, body)
    email = new_address(request, user, body)
    roles = new_roles(request, user, body)
    licenses = new_licenses(request, user, body)
    if "groupKey" in body:
        changes["group_key"] = checked_group(request, body["groupKey"])
    if "timeZone" in body:
        changes["time_zone"] = body["timeZone"]
    if licenses is not None:
        changes["license_keys"] = licenses
    for name, value in changes.items():
        setattr(user, name, value)
    if email is not None:
        request.account.rename(user, email)
    if roles is not None and sorted(roles) != sorted(user.admin_roles):
        user.admin_roles = roles
        send_letter(request, user, "roles changed", "Your GoTo admin roles have changed")
    status = request.world.knobs.update_status
    if status == 204:
        return Response(status_code=204)
    return Json(user_record(request.world, request.account, user), status)


@ROUTES.on("DELETE", f"{USERS}/{{user}}")
def delete_user(request: Request) -> Response:
    request.require("MANAGE_USERS")
    request.account.remove(find_user(request), request.world.clock.now())
    return Response(status_code=request.world.knobs.delete_status)


def find_user(request: Request) -> User:
    """Raises AdminError."""
    key = request.call.parameters["user"]
    found = request.account.users.get(int(key)) if key.isdigit() else None
    if found is None:
        raise AdminError(404, "user.not.found", f"There is no user {key} in this account.")
    return found


def draft(request: Request, body: dict[str, Any], wanted: Any) -> User:
    """The user that one element asks for, without a key. Raises AdminError."""
    if not isinstance(wanted, dict):
        raise bad_request("Each user is an object.")
    inside = request.world.knobs.create_license_field == "inside users"
    licenses = checked_licenses(request, (wanted if inside else body).get("licenseKeys", []))
    roles = checked_roles(request, body.get("adminRoles", []), held=[])
    if licenses:
        request.require("MANAGE_SEATS")
    if request.world.knobs.license_or_role_required and not licenses and not roles:
        raise bad_request("A license or an admin role is required.", "license.or.role.required")
    group = checked_group(request, body["groupKey"]) if body.get("groupKey") is not None else None
    return User(
        key=0,
        email=checked_address(wanted.get("email")),
        first_name=checked_name(wanted.get("firstName"), "firstName"),
        last_name=checked_name(wanted.get("lastName"), "lastName"),
        locale=checked_locale(wanted.get("locale", body.get("locale"))),
        time_zone=wanted.get("timeZone", body.get("timeZone")),
        admin_roles=roles,
        license_keys=licenses,
        group_key=group,
        created=request.world.clock.now(),
    )


def conflicting(request: Request, drafts: list[User]) -> list[bool]:
    """For each element, whether its address is taken in this account or by an element before it."""
    seen: set[str] = set()
    conflicts = []
    for user in drafts:
        address = user.email.lower()
        conflicts.append(address in seen or request.account.find(address) is not None)
        seen.add(address)
    return conflicts


def admit(request: Request, user: User, *, silent: bool) -> None:
    """Put a new user into the account, or invite the person where another account has the address."""
    account, now = request.account, request.world.clock.now()
    invited = request.world.goto.is_known_elsewhere(user.email, account)
    user.key = account.key_for(user.email, now)
    user.transfer = "pending" if invited else None
    account.add(user)
    if invited:
        send_letter(request, user, "transfer invitation", f"Move to the account {account.name}")
    elif not silent:
        send_letter(request, user, "welcome", "Welcome to GoTo")


def check_room(request: Request, more: int) -> None:
    if len(request.account.users) + more > MOST_USERS:
        raise bad_request(f"An account has at most {MOST_USERS} users.", "too.many.users")


def check_seats(request: Request, taking: list[int]) -> None:
    """Every seat is counted at once. Raises AdminError when one licence cannot seat those who would take it."""
    knobs = request.world.knobs
    for key in set(taking):
        license = request.account.licenses[key]
        held = request.account.used(key, invited_too=knobs.invited_take_seats)
        if held + taking.count(key) > license.seats:
            message = f"License {license.description} has no seats left."
            raise AdminError(knobs.seats_exhausted_status, knobs.seats_exhausted_code, message)


def identity_changes(request: Request, user: User, body: dict[str, Any]) -> dict[str, Any]:
    """The new names and locale. Raises AdminError where they are another account's to change."""
    named = [name for name in (*IDENTITY, "email") if name in body]
    if not named:
        return {}
    request.require("MANAGE_USERS")
    if is_read_only(request.world, request.account, user):
        raise AdminError(403, "identity.read.only", "The identity of this user belongs to another account.")
    checks = {"firstName": checked_name, "lastName": checked_name}
    changes = {IDENTITY[name]: check(body[name], name) for name, check in checks.items() if name in body}
    return changes | ({"locale": checked_locale(body["locale"])} if "locale" in body else {})


def new_address(request: Request, user: User, body: dict[str, Any]) -> str | None:
    """None: it stays. Raises AdminError."""
    if "email" not in body:
        return None
    address = checked_address(body["email"])
    present = request.account.find(address)
    if present is not None and present is not user:
        raise AdminError(409, "user.already.exists", "A user with this email address already exists.")
    if address.lower() != user.email.lower() and request.world.goto.is_known_elsewhere(address, request.account):
        raise AdminError(409, "user.already.exists", "This email address is used in another account.")
    return address


def new_roles(request: Request, user: User, body: dict[str, Any]) -> list[str] | None:
    """None: they stay. Raises AdminError."""
    if "adminRoles" not in body:
        return None
    roles = checked_roles(request, body["adminRoles"], held=user.admin_roles)
    if sorted(roles) != sorted(user.admin_roles):
        request.require("MANAGE_USERS")
    return roles


def new_licenses(request: Request, user: User, body: dict[str, Any]) -> list[int] | None:
    """The licences that take the place of the user's; None: they stay. Raises AdminError."""
    field = request.world.knobs.update_license_field
    if field not in body:
        return None
    licenses = checked_licenses(request, body[field])
    if sorted(licenses) != sorted(user.license_keys):
        request.require("MANAGE_SEATS")
    check_seats(request, [key for key in licenses if key not in user.license_keys])
    return licenses


def checked_address(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or not ADDRESS.fullmatch(value):
        raise bad_request(f"Invalid email address: {value!r}", "invalid.email")
    return value


def checked_name(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME:
        raise bad_request(f"{name} must have 1 to {LONGEST_NAME} characters.", f"invalid.{name.lower()}")
    return value


def checked_locale(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and LOCALE.fullmatch(value)):
        raise bad_request(f"Invalid locale: {value!r}", "invalid.locale")
    return value


def checked_roles(request: Request, value: Any, held: list[str]) -> list[str]:
    """Raises AdminError for a role that does not exist, or that the caller may not give."""
    if not isinstance(value, list) or any(role not in ROLES for role in value):
        raise bad_request(f"Invalid admin roles: {value!r}", "invalid.role")
    own = request.user.admin_roles
    for role in set(value).symmetric_difference(held):
        if SUPER_USER not in own and role not in own:
            raise AdminError(403, "not.authorized", f"You may not give or take the role {role}.")
    return list(dict.fromkeys(value))


def checked_licenses(request: Request, value: Any) -> list[int]:
    """The keys as whole numbers, each once; texts are understood too. Raises AdminError."""
    if not isinstance(value, list):
        raise bad_request("licenseKeys must be a list.", "invalid.license")
    keys = [int(key) for key in value if str(key).isdigit()]
    licenses = request.account.licenses
    if len(keys) != len(value) or any(key not in licenses or not licenses[key].enabled for key in keys):
        raise bad_request(f"Invalid license keys: {value!r}", "invalid.license")
    return list(dict.fromkeys(keys))


def checked_group(request: Request, value: Any) -> int | None:
    """Raises AdminError."""
    if value is None:
        return None
    if not str(value).isdigit() or int(value) not in request.account.groups:
        raise AdminError(404, "group.not.found", f"There is no group {value}.")
    return int(value)


def send_letter(request: Request, user: User, kind: str, subject: str) -> None:
    """Into the outbox that tests can read."""
    sender, now = "noreply@goto.example", request.world.clock.now()
    letter = Letter(0, now, "goto", sender, [user.email], subject, text=f"Hello {user.first_name},", kind=kind)
    request.world.state.mailbox.take(letter)
