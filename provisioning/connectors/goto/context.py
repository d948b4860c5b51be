"""What the GoTo account itself looks like: who owns the credentials, which licences and groups there are.

Source: GoTo Developer, Administration API, "Administration REST API Implementation"; GoTo support, "What is a license".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from provisioning.connectors.base import Licence
from provisioning.connectors.goto.accounts import key_of, texts
from provisioning.connectors.goto.client import GoToClient
from provisioning.errors import (
    AccountChoiceNeeded,
    ConfigurationError,
    PermissionMissing,
    ProvisioningError,
    TransientError,
)
from provisioning.sentences import Sentence

SUPER_USER = "SUPER_USER"
LARGEST_PAGE = 1000
TEAM_MANAGEMENT = ("MANAGE_USERS", "MANAGE_SEATS")
"""What a manager needs besides being no full administrator: users (create, update, disable) and their licences."""


@dataclass(frozen=True)
class Me:
    """The owner of the credentials. `accounts`: account key → name."""

    key: str
    email: str
    roles: frozenset[str]
    accounts: Mapping[str, str]

    def missing_rights(self) -> tuple[str, ...]:
        return () if SUPER_USER in self.roles else tuple(right for right in TEAM_MANAGEMENT if right not in self.roles)


@dataclass
class LicenceList:
    licences: dict[str, Licence] = field(default_factory=dict)
    holders: dict[str, list[str]] = field(default_factory=dict)
    """User key → keys of the licences it holds or was invited to."""


class AccountReader:
    """Knows which account is meant; everything else is asked of it."""

    def __init__(self, client: GoToClient, account_key: str) -> None:
        self._client = client
        self._chosen = account_key
        self._key = ""
        self._page_size = LARGEST_PAGE
        self._owner: Me | None = None
        self._lock = Lock()

    @property
    def key(self) -> str:
        """The account's key; where none was chosen, /me is asked the first time. Raises AccountChoiceNeeded, …"""
        with self._lock:
            if not self._key:
                self._key = self._chosen or self.choose(self.me())
            return self._key

    def path(self, *parts: str) -> str:
        return "/".join(("/accounts", self.key, *parts))

    @property
    def owner(self) -> Me:
        """Who owns the credentials, as first read; `me` reads anew."""
        return self._owner or self.me()

    def me(self) -> Me:
        answer = self._client.request("GET", "/me")
        if answer.status == 404:
            raise ConfigurationError(Sentence("GoTo does not know this administrator. Check the GoTo API address."))
        if not answer.ok:
            raise self._client.refusal(answer, "Admin Center")
        self._owner = _me(answer.data)
        return self._owner

    def choose(self, me: Me) -> str:
        if self._chosen and self._chosen not in me.accounts:
            raise ConfigurationError(
                Sentence("The chosen GoTo account is not one of this administrator's. Choose it anew.")
            )
        if self._chosen:
            return self._chosen
        if len(me.accounts) > 1:
            raise AccountChoiceNeeded(
                Sentence("These credentials open several GoTo accounts. Choose the one to provision to."),
                accounts=dict(me.accounts),
            )
        if not me.accounts:
            raise ConfigurationError(Sentence("This administrator has no GoTo account."))
        return next(iter(me.accounts))

    def read(self, collection: str, right: str, query: dict[str, str]) -> Any:
        """The JSON of one page of the account's users, licenses, …"""
        data = self._client.get(self.path(collection), right=right, query=query)
        if data is None:
            raise ConfigurationError(
                Sentence("GoTo does not know the chosen account. Test the connection and choose it anew.")
            )
        return data

    def licences(self) -> LicenceList:
        found = LicenceList()
        for record in self._all("licenses", "MANAGE_SEATS", {}):
            licence = _licence(record)
            found.licences[licence.key] = licence
            for user_key in (*texts(record.get("userKeys")), *texts(record.get("invitedUserKeys"))):
                found.holders.setdefault(user_key, []).append(licence.key)
        return found

    def groups(self) -> dict[str, str]:
        """Name → key; empty where the administrator may not see the groups, since only a mapped group needs them."""
        try:
            records = list(self._all("groups", "MANAGE_GROUPS", {}))
        except PermissionMissing:
            return {}
        return {str(record.get("name") or ""): key_of(record) for record in records}

    def super_users(self) -> list[str]:
        """Keys of all full administrators; reads the whole list, two columns of it."""
        records = self._all("users", "MANAGE_USERS", {"attributes": "key,adminRoles"}, most=LARGEST_PAGE)
        return [key_of(record) for record in records if SUPER_USER in texts(record.get("adminRoles"))]

    def read_page(self, collection: str, right: str, query: dict[str, str], *, most: int) -> Any:
        """A page of up to `most` records, or as many as GoTo takes; the largest size it takes was never published."""
        while True:
            size = min(self._page_size, most)
            try:
                return self.read(collection, right, query | {"pageSize": str(size)})
            except ConfigurationError as exc:
                if type(exc) is not ConfigurationError or size <= 1:
                    raise
                self._page_size = size // 2

    def _all(
        self, collection: str, right: str, query: dict[str, str], *, most: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Every record of a collection; without `most` in pages of whatever size GoTo likes."""
        offset = 0
        while True:
            here = query | {"offset": str(offset)}
            if most is None:
                data = self.read(collection, right, here)
            else:
                data = self.read_page(collection, right, here, most=most)
            records = data.get("results") if isinstance(data, dict) else None
            if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
                raise TransientError(
                    Sentence(
                        "GoTo sent a list (%(collection)s) that cannot be read. It is tried again by itself.",
                        collection=collection,
                    )
                )
            yield from records
            offset += len(records)
            if not records or offset >= int(data.get("total") or 0):
                return


def _me(data: Any) -> Me:
    if not isinstance(data, dict) or not key_of(data):
        raise TransientError(Sentence("GoTo did not say whose credentials these are. It is tried again by itself."))
    accounts = {key_of(account): str(account.get("name") or "") for account in data.get("accounts") or []}
    primary = str(data.get("accountKey") or "")
    if primary and primary not in accounts:
        accounts = {primary: "", **accounts}
    return Me(key_of(data), str(data.get("email") or ""), frozenset(texts(data.get("adminRoles"))), accounts)


def _licence(record: Any) -> Licence:
    try:
        return Licence(
            key=key_of(record),
            products=tuple(texts(record.get("products"))),
            seats=int(record.get("seats") or 0),
            used=int(record.get("userCount") or 0),
            name=str(record.get("description") or ""),
            enabled=record.get("enabled") is not False,
        )
    except (AttributeError, TypeError, ValueError, ProvisioningError) as exc:
        raise TransientError(Sentence("GoTo sent a licence that cannot be read. It is tried again by itself.")) from exc
