"""Functions over the roles with which a person is assigned to the application.

`[appRoleAssignments]` holds the value of every role, of direct and group assignments together.
"""

import json

from provisioning.expressions.signatures import Type, function, values
from provisioning.sentences import Sentence

NOT_WITH_EVERYBODY = Sentence(
    "Roles are known of assigned people only: do not use this with the scope “Sync all users and groups”."
)


@function("SingleAppRoleAssignment", values("appRoleAssignments"), caution=NOT_WITH_EVERYBODY)
def single_app_role_assignment(roles: list[str]) -> str | None:
    """SingleAppRoleAssignment([appRoleAssignments]): the person's one role, as a text.

    Of several roles Microsoft promises nothing; here it is the first in alphabetical order, so that it does not change
    from one cycle to the next.

    >>> evaluate('SingleAppRoleAssignment([appRoleAssignments])', appRoleAssignments=["organizer"])
    'organizer'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", SingleAppRoleAssignment.
    """
    return min(roles, default=None)


@function("AppRoleAssignments", values("appRoleAssignments"), returns=Type.LIST, caution=NOT_WITH_EVERYBODY)
def app_role_assignments(roles: list[str]) -> list[str]:
    """AppRoleAssignments([appRoleAssignments]): the values of all roles, as a list.

    >>> evaluate('AppRoleAssignments([appRoleAssignments])', appRoleAssignments=["organizer", "webinar"])
    ['organizer', 'webinar']

    Source: Microsoft Graph, synchronizationSchema: functions. Only its name is published; its meaning is our choice.
    """
    return roles


@function("AppRoleAssignmentsComplex", values("appRoleAssignments"), returns=Type.LIST, caution=NOT_WITH_EVERYBODY)
def app_role_assignments_complex(roles: list[str]) -> list[str]:
    """AppRoleAssignmentsComplex([appRoleAssignments]): all roles as structured values, added to those the account has.

    A role that was taken away stays in the target; AssertiveAppRoleAssignmentsComplex removes it.

    >>> evaluate('AppRoleAssignmentsComplex([appRoleAssignments])', appRoleAssignments=["admin"])
    ['{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"admin","value":"admin"}']

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", AppRoleAssignmentsComplex.
    """
    return [structured(role) for role in roles]


@function(
    "AssertiveAppRoleAssignmentsComplex", values("appRoleAssignments"), returns=Type.LIST, caution=NOT_WITH_EVERYBODY
)
def assertive_app_role_assignments_complex(roles: list[str]) -> list[str]:
    """AssertiveAppRoleAssignmentsComplex([appRoleAssignments]): all roles as structured values, and no others.

    Roles that the account has beside them are taken away.

    >>> evaluate('AssertiveAppRoleAssignmentsComplex([appRoleAssignments])', appRoleAssignments=["admin"])
    ['{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"admin","value":"admin"}']

    Source: Microsoft Entra ID, "Customize user provisioning attribute-mappings", role assignments.
    """
    return [structured(role) for role in roles]


def structured(role: str) -> str:
    value = {"primary": False, "type": "WindowsAzureActiveDirectoryRole", "display": role, "value": role}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
