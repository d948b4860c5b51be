"""Trouble on demand: which requests it meets, and what it does to their answers.

A fault acts *before* the request is answered (nothing happened there), *instead* of its answer, or *after* it (the
effect stays). README.md, "Faults", lists what each does.
"""

import random
import re
from functools import cached_property
from typing import Any, Literal

import msgspec
import orjson
from starlette.responses import HTMLResponse, Response

from sandbox.exchange import Call, Json

Server = Literal["graph", "authority", "goto_auth", "goto"]
What = Literal[
    "latency", "status", "reset_before", "reset_after_effect", "hang_after_effect", "truncated_json",
    "repeated_page", "missing_page", "empty_200", "html_200", "foreign_next_link",
]  # fmt: skip
GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
SIGN_IN_PAGE = (
    "<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>"
)


class Fault(msgspec.Struct, forbid_unknown_fields=True, dict=True):
    server: Server
    what: What
    method: str | None = None
    path: str = ""
    """A regular expression that is searched in path and query string."""
    count: int | None = None
    """How many requests it meets; None: all of them."""
    probability: float = 1.0
    after: int = 0
    """How many requests that fit are let through first."""
    status: int = 503
    retry_after: float | None = None
    latency: float = 1.0
    jitter: float = 0.0
    host: str = "https://elsewhere.example"
    """Where a foreign next link leads."""
    seconds: float = 600.0
    """How long a hanging request hangs at most."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.path)

    def fits(self, server: str, call: Call) -> bool:
        if server != self.server or self.method not in (None, call.method):
            return False
        return self.pattern.search(f"{call.path}?{call.query_string}") is not None


class Faults:
    def __init__(self, seed: str = "") -> None:
        self.waiting: list[Fault] = []
        self._dice = random.Random(seed)

    def meet(self, server: str, call: Call) -> list[Fault]:
        """The faults that this request meets, at most one besides latencies; counts them down."""
        met: list[Fault] = []
        for fault in [fault for fault in self.waiting if fault.fits(server, call)]:
            if fault.after > 0:
                fault.after -= 1
            elif (fault.what == "latency" or all(other.what == "latency" for other in met)) and self._strikes(fault):
                met.append(fault)
        self.waiting = [fault for fault in self.waiting if fault.count != 0]
        return met

    def _strikes(self, fault: Fault) -> bool:
        """Roll the dice; count a hit."""
        if self._dice.random() >= fault.probability:
            return False
        if fault.count is not None:
            fault.count -= 1
        return True

    def delay(self, fault: Fault) -> float:
        """Seconds."""
        return fault.latency + self._dice.random() * fault.jitter


def replacement(fault: Fault) -> Response | None:
    """The answer that comes without the request having had any effect."""
    if fault.what == "status":
        return refusal(fault)
    if fault.what == "empty_200":
        return Response(b"", 200, media_type="application/json")
    if fault.what == "html_200":
        return HTMLResponse(SIGN_IN_PAGE)
    return None


def refusal(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    if fault.status == 502:
        return HTMLResponse(GATEWAY_PAGE, 502, headers)
    code, message = {
        429: ("TooManyRequests", "Too many requests."),
        503: ("ServiceNotAvailable", "The service is temporarily unavailable."),
        504: ("GatewayTimeout", "The gateway timed out."),
    }.get(fault.status, ("InternalServerError", "Something went wrong."))
    body = {"code": code, "message": message}
    return Json({"error": body} if fault.server == "graph" else body, fault.status, headers)


def damage(fault: Fault, call: Call, answer: Response) -> Response:
    """What is left of an answer, the effect of whose request stays."""
    body = bytes(answer.body)
    if fault.what == "truncated_json":
        return Response(body[: len(body) // 2], answer.status_code, media_type="application/json")
    if fault.what not in ("repeated_page", "missing_page", "foreign_next_link"):
        return answer
    page = orjson.loads(body)
    return Json(spoil(fault, call, page), answer.status_code) if isinstance(page, dict) else answer


def spoil(fault: Fault, call: Call, page: dict[str, Any]) -> dict[str, Any]:
    """A page of a listing, changed in the way that the fault says."""
    if fault.what == "missing_page":
        return {name: [] if isinstance(value, list) else value for name, value in page.items()}
    query = f"?{call.query_string}" if call.query_string else ""
    if fault.what == "foreign_next_link":
        page.pop("@odata.deltaLink", None)
        return page | {"@odata.nextLink": f"{fault.host}{call.path}{query}"}
    if "results" in page:
        length = len(page["results"])
        return page | {"fromIndex": page["fromIndex"] - length, "toIndex": page["toIndex"] - length}
    page.pop("@odata.deltaLink", None)
    return page | {"@odata.nextLink": f"{call.base}{call.path}{query}"}
