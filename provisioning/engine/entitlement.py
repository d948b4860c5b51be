"""Who is assigned: directly, or as a direct member of an assigned group, and with which roles. Pure.

Nested groups do not count. Source: Microsoft Entra ID, "How provisioning works", assignment-based scoping.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioning.connectors.base import RoleGrant

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the application with what it gives."""

    display_name: str
    grant: RoleGrant
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Entitlement:
    """`assigned` says that any assignment reaches the person; `entitled`, that one with a role that counts does.

    `via` names the ways, for the log: "directly", or the group's name.
    """

    assigned: bool = False
    entitled: bool = False
    grants: tuple[RoleGrant, ...] = ()
    via: tuple[str, ...] = ()


NOT_ASSIGNED = Entitlement()


def entitle(
    assignments: Iterable[tuple[str, str]], roles: Mapping[str, Role], *, default_access_entitles: bool
) -> Entitlement:
    """The union of what all assignments give.

    Args:
        assignments: (role id, way) of every assignment that reaches the person.
        roles: role id → role; a role that the application no longer has, or that is switched off, gives nothing.
        default_access_entitles: a property of the application's template.
    """
    grants: dict[str, RoleGrant] = {}
    ways: dict[str, None] = {}
    entitled = False
    for role_id, way in assignments:
        ways[way] = None
        if role_id == DEFAULT_ACCESS:
            entitled = entitled or default_access_entitles
        elif (role := roles.get(role_id)) and role.enabled:
            entitled = True
            grants[role.grant.value] = role.grant
    if not ways:
        return NOT_ASSIGNED
    return Entitlement(True, entitled, tuple(grants[value] for value in sorted(grants)), tuple(ways))
