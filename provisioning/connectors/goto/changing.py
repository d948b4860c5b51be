"""Changing and deleting accounts.

Source: GoTo Developer, "Update User"; GoTo support, "How do I manually suspend a user", "Delete Users".
"""

from collections.abc import Mapping
from urllib.parse import quote

from provisioning.connectors.base import Account, Attributes, Outcome, RequestFacts
from provisioning.connectors.goto.accounts import IDENTITY, fields_of, texts
from provisioning.connectors.goto.client import GoToClient
from provisioning.connectors.goto.context import AccountReader
from provisioning.connectors.goto.refusals import Refusals
from provisioning.connectors.goto.users import Users
from provisioning.connectors.sending import Answer
from provisioning.errors import Conflict, InvalidAnchor, RequestRejected
from provisioning.sentences import Sentence

READ_ONLY = Sentence("The identity is owned by another GoTo account: names, address and locale were left as they are.")
GONE = Sentence("The account was gone already.")
_LICENCES = "licenseKeys"
# The field of an update was never published. The likeliest goes first; whichever works is kept.
_SPELLINGS = ("licenseKeys", "licenses", "licenseKey")


class Changing:
    def __init__(self, client: GoToClient, account: AccountReader, users: Users, refusals: Refusals) -> None:
        self._client, self._account, self._users, self._refusals = client, account, users, refusals
        self._licence_field = _SPELLINGS[0]
        self._field_proved = False
        self._groups: Mapping[str, str] | None = None

    def update(self, key: str, changes: Attributes, facts: RequestFacts) -> Outcome:
        """Write these attributes and no others. Raises ProvisioningError."""
        used = self._licence_field
        answer = self._put(key, changes, used, facts)
        if not answer.ok:
            return self._refused(answer, key, changes, facts)
        if _LICENCES in changes and not (self._field_proved and used == self._licence_field):
            return self._prove(key, changes, used, facts)
        return Outcome(account=Account(key, dict(changes)), request=facts)

    def delete(self, key: str, facts: RequestFacts) -> Outcome:
        """Raises ProvisioningError. An account that is gone already is as good."""
        answer = self._client.request("DELETE", self._path(key), facts=facts)
        if answer.ok:
            return Outcome(request=facts)
        if answer.status == 404:
            return Outcome(request=facts, note=GONE)
        raise self._refusals.error(answer)

    def groups_for(self, attributes: Attributes) -> Mapping[str, str]:
        """Lower-case names of the account groups → keys; read once, and only when a group is to be written."""
        if "groupName" not in attributes:
            return {}
        wanted = str(attributes["groupName"]).casefold()
        if self._groups is None or wanted not in self._groups:
            self._groups = {name.casefold(): key for name, key in self._account.groups().items()}
        if wanted not in self._groups:
            raise RequestRejected(
                Sentence("The GoTo account has no group named %(name)s.", name=attributes["groupName"])
            )
        return self._groups

    def _path(self, key: str) -> str:
        return self._account.path("users", quote(key, safe=""))

    def _put(self, key: str, changes: Attributes, licence_field: str, facts: RequestFacts) -> Answer:
        fields = fields_of(changes, licence_field=licence_field, groups=self.groups_for(changes))
        return self._client.request("PUT", self._path(key), body=fields, facts=facts)

    def _prove(self, key: str, changes: Attributes, used: str, facts: RequestFacts) -> Outcome:
        """An accepted change of licences may have been ignored, as unknown fields are. Until one has worked, look.

        `used`: the field that was sent; another thread may have found out meanwhile that it is the wrong one.
        """
        wanted = texts(changes[_LICENCES])
        for field in (used, *(name for name in _SPELLINGS if name != used)):
            if field != used:
                answer = self._put(key, {_LICENCES: changes[_LICENCES]}, field, facts)
                if not answer.ok:
                    continue
            account = self._users.get(key)
            if account is None:
                raise InvalidAnchor(Sentence("The GoTo account no longer exists."))
            if texts(account.attributes.get(_LICENCES)) == wanted:
                if wanted or not self._field_proved:  # that there are none may have been so before
                    self._licence_field, self._field_proved = field, bool(wanted)
                return Outcome(account=account, request=facts)
        raise RequestRejected(
            Sentence("GoTo accepted the change of licences, but the account has the same licences as before.")
        )

    def _refused(self, answer: Answer, key: str, changes: Attributes, facts: RequestFacts) -> Outcome:
        current = self._users.get(key)
        if current is None:
            raise InvalidAnchor(Sentence("The GoTo account no longer exists."), details=self._client.excerpt(answer))
        if current.attributes.get("identityReadOnly") and IDENTITY & changes.keys():
            return self._without_identity(current, changes, facts)
        held = texts(current.attributes.get(_LICENCES))
        more = [licence for licence in texts(changes.get(_LICENCES)) if licence not in held]
        self._refusals.raise_if_seats_are_short(more, 1)
        if "userName" in changes:
            address = str(changes["userName"])
            other = self._users.look_for(address, known_address=self._account.owner.email)
            if other is not None and other.key != key:
                raise Conflict(Sentence("Another user of this GoTo account has the address already."))
        raise self._refusals.error(answer)

    def _without_identity(self, current: Account, changes: Attributes, facts: RequestFacts) -> Outcome:
        rest = {name: value for name, value in changes.items() if name not in IDENTITY}
        if not rest:
            return Outcome(account=current, request=facts, note=READ_ONLY)
        outcome = self.update(current.key, rest, facts)
        outcome.note = READ_ONLY
        return outcome
