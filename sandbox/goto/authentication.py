"""GoTo's token endpoints and consent page.

Source: GoTo Developer, "How to Use Direct Login", "How to Use Refresh Tokens", "How to obtain an OAuth access token".
"""

import base64
import binascii
import hashlib
import uuid
from html import escape
from typing import Any
from urllib.parse import unquote_plus, urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.exchange import Call, Json, Routes
from sandbox.goto.accounts import Client, SignIn
from sandbox.goto.errors import OAuthError
from sandbox.goto.tokens import ACCESS_SECONDS, Token, lifetime
from sandbox.world import World

OLDEST = "/oauth/access_token"
CONSENT_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>GoTo: sign in</title></head><body>
<h1>Sign in to GoTo</h1><p>{client} wants to manage the users of your account.</p><p role="alert">{problem}</p>
<form method="post"><label>Email <input name="username" value="{email}"></label>
<label>Password <input name="password" type="password"></label>{hidden}
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>
</body></html>"""
CARRIED = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "response_type")


def answer(world: World, call: Call) -> Response:
    routes: Routes[Any] = ROUTES
    handler = routes.find(call)
    if handler is None:
        return Json({"error": "not_found"}, 404)
    try:
        answered: Response = handler(world, call)
    except OAuthError as error:
        if call.path == OLDEST:
            return Json({"int_err_code": error.error, "msg": error.description}, 400)
        return Json({"error": error.error, "error_description": error.description}, error.status)
    return answered


def give_token(world: World, call: Call) -> Response:
    """Raises OAuthError."""
    client = prove_client(world, call)
    grant = call.form.get("grant_type")
    if grant is None:
        raise OAuthError(400, "invalid_request", "Missing parameter: grant_type")
    if grant == "password":
        return token_answer(world, call, client, check_password(world, call, client), rotated=True)
    if grant == "refresh_token":
        return refresh(world, call, client)
    if grant == "authorization_code":
        return redeem(world, call, client)
    raise OAuthError(400, "unsupported_grant_type", f"Unsupported grant type: {grant}")


def prove_client(world: World, call: Call) -> Client:
    """The client of the Basic header or the body. Raises OAuthError."""
    client_id, secret = shown_client(call)
    client = world.goto.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "invalid_client", "client not found")
    by_pkce = call.form.get("grant_type") == "authorization_code" and bool(call.form.get("code_verifier"))
    if call.path == OLDEST or (not secret and by_pkce):
        return client
    if secret != client.secret:
        raise OAuthError(401, "invalid_client", "client authentication failed")
    return client


def shown_client(call: Call) -> tuple[str, str]:
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return call.form.get("client_id", ""), call.form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)


def check_password(world: World, call: Call, client: Client) -> SignIn:
    """Raises OAuthError."""
    if not (client.password_grant and world.knobs.password_grant):
        raise OAuthError(400, "unauthorized_client", "This client may not use the password grant.")
    username = call.form.get("username") or call.form.get("user_id", "")
    password = call.form.get("password", "")
    if not username or not password:
        raise OAuthError(400, "invalid_request", "Missing parameter: username or password")
    sign_in = find_sign_in(world, username, password)
    if sign_in is None:
        status, _, error = world.knobs.wrong_password.partition(" ")
        raise OAuthError(int(status), error, "Invalid username or password.")
    if sign_in.obstacle is not None:
        descriptions = {
            "locked": "The account is locked.",
            "company sign-in": "This user must sign in through the company's identity provider.",
            "second factor": "A second factor is required.",
        }
        raise OAuthError(400, "invalid_grant", descriptions[sign_in.obstacle])
    return sign_in


def find_sign_in(world: World, username: str, password: str) -> SignIn | None:
    found = world.goto.sign_ins.get(username.lower())
    return found if found is not None and found.password == password else None


def refresh(world: World, call: Call, client: Client) -> Response:
    """Raises OAuthError."""
    token = usable(world, call.form.get("refresh_token", ""), "refresh", client)
    if world.knobs.refresh_mode == "rotate":
        world.goto.revoked[token.identifier] = world.clock.now()
    sign_in = world.goto.sign_ins.get(token.email.lower())
    if sign_in is None:
        raise OAuthError(400, "invalid_grant", "The refresh token is invalid.")
    mode = world.knobs.refresh_mode
    same = call.form["refresh_token"] if mode == "same" else None
    return token_answer(world, call, client, sign_in, rotated=mode == "rotate", same=same)


def redeem(world: World, call: Call, client: Client) -> Response:
    """Turn a code into tokens; a code works once. Raises OAuthError."""
    code = usable(world, call.form.get("code", ""), "code", client)
    world.goto.revoked[code.identifier] = world.clock.now()
    if code.redirect_uri and call.form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise OAuthError(400, "invalid_grant", "The redirect_uri does not match.")
    if code.challenge and challenge_of(call.form.get("code_verifier", "")) != code.challenge:
        raise OAuthError(400, "invalid_grant", "The code verifier does not match.")
    return token_answer(world, call, client, world.goto.sign_ins[code.email.lower()], rotated=True)


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def usable(world: World, text: str, kind: str, client: Client) -> Token:
    """The token, unless it is forged, expired, used up or another client's. Raises OAuthError."""
    field = "refresh_token" if kind == "refresh" else "code"
    if not text:
        raise OAuthError(400, "invalid_request", f"Missing parameter: {field}")
    token = world.goto_tokens.read(text)
    if token is None or token.kind != kind or token.client_id != client.client_id or not is_valid(world, token):
        raise OAuthError(400, "invalid_grant", f"The {field.replace('_', ' ')} is invalid, expired or revoked.")
    return token


def is_valid(world: World, token: Token) -> bool:
    """Neither expired nor revoked."""
    if token.kind == "access" and token.issued < world.goto.revoked_before:
        return False
    return token.identifier not in world.goto.revoked and world.clock.now() - token.issued < lifetime(token)


def token_answer(
    world: World, call: Call, client: Client, sign_in: SignIn, *, rotated: bool, same: str | None = None
) -> Response:
    """The answer of this generation; `rotated` adds a new refresh token, `same` hands one back."""
    access = new_token(world, "access", sign_in, client)
    seconds: int | str = ACCESS_SECONDS
    if world.knobs.expires_in == "string" or call.path == OLDEST:
        seconds = str(seconds)
    body: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": seconds}
    if rotated or same is not None:
        body["refresh_token"] = same or new_token(world, "refresh", sign_in, client)
    if world.knobs.answer_generation == "legacy" or call.path == OLDEST:
        return Json(body | legacy_facts(world, sign_in))
    return Json(body | {"scope": "identity: collab:", "principal": sign_in.email})


def legacy_facts(world: World, sign_in: SignIn) -> dict[str, Any]:
    account = next(iter(world.goto.accounts_of(sign_in.email)), None)
    user = account.find(sign_in.email) if account is not None else None
    if account is None or user is None:
        return {"account_key": "", "account_type": "", "email": sign_in.email, "platform": "GLOBAL", "version": "3"}
    return {
        "organizer_key": str(user.key), "account_key": str(account.key), "account_type": "corporate",
        "firstName": user.first_name, "lastName": user.last_name, "email": user.email,
        "platform": "GLOBAL", "version": "3",
    }  # fmt: skip


def new_token(world: World, kind: Any, sign_in: SignIn, client: Client, **asked: str) -> str:
    token = Token(kind, uuid.uuid4().hex, sign_in.email, client.client_id, world.clock.now(), **asked)
    return world.goto_tokens.write(token)


def consent_page(world: World, call: Call) -> Response:
    return show_consent(world, call, call.query, "", 200)


def show_consent(world: World, call: Call, asked: dict[str, str], problem: str, status: int) -> Response:
    """Raises OAuthError where the browser must not be sent back."""
    client = world.goto.clients.get(asked.get("client_id", ""))
    if client is None:
        raise OAuthError(401, "invalid_client", "client not found")
    wanted = asked.get("redirect_uri")
    if wanted and not wanted.startswith(tuple(client.redirect_uris)):
        raise OAuthError(400, "invalid_request", "The redirect_uri is not registered.")
    if asked.get("response_type") != "code":
        raise OAuthError(400, "unsupported_response_type", "Only response_type=code is supported.")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in CARRIED if name in asked
    )
    email = escape(asked.get("username", ""))
    page = CONSENT_PAGE.format(client=escape(client.client_id), problem=problem, email=email, hidden=hidden)
    return HTMLResponse(page, status)


def decide_consent(world: World, call: Call) -> Response:
    """Send the browser back with a code, or with the refusal. Raises OAuthError."""
    asked = call.form
    checked = show_consent(world, call, asked, "Wrong email or password.", 401)
    client = world.goto.clients[asked["client_id"]]
    destination = asked.get("redirect_uri") or next(iter(client.redirect_uris), "")
    if asked.get("decision") == "deny":
        return redirect(destination, {"error": "access_denied"}, asked)
    sign_in = find_sign_in(world, asked.get("username", ""), asked.get("password", ""))
    if sign_in is None or sign_in.obstacle == "locked":
        return checked
    code = new_token(
        world, "code", sign_in, client,
        challenge=asked.get("code_challenge", ""), redirect_uri=asked.get("redirect_uri", ""),
    )  # fmt: skip
    return redirect(destination, {"code": code}, asked)


def redirect(destination: str, parameters: dict[str, str], asked: dict[str, str]) -> Response:
    if "state" in asked:
        parameters["state"] = asked["state"]
    joint = "&" if "?" in destination else "?"
    return RedirectResponse(f"{destination}{joint}{urlencode(parameters)}", 302)


def revoke(world: World, call: Call) -> Response:
    """Raises OAuthError."""
    prove_client(world, call)
    token = world.goto_tokens.read(call.form.get("token", ""))
    if token is not None:
        world.goto.revoked[token.identifier] = world.clock.now()
    return Json({})


ROUTES: Routes[Any] = Routes()
for path in ("/oauth/token", "/oauth/v2/token", OLDEST):
    ROUTES.add("POST", path, give_token)
ROUTES.add("GET", "/oauth/authorize", consent_page)
ROUTES.add("POST", "/oauth/authorize", decide_consent)
ROUTES.add("POST", "/oauth/revoke", revoke)
