"""Every request that reached a server of the sandbox, without its secrets."""

import re
from collections import Counter, deque
from typing import Any

import msgspec

from sandbox.exchange import Call

KEPT_REQUESTS = 20_000
KEPT_BODY = 65_536
SECRET_FIELDS = ("client_secret", "client_assertion", "password", "refresh_token", "code", "code_verifier", "token")
SECRET_IN_FORM = re.compile(rf"(?<![^&])((?:{'|'.join(SECRET_FIELDS)})=)[^&]*")
SECRET_IN_JSON = re.compile(r'("[^"]*(?:password|secret)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
REDACTED = "<redacted>"


class Entry(msgspec.Struct):
    number: int
    time: float
    """Seconds since 1970, by the sandbox's clock."""
    server: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int | None
    """None: the connection was cut before an answer."""
    duration: float
    """Seconds."""


class RequestLog:
    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT_REQUESTS)
        self.counters: Counter[str] = Counter()
        """Requests by "server", "server status" and "server METHOD"."""
        self.number = 0

    def record(self, server: str, call: Call, status: int | None, started: float, duration: float) -> None:
        self.number += 1
        self.counters.update((server, f"{server} {status}", f"{server} {call.method}"))
        headers, body = redacted_headers(call), redacted_body(call)
        query = SECRET_IN_FORM.sub(rf"\1{REDACTED}", call.query_string)
        self.entries.append(
            Entry(self.number, started, server, call.method, call.path, query, headers, body, status, duration)
        )

    def select(self, server: str | None, since: int) -> list[dict[str, Any]]:
        """The requests with a number above `since`, oldest first."""
        chosen = (entry for entry in self.entries if entry.number > since and server in (None, entry.server))
        return [msgspec.to_builtins(entry) for entry in chosen]

    def clear(self) -> None:
        """Forget the requests and counters; numbers go on, so that a `since` never finds an older request."""
        self.entries.clear()
        self.counters.clear()


def redacted_headers(call: Call) -> dict[str, str]:
    headers = dict(call.headers)
    if "authorization" in headers:
        headers["authorization"] = f"{headers['authorization'].split(' ')[0]} {REDACTED}"
    if "cookie" in headers:
        headers["cookie"] = REDACTED
    return headers


def redacted_body(call: Call) -> str:
    text = call.body[:KEPT_BODY].decode("utf-8", "replace")
    if call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return SECRET_IN_FORM.sub(rf"\1{REDACTED}", text)
    return SECRET_IN_JSON.sub(rf'\1"{REDACTED}"', text)
