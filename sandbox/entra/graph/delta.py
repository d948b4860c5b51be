"""Delta feeds of users, groups and service principals.

A round walks the objects of its kind in the order of their last change, from the number it began at to the last one.
An object that changes during the round moves to the end of that order and is met again, so what a reader holds when
it is given the delta link is what the directory holds. The state of a round is in its links alone.

Source: Microsoft Graph, "Use delta query to track changes in Microsoft Graph data", "user: delta", "group: delta".
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from starlette.responses import Response

from sandbox.entra.directory import RELATIONS, Directory, DirectoryObject, Kind, Relation
from sandbox.entra.graph.errors import GraphError, bad_request
from sandbox.entra.graph.listing import decode, encode
from sandbox.entra.graph.properties import DEFAULT, parse_select, type_name
from sandbox.exchange import Call, Json
from sandbox.world import World

MOST_FILTERED = 50
DAY = 86400
ID_CONDITION = re.compile(r"\s*\(?\s*id\s+eq\s+'([^']*)'\s*\)?\s*", re.IGNORECASE)
COLLECTIONS: dict[str, Kind] = {"users": "user", "groups": "group", "servicePrincipals": "servicePrincipal"}
EXPIRED: dict[str, tuple[int, str, str]] = {
    "410 resyncRequired": (410, "resyncRequired", "Resync required. Start again with an empty token."),
    "400 syncStateNotFound": (
        400, "syncStateNotFound", "The delta token is expired and data must be synchronized again.",
    ),
    "400 Request_UnsupportedQuery": (
        400, "Request_UnsupportedQuery", "DeltaLink older than 30 days is not supported.",
    ),
    "400 Directory_ExpiredPageToken": (
        400, "Directory_ExpiredPageToken", "The specified page token value has expired.",
    ),
}  # fmt: skip


class Token(msgspec.Struct, array_like=True):
    """What a next link or a delta link carries."""

    epoch: int
    kind: Kind
    since: int
    """The reader holds everything up to this number; 0: nothing."""
    began: int
    """The directory's last number when the round began."""
    position: int
    """The round has been given out up to this number."""
    link: int
    """Of the object after `position`, links up to this number have been given out."""
    select: tuple[str, ...] | None
    ids: tuple[str, ...] | None
    minimal: bool
    issued: float


class LinkChange(NamedTuple):
    number: int
    relation: str
    target: str
    present: bool
    """False: the link was taken away."""


@dataclass
class Page:
    """What has been put together for one answer."""

    objects_left: int
    links_left: int
    items: list[dict[str, Any]] = field(default_factory=list)


def delta(world: World, call: Call) -> Response:
    """One page of a round. Raises GraphError."""
    kind = COLLECTIONS[call.path.split("/")[1]]
    refuse_unsupported(call)
    if (call.query.get("$deltatoken") or call.query.get("$deltaToken")) == "latest":
        token = first_token(world, call, kind)
        token.since = token.position = visible_number(world)
        return answer(world, call, [], token, last=True)
    token = current_token(world, call, kind)
    if world.knobs.empty_pages and "$skiptoken" not in call.query:
        return answer(world, call, [], token, last=False)
    page = Page(page_objects(world, call), world.knobs.delta_page_links)
    last = fill(world, token, page)
    return answer(world, call, page.items, token, last=last)


def refuse_unsupported(call: Call) -> None:
    for option in ("$top", "$orderby", "$search"):
        if option in call.query:
            raise bad_request(f"Query option '{option}' is not supported by delta queries.")


def current_token(world: World, call: Call, kind: Kind) -> Token:
    """The token that the link carries, or that of a new round. Raises GraphError."""
    text = call.query.get("$skiptoken")
    minimal = "return=minimal" in call.headers.get("prefer", "").replace(" ", "")
    if text:
        return checked(world, call, decode(text, Token), kind)
    text = call.query.get("$deltatoken") or call.query.get("$deltaToken")
    if not text:
        return first_token(world, call, kind)
    token = checked(world, call, decode(text, Token), kind)
    token.minimal = minimal
    # A reader may be told again what it has been told before.
    token.since = token.position = max(0, token.since - world.knobs.delta_replays)
    return token


def checked(world: World, call: Call, token: Token, kind: Kind) -> Token:
    """Raises GraphError when the token is too old or was given out by a directory that is no more."""
    if token.kind != kind:
        raise bad_request("Badly formed token.")
    if token.epoch == world.state.epoch and world.clock.now() - token.issued <= world.knobs.delta_token_days * DAY:
        return token
    status, code, message = EXPIRED[world.knobs.delta_expiry]
    headers = {"Location": f"{call.base}{call.path}?$deltatoken="} if status == 410 else {}
    raise GraphError(status, code, message, headers)


def first_token(world: World, call: Call, kind: Kind) -> Token:
    select = parse_select(kind, call.query.get("$select"), relations=True)
    ids = parse_ids(call.query["$filter"]) if "$filter" in call.query else None
    return Token(world.state.epoch, kind, 0, world.directory.number, 0, 0, select, ids, False, 0)


def parse_ids(text: str) -> tuple[str, ...]:
    """The ids of `id eq 'a' or id eq 'b'`. Raises GraphError."""
    matches = [ID_CONDITION.fullmatch(part) for part in re.split(r"\s+or\s+", text, flags=re.IGNORECASE)]
    ids = tuple(match[1] for match in matches if match is not None)
    if len(ids) != len(matches):
        raise bad_request("Only 'id eq' conditions joined by 'or' are supported in $filter of a delta query.")
    if len(ids) > MOST_FILTERED:
        raise bad_request(f"Too many ids in $filter: {len(ids)}. At most {MOST_FILTERED} are supported.")
    return ids


def visible_number(world: World) -> int:
    """The last change that readers can see by now."""
    delay = world.knobs.delta_delay_seconds
    if not delay:
        return world.directory.number
    return world.directory.number_at(world.clock.now() - delay)


def page_objects(world: World, call: Call) -> int:
    asked = re.search(r"odata\.maxpagesize=(\d+)", call.headers.get("prefer", ""))
    return max(1, int(asked[1])) if asked else world.knobs.delta_page_objects


def touched_after(order: dict[str, int], number: int, until: int) -> Iterator[tuple[str, int]]:
    """(id, number) of what changed last between the two, in order; costs what was changed, not what there is."""
    newer = sum(1 for _ in iter_newer(order, number))
    for object_id, changed in islice(order.items(), len(order) - newer, None):
        if changed > until:
            return
        yield object_id, changed


def iter_newer(order: dict[str, int], number: int) -> Iterator[int]:
    for changed in reversed(order.values()):
        if changed <= number:
            return
        yield changed


def fill(world: World, token: Token, page: Page) -> bool:
    """Put the next objects of the round on the page and move the token; True when the round has ended."""
    directory, kind = world.directory, token.kind
    until = visible_number(world)
    for object_id, number in touched_after(directory.touched[kind], token.position, until):
        if page.objects_left == 0 or page.links_left == 0:
            return False
        if token.ids is None or object_id in token.ids:
            shown_until = show(world, token, object_id, number, page)
            if shown_until:
                token.position, token.link = number - 1, shown_until
                return False
        token.position, token.link = number, 0
    token.position = max(token.position, until)
    return True


def show(world: World, token: Token, object_id: str, number: int, page: Page) -> int:
    """Put one object on the page; 0, or the number of the last link shown when there was no room for all of them."""
    found = world.directory.objects[token.kind].get(object_id)
    if found is None:
        if number > told_until(token) or world.knobs.delta_removed_at_first:
            reason = "changed" if object_id in world.directory.deleted else "deleted"
            page.items.append({"id": object_id, "@removed": {"reason": reason}})
            page.objects_left -= 1
        return 0
    changes = changed_links(found, token, after=token.link if number == token.position + 1 else 0)
    properties = changed_properties(token, found, woken=bool(changes))
    if properties is None:
        return 0
    item = {"id": object_id} | properties
    fitting = changes[: page.links_left]
    for change in fitting:
        item.setdefault(f"{change.relation}@delta", []).append(link_item(world.directory, change))
    page.items.append(item)
    page.objects_left -= 1
    page.links_left -= len(fitting)
    return fitting[-1].number if len(fitting) < len(changes) else 0


def selected_relations(token: Token) -> tuple[str, ...]:
    """Groups track their members unless `$select` leaves them out; everything else is tracked when it is named."""
    if token.select is None:
        return ("members",) if token.kind == "group" else ()
    return tuple(name for name in RELATIONS[token.kind] if name in token.select)


def changed_links(found: DirectoryObject, token: Token, after: int) -> list[LinkChange]:
    """The links that the reader does not know, of all selected relations, in order, beginning after a number."""
    whole = found.appeared > token.since
    made_after = after if whole else max(token.since, after)
    cut_after = max(told_until(token), after)
    changes = []
    for name in selected_relations(token):
        relation = found.relations.get(name, Relation())
        changes += [LinkChange(n, name, target, True) for target, n in relation.links.items() if n > made_after]
        changes += [LinkChange(n, name, target, False) for target, n in relation.cut.items() if n > cut_after]
    return sorted(changes)


def told_until(token: Token) -> int:
    """What was taken away up to here the reader does not hold; in a first round it may hold what earlier pages gave."""
    return token.since or token.began


def changed_properties(token: Token, found: DirectoryObject, *, woken: bool) -> dict[str, Any] | None:
    """The properties to show; None when nothing that the reader selected has changed."""
    names = DEFAULT[found.kind] if token.select is None else token.select
    values = {name: found.properties[name] for name in names if name in found.properties}
    if found.appeared > token.since:
        return values
    changed = {name: value for name, value in values.items() if found.changed.get(name, 0) > token.since}
    if not changed and not woken:
        return None
    return changed if token.minimal else values


def link_item(directory: Directory, change: LinkChange) -> dict[str, Any]:
    found = directory.find(change.target)
    if found is None and change.target in directory.deleted:
        found = directory.deleted[change.target].object
    item: dict[str, Any] = {"@odata.type": type_name(found.kind if found else "user"), "id": change.target}
    return item if change.present else item | {"@removed": {"reason": "deleted"}}


def answer(world: World, call: Call, items: list[dict[str, Any]], token: Token, *, last: bool) -> Response:
    if world.knobs.delta_duplicates:
        items = items + items[:1]
    if world.knobs.delta_shuffled:
        random.Random(token.position).shuffle(items)
    collection = call.path.split("/")[1]
    token.issued = world.clock.now()
    if last:
        token.since, token.link = token.position, 0
    name, parameter = ("@odata.deltaLink", "$deltatoken") if last else ("@odata.nextLink", "$skiptoken")
    return Json(
        {
            "@odata.context": f"{call.base}/$metadata#{collection}",
            name: f"{call.base}/{collection}/delta?{parameter}={encode(token)}",
            "value": items,
        }
    )
