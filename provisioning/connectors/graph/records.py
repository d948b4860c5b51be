"""What the source hands to the engine: plain rows, in the order in which the directory told them."""

from dataclasses import dataclass, field
from typing import Literal

from provisioning.connectors.base import Attributes

Kind = Literal["users", "groups", "members"]
Removed = Literal["", "changed", "deleted"]


@dataclass(slots=True)
class ObjectRow:
    """A user or a group, in provisioning names.

    `kind` is "user" or "group". `removed`: "changed" is in the recycle bin and can come back, "deleted" is gone for
    good. `complete`: every selected property that has a value is here, so an absent one has none; when False an
    absent attribute is unchanged. An attribute that is present with None was emptied, whatever `complete` says.
    """

    id: str
    kind: str
    attributes: Attributes
    removed: Removed = ""
    complete: bool = False


@dataclass(slots=True)
class MemberRow:
    """Somebody joined or left a group, directly. `member_kind` is "user", "group", "device", … or "" when not told."""

    group_id: str
    member_id: str
    member_kind: str
    removed: bool


@dataclass(slots=True)
class Page:
    """One page of a round. Exactly one of the links is set; `delta_link` means that the round has ended."""

    objects: list[ObjectRow]
    members: list[MemberRow]
    next_link: str | None
    delta_link: str | None


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A principal has a role of an application. `principal_kind` is "user", "group" or "servicePrincipal"."""

    id: str
    role_id: str
    principal_id: str
    principal_kind: str
    principal_name: str = ""
    created: str = ""
    """Moment of creation as Graph writes it (ISO 8601), "" when not told."""


@dataclass(frozen=True, slots=True)
class AppRole:
    id: str
    value: str
    display_name: str
    description: str
    enabled: bool
    member_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """An enterprise application of the tenant."""

    id: str
    app_id: str
    display_name: str
    account_enabled: bool
    assignment_required: bool
    template_id: str
    tags: tuple[str, ...] = ()
    roles: tuple[AppRole, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    display_name: str
    domains: tuple[str, ...] = field(default=())
    """Verified domain names, the default one first."""


DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The role id of an assignment without a role of the application's own."""
