"""The token service's addresses, and its answer to a request."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from sandbox.entra.sign_in import authorize, choose, redeem
from sandbox.entra.token_service import TokenError, discovery, error_answer, keys, token_for_application
from sandbox.exchange import Call, Json, MethodNotAllowed, Routes
from sandbox.world import World


def give_token(world: World, call: Call) -> Response:
    """Raises TokenError."""
    grant = call.form.get("grant_type", "")
    if grant == "client_credentials":
        return token_for_application(world, call)
    if grant == "authorization_code":
        return redeem(world, call)
    raise TokenError(70003, "unsupported_grant_type", f"The app requested an unsupported grant type '{grant}'.")


def sign_out(world: World, call: Call) -> Response:
    """Nobody is signed in here between two requests; the browser goes where it asked to go."""
    return RedirectResponse(call.query.get("post_logout_redirect_uri", "/"), 302)


def answer(world: World, call: Call) -> Response:
    try:
        handler = ROUTES.find(call)
        if handler is None:
            return Json({"error": "not_found", "error_description": f"There is nothing at {call.path}."}, 404)
        answered: Response = handler(world, call)
    except MethodNotAllowed:
        return Json({"error": "invalid_request", "error_description": "The method is not allowed."}, 405)
    except TokenError as error:
        return error_answer(error, world.clock.now())
    return answered


ROUTES: Routes[Any] = Routes()
for prefix in ("/{tenant}/v2.0", "/{tenant}"):
    ROUTES.add("GET", f"{prefix}/.well-known/openid-configuration", discovery)
ROUTES.add("GET", "/{tenant}/discovery/v2.0/keys", keys)
ROUTES.add("POST", "/{tenant}/oauth2/v2.0/token", give_token)
ROUTES.add("GET", "/{tenant}/oauth2/v2.0/authorize", authorize)
ROUTES.add("POST", "/{tenant}/oauth2/v2.0/authorize", choose)
ROUTES.add("GET", "/{tenant}/oauth2/v2.0/logout", sign_out)
