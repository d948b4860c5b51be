"""Which rights the tenant connection has, each by itself.

Source: Microsoft Graph permissions reference, the tables of the calls that are made here.
"""

from collections.abc import Iterator

from provisioning.connectors.base import Check
from provisioning.connectors.graph.client import GraphClient
from provisioning.connectors.graph.token import roles_of
from provisioning.errors import PermissionMissing, ProvisioningError
from provisioning.sentences import Sentence

_DIRECTORY = {"Directory.Read.All", "Directory.ReadWrite.All"}
# Permission → those that contain it, and the harmless reading that needs it.
_READS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("User.Read.All", frozenset({"User.ReadWrite.All", *_DIRECTORY}), "/users"),
    ("Group.Read.All", frozenset({"Group.ReadWrite.All", *_DIRECTORY}), "/groups"),
    (
        "Application.Read.All",
        frozenset({"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", *_DIRECTORY}),
        "/servicePrincipals",
    ),
)
_ASSIGN = "AppRoleAssignment.ReadWrite.All"
SIGN_IN = "Sign in to Microsoft Entra ID"


def check_permissions(client: GraphClient) -> Iterator[Check]:
    """Signing in, then each permission. Only an account that cannot sign in leaves the others unasked."""
    try:
        roles = roles_of(client.token.get())
    except ProvisioningError as exc:
        yield Check(SIGN_IN, "failed", exc.message, exc.code)
        for permission in (*(read[0] for read in _READS), _ASSIGN):
            yield Check(permission, "skipped", Sentence("Not checked, because signing in failed."))
        return
    yield Check(SIGN_IN, "passed", Sentence("The credentials of the app registration are accepted."))
    for permission, wider, path in _READS:
        yield _check_reading(client, permission, wider, path, roles)
    yield _check_assigning(roles)


def _check_reading(
    client: GraphClient, permission: str, wider: frozenset[str], path: str, roles: frozenset[str] | None
) -> Check:
    if roles is not None and not roles & {permission, *wider}:
        return _missing(permission)
    try:
        client.get(client.address(path, select="id", top="1"), permission=permission)
    except PermissionMissing:
        return _missing(permission)
    except ProvisioningError as exc:
        return Check(permission, "failed", exc.message, exc.code)
    return Check(permission, "passed", Sentence("Granted."))


def _check_assigning(roles: frozenset[str] | None) -> Check:
    """Assigning cannot be tried without changing something, so only the token can tell; reading works without it."""
    if roles is None:
        return Check(
            _ASSIGN, "warning", Sentence("Not checked. It is needed to assign users and groups in this portal.")
        )
    if _ASSIGN in roles:
        return Check(_ASSIGN, "passed", Sentence("Granted."))
    return Check(
        _ASSIGN,
        "warning",
        Sentence("Not granted. Provisioning works without it; assigning users and groups in this portal does not."),
        PermissionMissing.code,
    )


def _missing(permission: str) -> Check:
    message = Sentence(
        "The application permission %(permission)s is missing. Add it to the app registration under API permissions "
        "(Microsoft Graph, application permissions) and grant admin consent.",
        permission=permission,
    )
    return Check(permission, "failed", message, PermissionMissing.code)
