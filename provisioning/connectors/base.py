"""What the engine counts on, whatever the application behind it.

A target knows HTTP and its application: no database, no Django, no clock of its own. It is given a
session, a pace and its credentials, and it is used by one writer at a time, from several threads.

Values that pass here are plain: an account's attributes are `{target attribute name: str | bool | list[str] | None}`
with the names of the mapping schema ("userName", "name.givenName", "licenseKeys", …).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from provisioning.errors import ProvisioningError
from provisioning.expressions import Value as Value
from provisioning.sentences import Sentence

Attributes = dict[str, Value]


@dataclass(frozen=True)
class CredentialField:
    """One field of the Admin Credentials form. `label` and `help` are English message ids; pages translate them."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    modes: tuple[str, ...] = ()
    """The sign-in methods in which the field is asked for; empty: in all of them."""


@dataclass(slots=True)
class Account:
    """One account of the application, as a listing or a lookup showed it."""

    key: str
    attributes: Attributes


@dataclass(frozen=True)
class Check:
    """One line of Test Connection.

    `status` is "passed", "failed", "warning" or "skipped" (an earlier check failed); `message` is a sentence
    for an administrator that says what to do when the check did not pass.
    """

    name: str
    status: str
    message: Sentence
    code: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """With the code AccountChoiceNeeded: (account key, name) of each account that the credentials open."""


@dataclass(slots=True)
class RequestFacts:
    """What the log keeps of a request: never a header, never a secret."""

    method: str
    path: str
    status: int | None = None
    duration: timedelta = timedelta(0)
    attempts: int = 1


@dataclass(slots=True)
class Outcome:
    """How one element of a request ended: exactly one of `account` or `error` is set, except after a delete.

    `error` is an ObjectError (this one failed), a TransientError (worth sending again; OutcomeUnknown: look first)
    or a ConfigurationError (nothing more can be sent).
    """

    account: Account | None = None
    error: ProvisioningError | None = None
    request: RequestFacts | None = None
    note: str = ""
    """What the log adds in words, such as an attribute that the application does not let us change."""


@dataclass(slots=True)
class Creation:
    """One person to create; `attributes` as `resolve` returned them."""

    attributes: Attributes


@dataclass(frozen=True)
class Resolution:
    """What the wanted attributes mean in this application.

    `attributes` can be compared with `Account.attributes` and sent; `create_only` names those that only a creation
    sends. `shared` is what creations of one array request must have in common (licences, locale): equal values may
    share a request. `notes` says what was left out and why, for the log.
    """

    attributes: Attributes
    create_only: frozenset[str] = frozenset()
    shared: tuple[tuple[str, Any], ...] = ()
    notes: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class RoleGrant:
    """What one role of the application gives: a row of its role table."""

    value: str
    products: tuple[str, ...] = ()
    admin_roles: tuple[str, ...] = ()


@dataclass
class AccountContext:
    """What the application's own account looks like now; read with `Target.context` once a cycle."""

    account_key: str = ""
    own_key: str = ""
    """The account whose credentials are used: never disabled, deleted or stripped of its roles."""
    protected_keys: dict[str, Sentence] = field(default_factory=dict)
    """Account key → why it must not be disabled or deleted (own account, last super user)."""
    licences: dict[str, "Licence"] = field(default_factory=dict)
    """Licence key → licence."""
    groups: dict[str, str] = field(default_factory=dict)
    """Name of an account group → its key."""
    managed_products: frozenset[str] | None = None
    """Products that some role of the application gives; of others, an account keeps what it has. None: all of them."""
    managed_admin_roles: frozenset[str] | None = None
    """Admin rights that some role gives; likewise."""
    total: int | None = None
    """How many accounts the application holds, where it can be asked without a listing."""
    accounts: "list[Account] | None" = None
    """All of them, where the one answer that proved the credentials brought them."""

    def protected_attributes(self, key: str) -> frozenset[str]:
        """What must not be changed on this account: the admin rights of a protected one."""
        return frozenset({"adminRoles"}) if key in self.protected_keys else frozenset()


@dataclass(frozen=True)
class Licence:
    key: str
    products: tuple[str, ...]
    seats: int
    used: int
    name: str = ""
    enabled: bool = True


class Pace(Protocol):
    """Gives out the moments at which requests may leave; learns from the answers."""

    def wait(self) -> None:
        """Block until the next request may leave. Raises Halted when the writer was told to stop."""

    def check(self) -> None:
        """Raises Halted when the writer was told to stop. Takes no turn."""

    def succeeded(self) -> None: ...

    def throttled(self, retry_after: float | None) -> None: ...


class Unpaced:
    """For Test Connection and other single requests."""

    def wait(self) -> None:
        return

    def check(self) -> None:
        return

    def succeeded(self) -> None:
        return

    def throttled(self, retry_after: float | None) -> None:
        return


class Target(Protocol):
    """One application. What it cannot do is a class attribute, asked by the engine, never an isinstance."""

    label: str
    credential_fields: Sequence[CredentialField]
    can_delete: bool
    can_list: bool
    visibility_delay: timedelta
    """How long a new account may stay invisible to lookups and listings."""

    @property
    def array_limit(self) -> int:
        """The most creations that one request takes; lowered for the life of the object when it proves to be less."""

    def check(self) -> Iterator[Check]:
        """The checks of Test Connection, in order; stops after the first failure. Changes nothing."""

    def prove(self, expected: int | None = None) -> AccountContext:
        """The cheapest request that proves the credentials; fills in `total` where that answer has it, and `accounts`
        where it can bring the `expected` number of them at once.

        Raises ConfigurationError or TransientError.
        """

    def context(self) -> AccountContext:
        """Everything that resolving and guarding need: licences, own account, protected accounts."""

    def resolve(
        self,
        wanted: Mapping[str, Value],
        *,
        roles: Sequence[RoleGrant],
        context: AccountContext,
        current: Mapping[str, Value] | None = None,
    ) -> Resolution:
        """Pure. Turns mapped attributes (with `roles` as the person's grants and `active`) into the application's own.

        `current` is what the linked account has now: of several licences that would do, one that it holds already is
        kept, so that nobody is moved from a full licence to an emptier one in every cycle.

        Raises ObjectError when a value cannot be expressed there (LicenceLimitExceeded: no licence with that product).
        """

    def disabled(self, attributes: Attributes) -> Attributes:
        """Pure. The attributes to write so that this account is disabled; equal to what it has when it already is."""

    def is_active(self, attributes: Attributes) -> bool: ...

    def read_only(self, attributes: Attributes) -> frozenset[str]:
        """Pure. Names of attributes that this account does not let us change (an identity owned elsewhere)."""

    def list_accounts(self) -> Iterator[list[Account]]:
        """All accounts, page by page. Raises ReadingRefused when the listing was not consistent."""

    def find(self, attribute: str, value: str) -> list[Account]: ...

    def get(self, key: str) -> Account | None: ...

    def create(self, people: Sequence[Creation], shared: Sequence[tuple[str, Any]]) -> list[Outcome]:
        """One request. An Outcome for each person, in their order; a refused array is one error for all of them
        (the engine halves it). A creation whose answer was lost is OutcomeUnknown."""

    def update(self, key: str, changes: Attributes) -> Outcome: ...

    def delete(self, key: str) -> Outcome: ...


TokenSaver = Callable[[dict[str, str]], None]
"""Stores changed secrets (a new refresh token) before they are used; raises when they could not be stored."""
