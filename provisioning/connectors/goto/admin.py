"""GoToMeeting as a target: the parts put together, in the words that the engine uses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from provisioning.connectors.base import (
    Account,
    AccountContext,
    Attributes,
    Check,
    Creation,
    CredentialField,
    Outcome,
    Pace,
    RequestFacts,
    Resolution,
    RoleGrant,
    TokenSaver,
    Value,
)
from provisioning.connectors.goto.accounts import IDENTITY, holds_something
from provisioning.connectors.goto.changing import Changing
from provisioning.connectors.goto.checks import GoToChecks
from provisioning.connectors.goto.client import GoToClient
from provisioning.connectors.goto.context import LARGEST_PAGE, SUPER_USER, AccountReader
from provisioning.connectors.goto.creating import Creating
from provisioning.connectors.goto.grants import TokenEndpoint
from provisioning.connectors.goto.refusals import Refusals
from provisioning.connectors.goto.resolution import resolve
from provisioning.connectors.goto.settings import GoToSettings
from provisioning.connectors.goto.token import AUTHORIZE, PASSWORD, REFRESH_TOKEN, GoToToken, Refreshing, alone
from provisioning.connectors.goto.users import Users
from provisioning.connectors.http import ConnectorSession
from provisioning.errors import Halted, ProvisioningError, ReadingRefused, TransientError
from provisioning.sentences import Sentence

_LICENCES, _ROLES = "licenseKeys", "adminRoles"


class GoToTarget:
    """GoToMeeting users of one account, through the GoTo Admin REST API v1.

    Args:
        settings: of the deployment: api_url, auth_url, client_id, client_secret, visibility_seconds, array_limit.
        values: of the credentials: auth_mode ("password", "authorize", "refresh_token"), username, account_key.
        secrets: of the credentials: password, refresh_token.
        save_token: stores {"refresh_token": …} before the access token that came with it is used.
        refreshing: keeps other processes from refreshing the same credentials meanwhile.
        budget: seconds for one request with all its attempts and rests.

    Makes no request until it is asked for something. Raises ConfigurationError when the settings are incomplete.

    Source: GoTo developer center, Admin API, "Users" and "Licenses".
    """

    label = "GoToMeeting"
    can_delete = True
    can_list = True
    credential_fields: Sequence[CredentialField] = (
        CredentialField(
            "auth_mode",
            "Sign-in method",
            required=False,
            choices=(
                (PASSWORD, "User name and password"),
                (AUTHORIZE, "Authorize"),
                (REFRESH_TOKEN, "Refresh token"),
            ),
            help="GoTo clients registered recently can only use Authorize.",
        ),
        CredentialField("username", "GoToMeeting Admin User Name", modes=(PASSWORD,), help="An e-mail address."),
        CredentialField("password", "GoToMeeting Admin Password", secret=True, modes=(PASSWORD,)),
        CredentialField("refresh_token", "Refresh token", secret=True, modes=(REFRESH_TOKEN,)),
        CredentialField(
            "account_key",
            "Account",
            required=False,
            help="Only when the credentials open several GoTo accounts; Test Connection lists them.",
        ),
    )

    def __init__(
        self,
        session: ConnectorSession,
        settings: Mapping[str, str],
        values: Mapping[str, str],
        secrets: Mapping[str, str],
        *,
        pace: Pace,
        save_token: TokenSaver,
        refreshing: Refreshing = alone,
        budget: float = 60.0,
    ) -> None:
        configured = GoToSettings.from_mapping(settings)
        endpoint = TokenEndpoint(session, configured, pace, budget=budget)
        session.redactor.conceal(*secrets.values())
        token = GoToToken(endpoint, values, secrets, save=save_token, refreshing=refreshing)
        client = GoToClient(session, configured, token, pace, budget=budget)
        self._account = AccountReader(client, values.get("account_key", ""))
        self._users = Users(client, self._account)
        refusals = Refusals(client, self._account)
        self._changing = Changing(client, self._account, self._users, refusals)
        self._creating = Creating(
            client, self._account, self._users, self._changing, refusals, array_limit=configured.array_limit
        )
        self.visibility_delay = configured.visibility_delay
        self._checks = GoToChecks(values, secrets, token, self._account, self._users)

    @property
    def array_limit(self) -> int:
        return self._creating.array_limit

    def check(self) -> Iterator[Check]:
        return self._checks.run()

    def prove(self, expected: int | None = None) -> AccountContext:
        with _as_trouble():
            if expected is not None and expected <= LARGEST_PAGE:
                total, accounts = self._users.first_page()
            else:
                total, accounts = self._users.total(), None
        return AccountContext(account_key=self._account.key, total=total, accounts=accounts)

    def context(self) -> AccountContext:
        me = self._account.me()
        key = self._account.choose(me)
        protected = {me.key: Sentence("its credentials are used for provisioning")}
        # While the own account is a super user, and protected, no other one can be the last.
        if SUPER_USER not in me.roles and len(others := self._account.super_users()) == 1:
            protected[others[0]] = Sentence("it is the last super user of the GoTo account")
        return AccountContext(
            account_key=key,
            own_key=me.key,
            protected_keys=protected,
            licences=self._account.licences().licences,
            groups=self._account.groups(),
        )

    def resolve(
        self,
        wanted: Mapping[str, Value],
        *,
        roles: Sequence[RoleGrant],
        context: AccountContext,
        current: Mapping[str, Value] | None = None,
    ) -> Resolution:
        return resolve(wanted, roles, context, current)

    def disabled(self, attributes: Attributes) -> Attributes:
        """Suspended is what GoTo calls an account without licence and role; history stays, the seat becomes free."""
        return {_LICENCES: [], _ROLES: []}

    def is_active(self, attributes: Attributes) -> bool:
        return holds_something(attributes)

    def read_only(self, attributes: Attributes) -> frozenset[str]:
        return IDENTITY if attributes.get("identityReadOnly") is True else frozenset()

    def list_accounts(self) -> Iterator[list[Account]]:
        return self._users.all()

    def find(self, attribute: str, value: str) -> list[Account]:
        with _as_trouble():
            return self._users.find(attribute, value)

    def get(self, key: str) -> Account | None:
        with _as_trouble():
            return self._users.get(key)

    def create(self, people: Sequence[Creation], shared: Sequence[tuple[str, Any]]) -> list[Outcome]:
        """At most `array_limit` people. The account of an Outcome shows what was written, not what GoTo made of it."""
        facts = self._facts("POST")
        attributes: Attributes = {name: list(value) if isinstance(value, tuple) else value for name, value in shared}
        try:
            with _as_trouble():
                return self._creating.create(people, attributes, facts)
        except Halted:
            raise
        except ProvisioningError as exc:
            return [Outcome(error=exc, request=facts) for _ in people]

    def update(self, key: str, changes: Attributes) -> Outcome:
        """The account of the Outcome shows at least what was written."""
        facts = self._facts("PUT", key)
        return _outcome(lambda: self._changing.update(key, changes, facts), facts)

    def delete(self, key: str) -> Outcome:
        facts = self._facts("DELETE", key)
        return _outcome(lambda: self._changing.delete(key, facts), facts)

    def _facts(self, method: str, *key: str) -> RequestFacts:
        return RequestFacts(method, "/".join(("/admin/rest/v1/accounts/…/users", *key)), attempts=0)


def _outcome(act: Callable[[], Outcome], facts: RequestFacts) -> Outcome:
    try:
        with _as_trouble():
            return act()
    except Halted:
        raise
    except ProvisioningError as exc:
        return Outcome(error=exc, request=facts)


@contextmanager
def _as_trouble() -> Iterator[None]:
    """An unbelievable answer refuses a whole listing; to a question about one account it is only worth repeating."""
    try:
        yield
    except ReadingRefused as exc:
        raise TransientError(exc.message, details=exc.details) from exc
