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
from provisioning.sentences import Sentence

PRODUCT = "G2M"
_REQUIRED = (
    ("username", Sentence("GoToMeeting Admin User Name")),
    ("password", Sentence("GoToMeeting Admin Password")),
)
LONGEST_SECONDS = 20.0
"""When a test has taken so long no further question is asked, so that it ends within half a minute."""

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MEANING = {
    "MANAGE_USERS": Sentence("MANAGE_USERS (to create, change and disable users)"),
    "MANAGE_SEATS": Sentence("MANAGE_SEATS (to give and take licences)"),
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
        steps: tuple[Callable[[], Sentence | Check], ...] = (
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
                yield Check(name, "skipped", Sentence("Not checked, because an earlier check failed."))
                continue
            try:
                if monotonic() - began > LONGEST_SECONDS:
                    raise TransientError(Sentence("GoTo answers too slowly to finish the test. Try again in a while."))
                result = step()
            except AccountChoiceNeeded as exc:
                result = Check(name, "failed", exc.message, exc.code, tuple(exc.accounts.items()))
            except ProvisioningError as exc:
                result = Check(name, "failed", exc.message, exc.code)
            check = Check(name, "passed", result) if isinstance(result, Sentence) else result
            failed = check.status == "failed"
            yield check

    def _fields(self) -> Sentence:
        if (self._values.get("auth_mode") or PASSWORD) != PASSWORD:
            if not self._secrets.get("refresh_token"):
                raise ConfigurationError(
                    Sentence("GoTo has not been authorized yet. Use Authorize, or enter a refresh token.")
                )
            return Sentence("An authorization is stored.")
        for field, label in _REQUIRED:
            if not {**self._values, **self._secrets}.get(field):
                raise ConfigurationError(Sentence("%(label)s is missing.", label=label), code="MandatoryFieldsMissing")
        if not _MAIL.fullmatch(self._values["username"]):
            raise ConfigurationError(Sentence("GoToMeeting Admin User Name must be an e-mail address."))
        return Sentence("User name and password are entered.")

    def _reachable(self) -> Sentence:
        """Signing in answers three questions at once; what went wrong says which of them."""
        try:
            self._token.get()
        except ProvisioningError as exc:
            about_later = isinstance(exc, CredentialsRejected) or exc.code in (CLIENT_REFUSED, GRANT_REFUSED)
            if not about_later:
                raise
            self._sign_in = exc
        return Sentence("GoTo sign-in answers.")

    def _client_accepted(self) -> Sentence:
        if self._sign_in is not None and not isinstance(self._sign_in, CredentialsRejected):
            raise self._sign_in
        return Sentence("GoTo accepts this deployment's client.")

    def _signed_in(self) -> Sentence:
        if self._sign_in is not None:
            raise self._sign_in
        return Sentence("GoTo accepts the credentials.")

    def _whose(self) -> Sentence:
        me = self._me = self._account.me()
        key = self._account.choose(me)
        return Sentence("Signed in as %(email)s, account %(account)s.", email=me.email, account=me.accounts[key] or key)

    def _rights(self) -> Sentence | Check:
        me = self._me
        if me is None or SUPER_USER in me.roles:
            return Sentence("The administrator is a super user.")
        missing = me.missing_rights()
        if not missing:
            return Sentence("The administrator may manage users and licences.")
        rights = _MEANING[missing[0]]
        if len(missing) > 1:
            rights = Sentence("%(one)s and %(other)s", one=rights, other=_MEANING[missing[1]])
        return Check(
            self.NAMES[5],
            "failed",
            Sentence(
                "The account lacks team management permission: %(rights)s. Grant it in the GoTo Admin Center, then "
                "test the admin credentials again.",
                rights=rights,
            ),
            "InsufficientRights",
        )

    def _readable(self) -> Sentence:
        return Sentence("The account has %(total)s users.", total=self._users.total())

    def _licence(self) -> Sentence | Check:
        licences = self._account.licences().licences.values()
        having = [licence for licence in licences if licence.enabled and PRODUCT in licence.products]
        free = sum(max(0, licence.seats - licence.used) for licence in having)
        if not having:
            return Check(
                self.NAMES[7], "warning", Sentence("The account has no GoToMeeting licence: nobody can be provisioned.")
            )
        if not free:
            return Check(self.NAMES[7], "warning", Sentence("All GoToMeeting seats are in use: nobody can be added."))
        return Sentence("%(free)s GoToMeeting seats are free.", free=free)
