"""One request and its answer, and the table that finds who answers it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import compile_path


class Json(Response):
    """An answer of JSON; whole numbers of up to 64 bits are written exactly."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


class BadJson(Exception):
    """The body of the request is not a JSON object."""


@dataclass
class Call:
    """A request, read to its end. `base` is scheme and authority as the client wrote them, for links in the answer."""

    method: str
    path: str
    query_string: str
    headers: Headers
    body: bytes
    base: str
    parameters: dict[str, str] = field(default_factory=dict)
    """What the path template named, such as {"id": "…"}."""

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty object. Raises BadJson."""
        try:
            content = orjson.loads(self.body or b"{}")
        except orjson.JSONDecodeError as error:
            raise BadJson(str(error)) from error
        if not isinstance(content, dict):
            raise BadJson("an object is expected")
        return content


Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Route(Generic[Handler]):
    method: str
    pattern: re.Pattern[str]
    handler: Handler


class MethodNotAllowed(Exception):
    """The path exists, with other methods."""


class Routes(Generic[Handler]):
    """Handlers by method and path template (`/users/{id}`); the first that was added and fits wins."""

    def __init__(self) -> None:
        self._routes: list[Route[Handler]] = []

    def add(self, method: str, template: str, handler: Handler) -> None:
        pattern, _, _ = compile_path(template)
        self._routes.append(Route(method, pattern, handler))

    def on(self, method: str, *templates: str) -> Callable[[Handler], Handler]:
        """The decorator form of `add`."""

        def register(handler: Handler) -> Handler:
            for template in templates:
                self.add(method, template, handler)
            return handler

        return register

    def find(self, call: Call) -> Handler | None:
        """The handler of the request, whose `parameters` it fills in; None where the path is unknown.

        Raises MethodNotAllowed.
        """
        known = False
        for route in self._routes:
            matched = route.pattern.match(call.path)
            if matched is None:
                continue
            if route.method == call.method:
                call.parameters = matched.groupdict()
                return route.handler
            known = True
        if known:
            raise MethodNotAllowed(call.method)
        return None
