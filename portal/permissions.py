"""The application permissions that Rollcall needs in a tenant, and why each.

Source: Microsoft Graph permissions reference; "user: delta", "group: delta", "appRoleAssignedTo".
"""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.models import Tenant


@dataclass(frozen=True)
class Permission:
    name: str
    why: str | Promise
    optional: bool = False


PERMISSIONS = (
    Permission("User.Read.All", _("To read people with the attributes that the mapping needs.")),
    Permission("GroupMember.Read.All", _("To read the members of assigned groups. Group.Read.All does as well.")),
    Permission("Application.Read.All", _("To read the enterprise application, its roles and who is assigned.")),
    Permission("AppRoleAssignment.ReadWrite.All", _("Only to assign people and groups from Rollcall."), optional=True),
    Permission(
        "Synchronization.Read.All",
        _("Only to notice that Microsoft's own provisioning is on as well."),
        optional=True,
    ),
    Permission("Member.Read.Hidden", _("Only where assigned groups hide their members."), optional=True),
)


def consent_link(tenant: Tenant) -> str:
    """Where a Global Administrator grants the permissions of the app registration."""
    return f"{tenant.authority}/{quote(tenant.tenant_id)}/adminconsent?client_id={quote(tenant.client_id)}"
