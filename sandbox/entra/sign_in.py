"""Administrators sign in: the authorization-code flow with PKCE, whose page asks only who one wants to be.

Source: Microsoft identity platform, "OAuth 2.0 authorization code flow", "ID tokens".
"""

import base64
import hashlib
import secrets
from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.entra.applications import Application, Code
from sandbox.entra.directory import DirectoryObject
from sandbox.entra.token_service import TokenError, access_token, check_tenant, prove_application
from sandbox.exchange import Call, Json
from sandbox.world import World

CODE_SECONDS = 300
MOST_OFFERED = 50
CARRIED = ("client_id", "redirect_uri", "state", "nonce", "scope", "response_type", "code_challenge",
           "code_challenge_method")  # fmt: skip
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in to your account</title></head><body>
<h1>Sign in to {application}</h1><form method="post">{hidden}<label>Pick an account
<select name="user">{options}</select></label> <button>Next</button></form></body></html>"""


def authorize(world: World, call: Call) -> Response:
    """The page that offers the people to be. Raises TokenError where the browser must not be sent back."""
    application = asked_application(world, call, call.query)
    hint = call.query.get("login_hint", "")
    users = [*assigned_users(world, application), *world.directory.objects["user"].values()]
    offered = list({user.id: user for user in users if user.properties["accountEnabled"]}.values())[:MOST_OFFERED]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(call.query[name])}">'
        for name in CARRIED
        if name in call.query
    )
    options = "".join(option(user, hint) for user in offered)
    return HTMLResponse(PAGE.format(application=escape(application.display_name), hidden=hidden, options=options))


def option(user: DirectoryObject, hint: str) -> str:
    name = user.properties["userPrincipalName"]
    selected = " selected" if name == hint else ""
    label = f"{user.properties['displayName']} ({name})"
    return f'<option value="{escape(name)}"{selected}>{escape(label)}</option>'


def choose(world: World, call: Call) -> Response:
    """Send the browser back with a code. Raises TokenError."""
    asked = call.form
    application = asked_application(world, call, asked)
    user = world.directory.find_user(asked.get("user", ""))
    if user is None or not user.properties["accountEnabled"]:
        raise TokenError(50057, "access_denied", "The user account is disabled or does not exist.")
    if user.id not in {assigned.id for assigned in assigned_users(world, application)}:
        message = f"The signed in user is not assigned to a role for the application '{application.client_id}'."
        raise TokenError(50105, "access_denied", message)
    code = Code(
        application.client_id,
        asked["redirect_uri"],
        user.id,
        asked.get("nonce"),
        asked.get("code_challenge"),
        world.clock.now(),
    )
    text = secrets.token_urlsafe(32)
    world.codes[text] = code
    parameters = {"code": text} | ({"state": asked["state"]} if "state" in asked else {})
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(parameters)}", 302)


def asked_application(world: World, call: Call, asked: dict[str, str]) -> Application:
    """Raises TokenError."""
    check_tenant(world, call.parameters["tenant"])
    application = world.state.applications.get(asked.get("client_id", ""))
    if application is None:
        raise TokenError(700016, "unauthorized_client", "The application was not found in the directory 'Contoso'.")
    if asked.get("redirect_uri") not in application.redirect_uris:
        message = f"The redirect URI '{asked.get('redirect_uri')}' does not match the redirect URIs of the application."
        raise TokenError(50011, "invalid_request", message)
    if asked.get("response_type") != "code":
        raise TokenError(900144, "invalid_request", "The request must contain response_type=code.")
    return application


def redeem(world: World, call: Call) -> Response:
    """Tokens for a code, which is good for one request. Raises TokenError."""
    check_tenant(world, call.parameters["tenant"])
    application = prove_application(world, call)
    code = world.codes.pop(call.form.get("code", ""), None)
    if code is None or code.client_id != application.client_id or world.clock.now() - code.issued > CODE_SECONDS:
        raise TokenError(70008, "invalid_grant", "The provided authorization code is invalid, used or expired.")
    if call.form.get("redirect_uri") != code.redirect_uri:
        raise TokenError(500112, "invalid_grant", "The reply address does not match that of the request.")
    if code.challenge is not None and challenge_of(call.form.get("code_verifier", "")) != code.challenge:
        raise TokenError(501481, "invalid_grant", "The code verifier does not match the code challenge.")
    user = world.directory.find_user(code.user)
    if user is None:
        raise TokenError(50034, "invalid_grant", "The user account does not exist.")
    lifetime = world.knobs.access_token_seconds
    return Json(
        {
            "token_type": "Bearer",
            "scope": call.form.get("scope", "openid profile"),
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": access_token(world, application, lifetime),
            "id_token": id_token(world, call, application, user, code.nonce),
        }
    )


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def id_token(world: World, call: Call, application: Application, user: DirectoryObject, nonce: str | None) -> str:
    now, tenant = int(world.clock.now()), world.directory.tenant_id
    claims = {
        "aud": application.client_id,
        "iss": f"{call.base}/{tenant}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "sub": hashlib.sha256(f"{application.client_id}/{user.id}".encode()).hexdigest()[:43],
        "oid": user.id,
        "tid": tenant,
        "name": user.properties["displayName"],
        "preferred_username": user.properties["userPrincipalName"],
        "ver": "2.0",
    }
    roles = roles_of(world, application, user)
    optional = {"nonce": nonce, "roles": roles or None}
    return world.signing_key.sign(claims | {name: value for name, value in optional.items() if value is not None})


def own_principal(world: World, application: Application) -> DirectoryObject | None:
    """The application as the directory knows it."""
    principals = world.directory.objects["servicePrincipal"].values()
    return next((item for item in principals if item.properties["appId"] == application.client_id), None)


def assigned_users(world: World, application: Application) -> list[DirectoryObject]:
    """Everybody with an assignment, of their own or through a group."""
    resource = own_principal(world, application)
    if resource is None:
        return []
    users: dict[str, DirectoryObject] = {}
    for assignment in world.directory.assignments_to(resource.id):
        principal = world.directory.find(assignment.principal)
        if principal is not None:
            members = [principal] if principal.kind == "user" else world.directory.linked(principal, "members")
            users.update((member.id, member) for member in members if member.kind == "user")
    return list(users.values())


def roles_of(world: World, application: Application, user: DirectoryObject) -> list[str]:
    """Values of the app roles given to the user, or to a group that the user is a direct member of."""
    resource = own_principal(world, application)
    if resource is None:
        return []
    values = {role["id"]: role["value"] for role in resource.properties["appRoles"]}
    groups = {group.id for group in world.directory.objects["group"].values() if user.id in group.links("members")}
    held = [item.role for item in world.directory.assignments_to(resource.id) if item.principal in {user.id, *groups}]
    return sorted({values[role] for role in held if values.get(role)})
