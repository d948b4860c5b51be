"""Microsoft Entra ID as the source: everything the engine and the portal ask of a tenant.

Source: Microsoft Graph v1.0, "user: delta", "group: delta", "List members", "Get deleted item".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from urllib.parse import quote

from provisioning.connectors.base import Check, Pace
from provisioning.connectors.graph import delta, registration
from provisioning.connectors.graph.assignments import GUID, Assignments
from provisioning.connectors.graph.client import GraphClient, literal
from provisioning.connectors.graph.names import provisioning_attributes
from provisioning.connectors.graph.permissions import check_permissions
from provisioning.connectors.graph.records import (
    AssignmentRow,
    Kind,
    ObjectRow,
    Organization,
    Page,
    Removed,
    ServicePrincipal,
)
from provisioning.connectors.graph.token import EntraToken
from provisioning.connectors.http import ConnectorSession, base_address
from provisioning.errors import ReadingRefused
from provisioning.sentences import Sentence

MOST_IDS = 15
"""How many values OData's `in` takes on directory objects."""

_SEARCHED = {
    "user": ("users", ("displayName", "mail", "userPrincipalName")),
    "group": ("groups", ("displayName", "mail")),
}
_SEARCH_SELECT = {
    "user": "id,displayName,userPrincipalName,mail,accountEnabled,userType",
    "group": "id,displayName,mail,description,securityEnabled",
}


class GraphSource:
    """One tenant. Made by the process that uses it; every method may be called from several threads.

    Args:
        authority: sign-in host without tenant, e.g. "https://login.microsoftonline.com".
        graph_root: e.g. "https://graph.microsoft.com", without a version.
        certificate: instead of the secret: {"private_key": PEM, "public_certificate": PEM, "passphrase": optional}.
        priority: Graph's own throttling priority: "Low" for cycles, "High" when a person waits.
        budget: seconds for one request with all its attempts and rests.

    All methods raise ConfigurationError (CredentialsRejected, PermissionMissing), TransientError or ReadingRefused.
    """

    def __init__(
        self,
        session: ConnectorSession,
        authority: str,
        graph_root: str,
        tenant_id: str,
        client_id: str,
        *,
        pace: Pace,
        secret: str | None = None,
        certificate: Mapping[str, str] | None = None,
        priority: str = "Low",
        budget: float = 60.0,
    ) -> None:
        root = base_address(graph_root, Sentence("Graph root"))
        token = EntraToken(
            session, authority, tenant_id, client_id, graph_root=root, secret=secret, certificate=certificate
        )
        self._client = GraphClient(session, root, token, pace, priority=priority, budget=budget)
        self._client_id, self._secret, self._certificate = client_id, secret, certificate
        self._assignments = Assignments(self._client)

    def round(
        self,
        kind: Kind,
        delta_link: str | None,
        select: Sequence[str] = (),
        group_ids: Sequence[str] = (),
        *,
        resume: str | None = None,
    ) -> Iterator[Page]:
        """Pages of one reading, up to and including the one that carries the delta link.

        Args:
            kind: "users", "groups" (without members), or "members" of `group_ids` (1 to 50; `select` is not used).
            delta_link: the link stored after the last finished round; None reads everything.
            select: Graph property names, see `graph_select`; used by a full round only.
            resume: next link of the last page taken in, to go on with an interrupted round.

        Raises:
            DeltaLinkExpired: start again with None.
            ReadingRefused: the round is broken; nothing of it may be used.
        """
        start = resume or delta_link or delta.first_address(self._client, kind, select, group_ids)
        return delta.pages(self._client, kind, start, full=delta_link is None)

    def user(self, user_id: str, select: Sequence[str]) -> ObjectRow:
        """The user as it is now, complete; `removed` is "changed" in the recycle bin, "deleted" when nowhere."""
        return self._object("user", user_id, select)

    def group(self, group_id: str, select: Sequence[str]) -> ObjectRow:
        return self._object("group", group_id, select)

    def users_exist(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are in the directory and not in its recycle bin."""
        found: set[str] = set()
        for start in range(0, len(ids), MOST_IDS):
            some = ids[start : start + MOST_IDS]
            condition = f"id in ({','.join(map(literal, some))})"
            url = self._client.address("/users", filter=condition, select="id", top="999")
            there = {item["id"].lower() for item in self._client.collect(url, permission="User.Read.All")}
            found.update(user_id for user_id in some if user_id.lower() in there)
        return found

    def group_members(self, group_id: str) -> set[str]:
        """Ids of the direct members, of whatever kind; nested groups are members and are not opened."""
        url = self._client.address(f"/groups/{quote(group_id, safe='')}/members", select="id", top="999")
        return {item["id"] for item in self._client.collect(url, permission="GroupMember.Read.All")}

    def search(self, text: str, kinds: Sequence[str] = ("user", "group"), *, at_most: int = 25) -> list[ObjectRow]:
        """Users and groups whose name or address begins with the words of `text`; an index that lags a little."""
        # A quotation mark would end the search term, and a sign alone begins no word of any name.
        words = " ".join(word for word in re.split(r'[\s"\\]+', text) if re.search(r"\w", word))
        rows: list[ObjectRow] = []
        for kind in kinds if words else ():
            path, properties = _SEARCHED[kind]
            condition = " OR ".join(f'"{name}:{words}"' for name in properties)
            url = self._client.address(f"/{path}", search=condition, select=_SEARCH_SELECT[kind], top=str(at_most))
            permission = "User.Read.All" if kind == "user" else "Group.Read.All"
            page = self._client.get(url, permission=permission, headers={"ConsistencyLevel": "eventual"})
            if not isinstance(page, dict) or not isinstance(page.get("value"), list):
                raise ReadingRefused(Sentence("Microsoft Graph sent a list that cannot be read."))
            rows += [ObjectRow(item["id"], kind, provisioning_attributes(item)) for item in page["value"]]
        return rows

    def organization(self) -> Organization:
        """Name and domains of the tenant. Needs Organization.Read.All or Directory.Read.All."""
        page = self._client.get(
            self._client.address("/organization", select="id,displayName,verifiedDomains"),
            permission="Organization.Read.All",
        )
        items = page.get("value") if isinstance(page, dict) else None
        if not items or not isinstance(items, list):
            raise ReadingRefused(Sentence("Microsoft Graph did not say which organization this is."))
        domains = sorted(items[0].get("verifiedDomains") or [], key=lambda domain: not domain.get("isDefault"))
        return Organization(
            str(items[0]["id"]),
            str(items[0].get("displayName") or ""),
            tuple(str(domain["name"]) for domain in domains),
        )

    def assignments(self, service_principal_id: str) -> list[AssignmentRow]:
        """All assignments of the application, or an error: never a part of them."""
        return self._assignments.of(service_principal_id)

    def assignment(self, service_principal_id: str, assignment_id: str) -> AssignmentRow | None:
        return self._assignments.one(service_principal_id, assignment_id)

    def assign(self, service_principal_id: str, principal_id: str, role_id: str) -> AssignmentRow:
        """Give a user or group a role; if it has it already, that assignment. Also raises RequestRejected."""
        return self._assignments.add(service_principal_id, principal_id, role_id)

    def unassign(self, service_principal_id: str, assignment_id: str) -> None:
        self._assignments.remove(service_principal_id, assignment_id)

    def service_principal(self, service_principal_id: str) -> ServicePrincipal | None:
        return self._assignments.service_principal(service_principal_id)

    def service_principal_of(self, app_id: str) -> ServicePrincipal | None:
        """The enterprise application of an application (client) id; there is at most one in a tenant."""
        return next(iter(self._assignments.find_service_principals(f"appId eq {literal(app_id)}")), None)

    def service_principals_named(self, display_name: str) -> list[ServicePrincipal]:
        return self._assignments.find_service_principals(f"displayName eq {literal(display_name)}")

    def find_service_principals(self, text: str) -> list[ServicePrincipal]:
        """Those whose name begins with `text`, or whose object id or application id it is; at most 50."""
        text = text.strip()
        if GUID.fullmatch(text):
            by_id = self._assignments.service_principal(text)
            by_app_id = self.service_principal_of(text)
            return [found for found in (by_id, by_app_id) if found is not None]
        return self._assignments.find_service_principals(f"startswith(displayName,{literal(text)})")

    def instantiate(self, template_name: str, display_name: str | None = None) -> ServicePrincipal:
        """Add an application of Microsoft's gallery to the tenant, under its own or another name."""
        return self._assignments.instantiate(template_name, display_name or template_name)

    def credential_ends_on(self) -> date | None:
        """The last day of the secret or certificate that is used here; None where nobody says."""
        if self._certificate:
            return registration.certificate_ends_on(self._certificate)
        return registration.secret_ends_on(self._client, self._client_id, self._secret or "")

    def microsoft_provisions(self, service_principal_id: str) -> bool | None:
        """Whether Microsoft's own provisioning of the application is on; None when that may not be asked."""
        return registration.microsoft_provisions(self._client, service_principal_id)

    def time(self) -> datetime | None:
        """By Graph's clock, in whole seconds; None if it does not say."""
        return registration.time_there(self._client)

    def check_permissions(self) -> Iterator[Check]:
        """Signing in and each permission, reported by itself. Use a new object for each test of a connection."""
        return check_permissions(self._client)

    def _object(self, kind: str, object_id: str, select: Sequence[str]) -> ObjectRow:
        permission = "User.Read.All" if kind == "user" else "Group.Read.All"
        properties = [name for name in select if name != "manager"]
        query = {"select": ",".join(properties)}
        if "manager" in select:  # a relation: $select reads it in delta queries only
            query["expand"] = "manager($select=id)"
        address = quote(object_id, safe="")
        item = self._client.get(self._client.address(f"/{kind}s/{address}", **query), permission=permission)
        if item is None:
            binned = self._client.get(self._client.address(f"/directory/deletedItems/{address}"), permission=permission)
            removed: Removed = "deleted" if binned is None else "changed"
            return ObjectRow(object_id, kind, {"objectId": object_id}, removed=removed)
        if not isinstance(item, dict) or str(item.get("id", "")).lower() != object_id.lower():
            raise ReadingRefused(
                Sentence("Microsoft Graph sent something else than was asked for (%(kind)s).", kind=kind)
            )
        attributes = provisioning_attributes(item)
        if "manager" in select:
            attributes.setdefault("manager", None)
        return ObjectRow(item["id"], kind, attributes, complete=True)
