"""Delta rounds: users, groups and members that changed since a stored link, page by page.

Nothing here trusts a page further than it was checked; a round that breaks is refused as a whole by whoever spools it.

Source: Microsoft Graph v1.0, "Use delta query to track changes", "user: delta", "group: delta".
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from provisioning.connectors.graph.client import GraphClient, error_of, items_of, literal
from provisioning.connectors.graph.names import provisioning_attributes
from provisioning.connectors.graph.records import Kind, MemberRow, ObjectRow, Page, Removed
from provisioning.connectors.http import same_host
from provisioning.connectors.sending import Answer
from provisioning.errors import DeltaLinkExpired, ReadingRefused
from provisioning.sentences import Sentence

MOST_GROUPS = 50
"""How many ids the filter of groups/delta takes."""

_PERMISSIONS = {"users": "User.Read.All", "groups": "Group.Read.All", "members": "GroupMember.Read.All"}
# A property that every object of the kind has: an item without it carries a relation only.
_ALWAYS_THERE = {"users": "userPrincipalName", "groups": "displayName"}
_EXPIRED_CODES = {"resyncrequired", "syncstatenotfound", "syncstateinvalid", "directory_expiredpagetoken"}
_HEADERS = {"Prefer": "odata.maxpagesize=999"}


def first_address(client: GraphClient, kind: Kind, select: Sequence[str], group_ids: Sequence[str]) -> str:
    """Where a full round begins. `select` is in Graph's names; members need 1 to 50 group ids."""
    if kind != "members":
        return client.address(f"/{kind}/delta", select=",".join(select))
    if not 1 <= len(group_ids) <= MOST_GROUPS:
        raise ValueError(f"members of 1 to {MOST_GROUPS} groups can be followed at once, not of {len(group_ids)}")
    ids = " or ".join(f"id eq {literal(group_id)}" for group_id in group_ids)
    return client.address("/groups/delta", select="members", filter=ids)


def pages(client: GraphClient, kind: Kind, link: str, *, full: bool) -> Iterator[Page]:
    """The pages from `link` to the delta link. `full`: the round began without a delta link."""
    if not same_host(link, client.root):
        raise DeltaLinkExpired(Sentence("The stored delta link is of another Graph root; everything is read anew."))
    seen: set[str] = set()
    following: str | None = link
    while following is not None:
        if following in seen:
            raise ReadingRefused(
                Sentence("Microsoft Graph sent the same page link twice; the round was not taken over.")
            )
        seen.add(following)
        page = _page(client, kind, _read(client, kind, following), full=full)
        if page.delta_link in seen and page.objects:
            raise ReadingRefused(
                Sentence("Microsoft Graph sent its own delta link back with changes; the round was refused.")
            )
        yield page
        following = page.next_link


def _read(client: GraphClient, kind: Kind, link: str) -> Any:
    answer = client.request("GET", link, headers=_HEADERS)
    if answer.ok:
        return answer.data
    if _is_expired(answer, link):
        reason = ": ".join(error_of(answer))
        raise DeltaLinkExpired(Sentence("The delta link is no longer valid; everything is read anew."), details=reason)
    raise client.refusal(answer, _PERMISSIONS[kind])


def _is_expired(answer: Answer, link: str) -> bool:
    """Every spelling of "start again": documented, announced, and met in the field."""
    if answer.status == 410:
        return True
    carried_token = re.search(r"[$]|%24", link) is not None and re.search(r"(?:delta|skip)token=", link, re.IGNORECASE)
    if answer.status not in (400, 404) or not carried_token:
        return False
    code, message = error_of(answer)
    if code.lower() in _EXPIRED_CODES:
        return True
    # Alone this code is a mistake in the query; of a link that Graph itself made it can only mean the link's age.
    return code == "Request_UnsupportedQuery" or re.search(r"token|deltalink", message, re.IGNORECASE) is not None


def _page(client: GraphClient, kind: Kind, data: Any, *, full: bool) -> Page:
    items = items_of(data)
    next_link, delta_link = data.get("@odata.nextLink"), data.get("@odata.deltaLink")
    if (next_link is None) == (delta_link is None):
        raise ReadingRefused(
            Sentence("Microsoft Graph sent a page without exactly one link; the round was not taken over.")
        )
    link = next_link or delta_link
    if not isinstance(link, str) or not same_host(link, client.root):
        raise ReadingRefused(
            Sentence("A link in an answer of Microsoft Graph leads to another host; the round was not taken over."),
            details=str(link)[:200],
        )
    objects: list[ObjectRow] = []
    members: list[MemberRow] = []
    for item in items:
        try:
            objects.append(_object(kind, item, full=full))
            members += _members(item)
        except (KeyError, TypeError, AttributeError, ValueError) as exc:
            raise ReadingRefused(
                Sentence("Microsoft Graph sent an object that cannot be read; the round was not taken over."),
                details=repr(exc),
            ) from exc
    return Page(objects, members, next_link, delta_link)


def _object(kind: Kind, item: dict[str, Any], *, full: bool) -> ObjectRow:
    noun = "user" if kind == "users" else "group"
    if "@removed" in item:
        return ObjectRow(item["id"], noun, {"objectId": item["id"]}, removed=_reason(item["@removed"]))
    complete = full and _ALWAYS_THERE.get(kind, "") in item
    return ObjectRow(item["id"], noun, provisioning_attributes(item), complete=complete)


def _reason(removed: dict[str, Any]) -> Removed:
    reason: Removed = removed["reason"]
    if reason not in ("changed", "deleted"):
        raise ValueError(f"unknown reason of removal {reason!r}")
    return reason


def _members(item: dict[str, Any]) -> list[MemberRow]:
    rows = []
    for member in item.get("members@delta") or []:
        if not isinstance(member["id"], str) or not member["id"]:
            raise ValueError("a member without an id")
        rows.append(MemberRow(item["id"], member["id"], kind_of(member), "@removed" in member))
    return rows


def kind_of(item: dict[str, Any]) -> str:
    """ "user", "group", "device", …; "" when Graph does not tell.

    >>> kind_of({"@odata.type": "#microsoft.graph.user"})
    'user'
    """
    return str(item.get("@odata.type", "")).rpartition(".")[2]
