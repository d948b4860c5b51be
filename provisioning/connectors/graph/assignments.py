"""Enterprise applications of the tenant and who is assigned to them.

Source: Microsoft Graph v1.0, "servicePrincipal", "List appRoleAssignments granted for a service principal",
"Grant an appRoleAssignment for a service principal", "applicationTemplate: instantiate".
"""

import re
from typing import Any
from urllib.parse import quote

from provisioning.connectors.graph.client import GraphClient, literal
from provisioning.connectors.graph.records import AppRole, AssignmentRow, ServicePrincipal
from provisioning.errors import ConfigurationError, OutcomeUnknown, ReadingRefused
from provisioning.sentences import Sentence

READ = "Application.Read.All"
WRITE = "AppRoleAssignment.ReadWrite.All"
_PARTS = "id,appId,displayName,accountEnabled,appRoleAssignmentRequired,applicationTemplateId,tags,appRoles"
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Assignments:
    """Reads and changes them through one client. Ids are object ids, not application (client) ids."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    def of(self, service_principal_id: str) -> list[AssignmentRow]:
        url = self._client.address(self._path(service_principal_id), top="999")
        rows = [_assignment(item) for item in self._client.collect(url, permission=READ)]
        if len({row.id for row in rows}) != len(rows):
            raise ReadingRefused(Sentence("Microsoft Graph listed an assignment twice; the list was not taken over."))
        return rows

    def one(self, service_principal_id: str, assignment_id: str) -> AssignmentRow | None:
        url = self._client.address(self._path(service_principal_id, assignment_id))
        item = self._client.get(url, permission=READ)
        return None if item is None else _assignment(item)

    def add(self, service_principal_id: str, principal_id: str, role_id: str) -> AssignmentRow:
        """The assignment, new or there already. Raises RequestRejected when the role is not one of the application."""
        wanted = {"principalId": principal_id, "resourceId": service_principal_id, "appRoleId": role_id}
        url = self._client.address(self._path(service_principal_id))
        try:
            answer = self._client.request("POST", url, body=wanted)
        except OutcomeUnknown:
            existing = self._existing(service_principal_id, principal_id, role_id)
            if existing is None:
                raise
            return existing
        if answer.ok and isinstance(answer.data, dict):
            return _assignment(answer.data)
        # The code of a duplicate is that of any bad request, and its text may change: look instead of reading it.
        if answer.ok or answer.status in (400, 409):
            existing = self._existing(service_principal_id, principal_id, role_id)
            if existing is not None:
                return existing
        if answer.ok:
            raise OutcomeUnknown(Sentence("Microsoft Graph accepted the assignment, but it is not to be seen yet."))
        raise self._client.refusal(answer, WRITE)

    def remove(self, service_principal_id: str, assignment_id: str) -> None:
        """Take it away; one that is gone already is as good."""
        url = self._client.address(self._path(service_principal_id, assignment_id))
        answer = self._client.request("DELETE", url, idempotent=True)
        if not answer.ok and answer.status != 404:
            raise self._client.refusal(answer, WRITE)

    def service_principal(self, service_principal_id: str) -> ServicePrincipal | None:
        item = self._client.get(
            self._client.address(f"/servicePrincipals/{quote(service_principal_id, safe='')}", select=_PARTS),
            permission=READ,
        )
        return None if item is None else _service_principal(item)

    def find_service_principals(self, condition: str, *, at_most: int = 50) -> list[ServicePrincipal]:
        """Those for which an OData condition holds. Names are not unique, so there may be several."""
        url = self._client.address("/servicePrincipals", filter=condition, select=_PARTS, top=str(at_most))
        page = self._client.get(url, permission=READ)
        items = page.get("value") if isinstance(page, dict) else None
        if not isinstance(items, list):
            raise ReadingRefused(Sentence("Microsoft Graph sent a list that cannot be read."))
        return [_service_principal(item) for item in items]

    def instantiate(self, template_name: str, display_name: str) -> ServicePrincipal:
        """Add an application from Microsoft's gallery to the tenant.

        Raises ConfigurationError when the gallery has none, or several, of that name.
        """
        url = self._client.address("/applicationTemplates", filter=f"displayName eq {literal(template_name)}")
        page = self._client.get(url, permission=READ)
        templates = page.get("value") if isinstance(page, dict) else None
        if not templates or len(templates) != 1:
            raise ConfigurationError(
                Sentence(
                    "Microsoft's gallery has no single application named %(name)s.",
                    name=template_name,
                )
            )
        url = self._client.address(f"/applicationTemplates/{quote(str(templates[0]['id']), safe='')}/instantiate")
        answer = self._client.request("POST", url, body={"displayName": display_name})
        if not answer.ok:
            raise self._client.refusal(answer, "Application.ReadWrite.All")
        created = answer.data.get("servicePrincipal") if isinstance(answer.data, dict) else None
        if not isinstance(created, dict):
            raise OutcomeUnknown(Sentence("Microsoft Graph created the application but did not say which one it is."))
        return _service_principal(created)

    def _existing(self, service_principal_id: str, principal_id: str, role_id: str) -> AssignmentRow | None:
        same = (principal_id.lower(), role_id.lower())
        rows = self.of(service_principal_id)
        return next((row for row in rows if (row.principal_id.lower(), row.role_id.lower()) == same), None)

    def _path(self, service_principal_id: str, assignment_id: str = "") -> str:
        path = f"/servicePrincipals/{quote(service_principal_id, safe='')}/appRoleAssignedTo"
        return f"{path}/{quote(assignment_id, safe='')}" if assignment_id else path


def _assignment(item: dict[str, Any]) -> AssignmentRow:
    try:
        kind = str(item["principalType"])
        return AssignmentRow(
            id=str(item["id"]),
            role_id=str(item["appRoleId"]),
            principal_id=str(item["principalId"]),
            principal_kind=kind[:1].lower() + kind[1:],
            principal_name=str(item.get("principalDisplayName") or ""),
            created=str(item.get("createdDateTime") or ""),
        )
    except (KeyError, TypeError) as exc:
        raise ReadingRefused(
            Sentence("Microsoft Graph sent an assignment that cannot be read."), details=repr(exc)
        ) from exc


def _service_principal(item: dict[str, Any]) -> ServicePrincipal:
    try:
        return ServicePrincipal(
            id=str(item["id"]),
            app_id=str(item.get("appId") or ""),
            display_name=str(item.get("displayName") or ""),
            account_enabled=item.get("accountEnabled") is not False,
            assignment_required=item.get("appRoleAssignmentRequired") is True,
            template_id=str(item.get("applicationTemplateId") or ""),
            tags=tuple(item.get("tags") or ()),
            roles=tuple(_role(role) for role in item.get("appRoles") or ()),
        )
    except (KeyError, TypeError, AttributeError) as exc:
        raise ReadingRefused(
            Sentence("Microsoft Graph sent an application that cannot be read."), details=repr(exc)
        ) from exc


def _role(role: dict[str, Any]) -> AppRole:
    return AppRole(
        id=str(role["id"]),
        value=str(role.get("value") or ""),
        display_name=str(role.get("displayName") or ""),
        description=str(role.get("description") or ""),
        enabled=role.get("isEnabled") is not False,
        member_types=tuple(role.get("allowedMemberTypes") or ()),
    )
