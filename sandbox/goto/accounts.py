"""GoTo's accounts: users, licences, groups, and who may sign in.

Source: GoTo Developer, "Administration REST API Implementation"; GoTo support,
"How do I change the status of my users".
"""

from typing import Literal

import msgspec

FIRST_USER_KEY = 4_100_000_000_000_000_001
FIRST_ACCOUNT_KEY = 8_200_000_000_000_000_001
FIRST_LICENSE_KEY = 6_300_000_000_000_000_001
FIRST_GROUP_KEY = 5_500_000_000_000_000_001
SUPER_USER = "SUPER_USER"
ROLES = (
    SUPER_USER, "MANAGE_USERS", "ADD_USERS", "MANAGE_SEATS", "MANAGE_GROUPS", "MANAGE_ACCOUNT", "MANAGE_SETTINGS",
    "MANAGE_SETTINGS_PROFILES", "MANAGE_DEVICE_GROUPS", "MANAGE_EMERGENCY_SERVICES", "RUN_REPORTS", "VIEW_INVOICES",
    "VIEW_AND_PAY_INVOICES", "VIEW_CALL_RECORDINGS",
)  # fmt: skip
HISTORY_SECONDS = 30 * 86400
Obstacle = Literal["locked", "company sign-in", "second factor"]


class User(msgspec.Struct):
    key: int
    email: str
    first_name: str
    last_name: str
    locale: str | None = None
    time_zone: str | None = None
    admin_roles: list[str] = []
    license_keys: list[int] = []
    group_key: int | None = None
    identity_read_only: bool = False
    accepted: bool = False
    """Has signed in once; until then the invitation is out."""
    transfer: Literal["pending", "declined"] | None = None
    """The address is known in another account, whose owner was asked to move."""
    created: float = 0.0
    """Seconds since 1970."""

    @property
    def suspended(self) -> bool:
        return self.transfer == "declined" or not (self.license_keys or self.admin_roles)

    @property
    def status(self) -> str:
        if self.suspended:
            return "SUSPENDED"
        return "ACTIVE" if self.accepted and self.transfer is None else "INVITED"


class License(msgspec.Struct):
    key: int
    description: str
    products: list[str]
    seats: int
    enabled: bool = True


class Group(msgspec.Struct):
    key: int
    name: str
    parent: int | None = None


class Former(msgspec.Struct):
    """A deleted user: the same address gets the same key again."""

    key: int
    deleted: float


class Account(msgspec.Struct):
    key: int
    name: str
    next_user_key: int
    users: dict[int, User] = {}
    licenses: dict[int, License] = {}
    groups: dict[int, Group] = {}
    role_sets: dict[int, str] = {}
    former: dict[str, Former] = {}
    """Lower-case address → deleted user."""
    keys_by_email: dict[str, int] = {}
    """Lower-case address → user key."""

    def find(self, email: str) -> User | None:
        return self.users.get(self.keys_by_email.get(email.lower(), 0))

    def add(self, user: User) -> None:
        self.users[user.key] = user
        self.keys_by_email[user.email.lower()] = user.key
        self.former.pop(user.email.lower(), None)

    def key_for(self, email: str, now: float) -> int:
        """That of the deleted user with this address, while GoTo keeps the history, else a new one."""
        former = self.former.get(email.lower())
        if former is not None and now - former.deleted <= HISTORY_SECONDS:
            return former.key
        self.next_user_key += 1
        return self.next_user_key - 1

    def rename(self, user: User, email: str) -> None:
        self.keys_by_email.pop(user.email.lower(), None)
        user.email = email
        self.keys_by_email[email.lower()] = user.key

    def remove(self, user: User, now: float) -> None:
        del self.users[user.key]
        self.keys_by_email.pop(user.email.lower(), None)
        self.former[user.email.lower()] = Former(user.key, now)

    def holders(self, license_key: int) -> list[User]:
        return [user for user in self.users.values() if license_key in user.license_keys]

    def used(self, license_key: int, *, invited_too: bool) -> int:
        """Seats taken; an invitation that was not accepted may or may not take one."""
        holders = self.holders(license_key)
        return len(holders) if invited_too else sum(1 for user in holders if user.status != "INVITED")

    def products_of(self, user: User) -> list[str]:
        """Webinar and training seats bring meetings along."""
        products = {product for key in user.license_keys for product in self.licenses[key].products}
        if products & {"G2W", "G2T"}:
            products.add("G2M")
        return sorted(products)


class SignIn(msgspec.Struct):
    """Someone who can sign in to GoTo, and what may stand in the way."""

    email: str
    password: str
    org_admin: bool = False
    obstacle: Obstacle | None = None
    """The password grant cannot get past any of them."""


class Client(msgspec.Struct):
    """An OAuth client of GoTo."""

    client_id: str
    secret: str
    password_grant: bool = True
    admin_scope: bool = True
    """The "Admin Center" scope; without it the Admin API answers 401."""
    redirect_uris: list[str] = []
    """What a redirect URI must begin with."""


class GoTo(msgspec.Struct):
    accounts: dict[int, Account] = {}
    sign_ins: dict[str, SignIn] = {}
    """By lower-case address."""
    clients: dict[str, Client] = {}
    elsewhere: list[str] = []
    """Lower-case addresses that are known in an account which is not in this world."""
    revoked: dict[str, float] = {}
    """Token identifier → when it was used up or revoked, in seconds since 1970."""
    revoked_before: float = 0.0
    """Access tokens from before this moment are no longer accepted."""

    def accounts_of(self, email: str) -> list[Account]:
        """The accounts a person is in, the primary one first."""
        return [account for account in self.accounts.values() if account.find(email) is not None]

    def is_known_elsewhere(self, email: str, account: Account) -> bool:
        others = (other for other in self.accounts.values() if other.key != account.key)
        return email.lower() in self.elsewhere or any(other.find(email) for other in others)
