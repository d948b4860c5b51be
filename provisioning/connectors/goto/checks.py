"""Test Connection, one question after the other. Changes nothing in GoTo."""

import re
from collections.abc import Callable, Iterator, Mapping
from time import monotonic

from provisioning.connectors.base import Check
from provisioning.connectors.goto.context import SUPER_USER, AccountReader, Me
from provisioning.connectors.goto.grants import CLIENT_REFUSED, GRANT_REFUSED
from provisioning.connectors.goto.token import PASSWORD, GoToToken
from provisioning.connectors.goto.users import Users
from provisioning.errors import (
    AccountChoiceNeeded,
    ConfigurationError,
    CredentialsRejected,
    ProvisioningError,
    TransientError,
)

PRODUCT = "G2M"
LONGEST_SECONDS = 20.0
"""When a test has taken so long no further question is asked, so that it ends within half a minute."""

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MEANING = {
    "MANAGE_USERS": "MANAGE_USERS (to create, change and disable users)",
    "MANAGE_SEATS": "MANAGE_SEATS (to give and take licences)",
}


class GoToChecks:
    NAMES = (
        "Credentials are complete",
        "GoTo sign-in can be reached",
        "This deployment's GoTo client is accepted",
        "Administrator can sign in",
        "GoTo account",
        "Team management permission",
        "Users can be read",
        "GoToMeeting licence",
    )

    def __init__(
        self,
        values: Mapping[str, str],
        secrets: Mapping[str, str],
        token: GoToToken,
        account: AccountReader,
        users: Users,
    ) -> None:
        self._values, self._secrets = values, secrets
        self._token, self._account, self._users = token, account, users
        self._me: Me | None = None
        self._sign_in: ProvisioningError | None = None

    def run(self) -> Iterator[Check]:
        """All eight; after the first that failed the others are "skipped"."""
        steps: tuple[Callable[[], str | Check], ...] = (
            self._fields,
            self._reachable,
            self._client_accepted,
            self._signed_in,
            self._whose,
            self._rights,
            self._readable,
            self._licence,
        )
        began, failed = monotonic(), False
        for name, step in zip(self.NAMES, steps, strict=True):
            if failed:
                yield Check(name, "skipped", "Not checked, because an earlier check failed.")
                continue
            try:
                if monotonic() - began > LONGEST_SECONDS:
                    raise TransientError("GoTo answers too slowly to finish the test. Try again in a while.")
                result = step()
            except AccountChoiceNeeded as exc:
                result = Check(name, "failed", str(exc), exc.code, tuple(exc.accounts.items()))
            except ProvisioningError as exc:
                result = Check(name, "failed", str(exc), exc.code)
            check = Check(name, "passed", result) if isinstance(result, str) else result
            failed = check.status == "failed"
            yield check

    def _fields(self) -> str:
        if (self._values.get("auth_mode") or PASSWORD) != PASSWORD:
            if not self._secrets.get("refresh_token"):
                raise ConfigurationError("GoTo has not been authorized yet. Use Authorize, or enter a refresh token.")
            return "An authorization is stored."
        for field, label in (("username", "GoToMeeting Admin User Name"), ("password", "GoToMeeting Admin Password")):
            if not {**self._values, **self._secrets}.get(field):
                raise ConfigurationError(f"{label} is missing.", code="MandatoryFieldsMissing")
        if not _MAIL.fullmatch(self._values["username"]):
            raise ConfigurationError("GoToMeeting Admin User Name must be an e-mail address.")
        return "User name and password are entered."

    def _reachable(self) -> str:
        """Signing in answers three questions at once; what went wrong says which of them."""
        try:
            self._token.get()
        except ProvisioningError as exc:
            about_later = isinstance(exc, CredentialsRejected) or exc.code in (CLIENT_REFUSED, GRANT_REFUSED)
            if not about_later:
                raise
            self._sign_in = exc
        return "GoTo sign-in answers."

    def _client_accepted(self) -> str:
        if self._sign_in is not None and not isinstance(self._sign_in, CredentialsRejected):
            raise self._sign_in
        return "GoTo accepts this deployment's client."

    def _signed_in(self) -> str:
        if self._sign_in is not None:
            raise self._sign_in
        return "GoTo accepts the credentials."

    def _whose(self) -> str:
        me = self._me = self._account.me()
        key = self._account.choose(me)
        return f"Signed in as {me.email}, account {me.accounts[key] or key}."

    def _rights(self) -> str | Check:
        me = self._me
        if me is None or SUPER_USER in me.roles:
            return "The administrator is a super user."
        missing = me.missing_rights()
        if not missing:
            return "The administrator may manage users and licences."
        rights = " and ".join(_MEANING[right] for right in missing)
        return Check(
            self.NAMES[5],
            "failed",
            f"The account lacks team management permission: {rights}. Grant it in the GoTo Admin Center, then test the "
            "admin credentials again.",
            "InsufficientRights",
        )

    def _readable(self) -> str:
        return f"The account has {self._users.total()} users."

    def _licence(self) -> str | Check:
        licences = self._account.licences().licences.values()
        having = [licence for licence in licences if licence.enabled and PRODUCT in licence.products]
        free = sum(max(0, licence.seats - licence.used) for licence in having)
        if not having:
            return Check(self.NAMES[7], "warning", "The account has no GoToMeeting licence: nobody can be provisioned.")
        if not free:
            return Check(self.NAMES[7], "warning", "All GoToMeeting seats are in use: nobody can be added.")
        return f"{free} GoToMeeting seats are free."
