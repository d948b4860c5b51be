"""Listings: `$select`, `$filter`, `$search`, `$orderby`, `$count`, `$top`, and pages that follow each other.

Source: Microsoft Graph, "Paging Microsoft Graph data in your app" and "Advanced query capabilities".
"""

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from starlette.responses import PlainTextResponse, Response

from sandbox.entra.directory import DirectoryObject, Kind
from sandbox.entra.graph.errors import GraphError, bad_request, unsupported_query
from sandbox.entra.graph.filters import folded, parse_filter
from sandbox.entra.graph.properties import known, parse_select, shown, type_name
from sandbox.exchange import Call, Json
from sandbox.world import World

DEFAULT_PAGE = 100
LARGEST_PAGE = 999
SORTED_WITHOUT_HEADER = ("displayName", "userPrincipalName")
SEARCH = re.compile(r'"(\w+):([^"]*)"')
SEARCHED_ALONE = ("displayName", "mail", "userPrincipalName")

Item = TypeVar("Item")


class PageToken(msgspec.Struct, array_like=True):
    """Where the next page begins: after the item with the last id, so that a deletion shifts nothing."""

    epoch: int
    offset: int
    last: str
    issued: float


def encode(token: msgspec.Struct) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def decode(text: str, kind: type[Item]) -> Item:
    """Raises GraphError for what we have not written."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError) as error:
        raise bad_request("Badly formed token.") from error


def page_size(call: Call) -> int:
    """Raises GraphError."""
    text = call.query.get("$top", str(DEFAULT_PAGE))
    if not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive.")
    return min(int(text), DEFAULT_PAGE) if "$expand" in call.query else int(text)


def is_eventual(call: Call) -> bool:
    return call.headers.get("consistencylevel", "").lower() == "eventual"


def is_advanced(call: Call) -> bool:
    """The request says that it can live with an answer from the index."""
    return is_eventual(call) and call.query.get("$count") == "true"


def page(
    world: World, call: Call, items: list[Item], identify: Callable[[Item], str], show: Callable[[Item], dict[str, Any]]
) -> Response:
    """One page of a listing, with the link to the next. Raises GraphError."""
    size = page_size(call)
    start, first = beginning(world, call, items, identify)
    end = start + size
    chosen = items[start:end]
    body: dict[str, Any] = {"@odata.context": f"{call.base}/$metadata#{call.path.strip('/')}"}
    if first and is_advanced(call):
        body["@odata.count"] = len(items)
    if world.knobs.empty_pages and first and items:
        # An empty page with a next link is allowed at any place; here it is the first.
        chosen, end = [], start
    if end < len(items):
        last = identify(items[end - 1]) if end else ""
        token = PageToken(world.state.epoch, end, last, world.clock.now())
        body["@odata.nextLink"] = next_link(call, encode(token))
    body["value"] = [show(item) for item in chosen]
    return Json(body)


def beginning(world: World, call: Call, items: list[Item], identify: Callable[[Item], str]) -> tuple[int, bool]:
    """(index of the first item of the page, whether it is the first page). Raises GraphError for an old token."""
    text = call.query.get("$skiptoken")
    if text is None:
        return 0, True
    token = decode(text, PageToken)
    if token.epoch != world.state.epoch or world.clock.now() - token.issued > world.knobs.page_token_minutes * 60:
        raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
    # Deletions since then have moved the last item forward; nothing moves it back.
    for index in range(min(token.offset, len(items)), 0, -1):
        if identify(items[index - 1]) == token.last:
            return index, False
    return min(token.offset, len(items)), False


def next_link(call: Call, token: str) -> str:
    kept = [f"{name}={quote(value, safe=',')}" for name, value in call.query.items() if name != "$skiptoken"]
    return f"{call.base}{call.path}?{'&'.join([*kept, f'$skiptoken={token}'])}"


@dataclass(frozen=True)
class Expansion:
    """`$expand=manager($select=id,displayName)`"""

    relation: str
    select: tuple[str, ...] | None


EXPANSION = re.compile(r"(\w+)(?:\(\$select=([\w,]+)\))?")
MOST_EXPANDED = 20


def parse_expand(text: str, relations: tuple[str, ...]) -> Expansion:
    """Raises GraphError."""
    matched = EXPANSION.fullmatch(text)
    if matched is None or matched[1] not in relations:
        raise bad_request(f"Parsing OData Select and Expand failed: could not expand '{text}'.")
    return Expansion(matched[1], parse_select("user", matched[2]))


def expanded(world: World, expansion: Expansion, showing: DirectoryObject) -> Any:
    linked = [
        {"@odata.type": type_name(item.kind)} | shown(item, expansion.select)
        for item in world.directory.linked(showing, expansion.relation)
    ][:MOST_EXPANDED]
    if expansion.relation == "manager":
        return linked[0] if linked else None
    return linked


def list_objects(
    world: World,
    call: Call,
    kind: Kind,
    objects: Iterable[DirectoryObject],
    show: Callable[[DirectoryObject, tuple[str, ...] | None], dict[str, Any]] = shown,
    relations: tuple[str, ...] = (),
) -> Response:
    """A listing of objects of one kind, with every query option. Raises GraphError."""
    select = parse_select(kind, call.query.get("$select"))
    expansion = parse_expand(call.query["$expand"], relations) if "$expand" in call.query else None
    found = sorted_by(call, kind, filtered(call, kind, searched(call, objects)))
    if "$skip" in call.query:
        raise bad_request("'$skip' is not supported by the service.")

    def show_one(item: DirectoryObject) -> dict[str, Any]:
        values = show(item, select)
        if expansion is not None and (related := expanded(world, expansion, item)) is not None:
            values[expansion.relation] = related
        return values

    return page(world, call, found, lambda item: item.id, show_one)


def count_objects(call: Call, kind: Kind, objects: Iterable[DirectoryObject]) -> Response:
    """`…/$count`: a number as plain text. Raises GraphError."""
    if not is_eventual(call):
        raise bad_request("$count is not currently supported.")
    return PlainTextResponse(str(len(filtered(call, kind, searched(call, objects), advanced=True))))


def filtered(
    call: Call, kind: Kind, objects: Iterable[DirectoryObject], *, advanced: bool | None = None
) -> list[DirectoryObject]:
    """Raises GraphError."""
    if "$filter" not in call.query:
        return list(objects)
    condition = parse_filter(call.query["$filter"])
    for name in condition.names:
        if not known(kind, name):
            raise bad_request(f"Invalid filter clause: Could not find a property named '{name}'.")
    if (condition.advanced or "$orderby" in call.query) and not (is_advanced(call) if advanced is None else advanced):
        raise unsupported_query("Operator is not supported because the required parameters might be missing.")
    return [item for item in objects if condition.matches(item.properties)]


def searched(call: Call, objects: Iterable[DirectoryObject]) -> Iterable[DirectoryObject]:
    """`$search="displayName:adele"`, joined by AND or OR; every word of the value must begin a word there."""
    text = call.query.get("$search")
    if text is None:
        return objects
    if not is_eventual(call):
        raise unsupported_query("Request with $search query parameter only works with 'ConsistencyLevel: eventual'.")
    clauses = SEARCH.findall(text)
    if not clauses or any(name not in SEARCHED_ALONE for name, _ in clauses):
        raise bad_request(f"Syntax error: character '{text[:1]}' is not valid at position 0 in '{text}'.")
    hold = all if " OR " not in text else any
    return [item for item in objects if hold(has_words(item, name, words) for name, words in clauses)]


def has_words(item: DirectoryObject, name: str, words: str) -> bool:
    value = folded(item.properties.get(name) or "")
    present = [value, *re.split(r"[\W_]+", value)]
    return all(any(token.startswith(word) for token in present) for word in words.casefold().split())


def sorted_by(call: Call, kind: Kind, objects: list[DirectoryObject]) -> list[DirectoryObject]:
    """Raises GraphError."""
    text = call.query.get("$orderby")
    if text is None:
        return objects
    name, _, direction = text.partition(" ")
    if not known(kind, name) or direction not in ("", "asc", "desc"):
        raise bad_request(f"Invalid $orderby clause '{text}'.")
    if name not in SORTED_WITHOUT_HEADER and not is_advanced(call):
        raise unsupported_query(f"Sorting on '{name}' needs 'ConsistencyLevel: eventual' and $count=true.")

    def key(item: DirectoryObject) -> tuple[bool, Any]:
        value = folded(item.properties.get(name))
        return value is not None, value if value is not None else ""

    return sorted(objects, key=key, reverse=direction == "desc")
