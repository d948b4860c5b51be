"""The app registrations of the tenant that may ask for tokens, and what they may do."""

import msgspec

# What each permission includes. Source: Microsoft Graph permissions reference.
INCLUDES: dict[str, tuple[str, ...]] = {
    "User.ReadWrite.All": ("User.Read.All",),
    "Group.Read.All": ("GroupMember.Read.All",),
    "GroupMember.ReadWrite.All": ("GroupMember.Read.All",),
    "Group.ReadWrite.All": ("Group.Read.All", "GroupMember.Read.All", "GroupMember.ReadWrite.All"),
    "Application.ReadWrite.All": ("Application.Read.All", "Application.ReadWrite.OwnedBy"),
    "Synchronization.ReadWrite.All": ("Synchronization.Read.All",),
    "Directory.Read.All": (
        "User.Read.All", "Group.Read.All", "GroupMember.Read.All", "Application.Read.All", "Organization.Read.All",
    ),
}  # fmt: skip
ALL_PERMISSIONS = (
    "User.Read.All", "User.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All",
    "GroupMember.ReadWrite.All", "Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy",
    "AppRoleAssignment.ReadWrite.All", "Organization.Read.All", "Synchronization.Read.All",
)  # fmt: skip


class Application(msgspec.Struct):
    """An app registration; its certificates are PEM texts, its app roles are those of the portal's administrators."""

    client_id: str
    display_name: str
    secret: str
    secret_expired: bool = False
    secret_ends: float | None = None
    """Seconds since 1970, as Graph tells it; None: in a time that nobody lives to see."""
    enabled: bool = True
    certificates: list[str] = []
    permissions: list[str] = []
    redirect_uris: list[str] = []

    def revoke(self, permission: str) -> None:
        """Take a permission away, and with it every permission that includes it."""
        self.permissions = [
            granted
            for granted in self.permissions
            if granted != permission and permission not in INCLUDES.get(granted, ())
        ]


class Code(msgspec.Struct):
    """An authorization code: what was asked when it was given out."""

    client_id: str
    redirect_uri: str
    user: str
    nonce: str | None
    challenge: str | None
    issued: float
    """Seconds since 1970."""


def effective(permissions: list[str]) -> frozenset[str]:
    """The permissions together with those that they include."""
    return frozenset(permissions).union(*(INCLUDES.get(granted, ()) for granted in permissions))
