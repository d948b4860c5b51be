"""What every request to the Admin API goes through: token, scope, limit, account, rights, errors."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.responses import Response

from sandbox.exchange import BadJson, Call, Json, MethodNotAllowed, Routes
from sandbox.goto.accounts import SUPER_USER, Account, SignIn, User
from sandbox.goto.authentication import is_valid
from sandbox.goto.errors import AdminError, admin_error_answer, bad_request
from sandbox.world import World

BASE = "/admin/rest/v1"
Item = TypeVar("Item")


class Request:
    """A request whose caller is known. `account` and `user` are set where the path names an account."""

    def __init__(self, world: World, call: Call, caller: SignIn) -> None:
        self.world, self.call, self.caller = world, call, caller
        self._account: Account | None = None
        self._user: User | None = None

    @property
    def account(self) -> Account:
        assert self._account is not None
        return self._account

    @property
    def user(self) -> User:
        """The caller, as a user of the account."""
        assert self._user is not None
        return self._user

    def enter_account(self) -> None:
        """Raises AdminError: 404 for an account that does not exist, 403 for one that the caller is not in."""
        key = self.call.parameters["account"]
        account = self.world.goto.accounts.get(int(key)) if key.isdigit() else None
        if account is None:
            raise AdminError(404, "account.not.found", f"There is no account {key}.")
        self._account, self._user = account, account.find(self.caller.email)
        if self._user is None:
            raise AdminError(403, "not.authorized", f"You are not in account {key}.")

    def require(self, *roles: str) -> None:
        """The caller must be a super user or have one of the roles; with none named, any role will do."""
        held = self.user.admin_roles
        if SUPER_USER not in held and not (set(held).intersection(roles) if roles else held):
            raise AdminError(403, "not.authorized", "You do not have the right to do this.")


Handler = Callable[[Request], Response]
ROUTES: Routes[Handler] = Routes()


def answer(world: World, call: Call) -> Response:
    try:
        return perform(world, call)
    except AdminError as error:
        return admin_error_answer(world, call, error)
    except BadJson as error:
        return admin_error_answer(world, call, bad_request(f"The body is not valid JSON: {error}"))


def perform(world: World, call: Call) -> Response:
    """Raises AdminError, BadJson."""
    caller, client_id = identify(world, call)
    limit(world, client_id)
    try:
        handler = ROUTES.find(call)
    except MethodNotAllowed as error:
        raise AdminError(405, "method.not.allowed", f"{call.method} is not supported here.") from error
    if handler is None:
        raise AdminError(404, "not.found", "There is nothing at this address.")
    request = Request(world, call, caller)
    if "account" in call.parameters:
        request.enter_account()
    return handler(request)


def identify(world: World, call: Call) -> tuple[SignIn, str]:
    """(who owns the token, client id). Raises AdminError."""
    refused = AdminError(401, "not.authenticated", "The access token is missing, invalid or expired.")
    scheme, _, text = call.headers.get("authorization", "").partition(" ")
    token = world.goto_tokens.read(text) if scheme.lower() == "bearer" else None
    if token is None or token.kind != "access" or not is_valid(world, token):
        raise refused
    client, caller = world.goto.clients.get(token.client_id), world.goto.sign_ins.get(token.email.lower())
    if client is None or caller is None or not client.admin_scope:
        raise refused
    return caller, client.client_id


def limit(world: World, client_id: str) -> None:
    """So many requests a second for each client, over all endpoints of the API. Raises AdminError."""
    allowed = world.knobs.rate_limit
    if not allowed:
        return
    used, left = world.windows.spend(f"admin {client_id}", 1, 1.0, world.clock.now())
    if used > allowed:
        headers = {"Retry-After": str(max(1, round(left)))} if world.knobs.retry_after else {}
        raise AdminError(429, "too.many.requests", "Rate limit exceeded.", headers)


def page_of(request: Request, items: Sequence[Item], show: Callable[[Item], dict[str, Any]]) -> Response:
    """`results`, `fromIndex`, `toIndex` (that of the last record given), `total`. Raises AdminError."""
    query, knobs = request.call.query, request.world.knobs
    offset = number(query.get("offset", "0"), "offset", least=0)
    size = number(query.get("pageSize", str(knobs.page_size_default)), "pageSize", least=1)
    if size > knobs.page_size_maximum:
        if knobs.page_size_excess == "refused":
            raise bad_request(f"pageSize is at most {knobs.page_size_maximum}.")
        size = knobs.page_size_maximum
    chosen = [show(item) for item in items[offset : offset + size]]
    last = max(offset + len(chosen) - 1, 0)
    return Json({"results": chosen, "fromIndex": offset, "toIndex": last, "total": len(items)})


def number(text: str, name: str, *, least: int) -> int:
    """Raises AdminError."""
    if not text.isdigit() or int(text) < least:
        raise bad_request(f"{name} must be a whole number of at least {least}.")
    return int(text)


def key_shown(world: World, key: int) -> int | str:
    return key if world.knobs.keys == "number" else str(key)
