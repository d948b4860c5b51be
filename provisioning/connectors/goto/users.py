"""Reading the users of a GoTo account: the whole list, one by key, a few by an attribute.

Source: GoTo Developer, Administration API, users: `filter`, `offset`, `pageSize`; `results`, `fromIndex`, `total`.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from provisioning.connectors.base import Account
from provisioning.connectors.goto.accounts import FIELDS, account_of, licence_keys_in
from provisioning.connectors.goto.client import GoToClient
from provisioning.connectors.goto.context import LARGEST_PAGE, AccountReader
from provisioning.errors import ConfigurationError, ReadingRefused
from provisioning.sentences import Sentence

_FEW = 50
"""How many accounts a search asks for; more than one has the same value only by mistake."""
_LISTINGS = 2
"""How often an inconsistent listing is begun before it is refused: somebody may have been added meanwhile."""
_RIGHT = "MANAGE_USERS"


class Users:
    def __init__(self, client: GoToClient, account: AccountReader) -> None:
        self._client, self._account = client, account
        self._filter_ignores_case: bool | None = None

    def total(self) -> int:
        data = self._page({"attributes": "key"}, most=1)
        return _count(data)

    def first_page(self) -> tuple[int, list[Account] | None]:
        """How many accounts there are, and all of them if this one answer tells everything about each."""
        data = self._page({"offset": "0"}, most=LARGEST_PAGE)
        records, total = _records(data), _count(data)
        complete = len({str(record.get("key")) for record in records}) == len(records) == total
        if not complete or any(licence_keys_in(record) is None for record in records):
            return total, None
        return total, [self._account_of(record, None) for record in records]

    def all(self) -> Iterator[list[Account]]:
        """Every account, once. Held back until the whole listing proved consistent: at most 25,000 accounts.

        Raises ReadingRefused when pages overlapped, were missing, or the list kept changing while it was read.
        """
        for attempt in range(_LISTINGS):
            try:
                pages = self._listing()
                break
            except ReadingRefused:
                if attempt + 1 == _LISTINGS:
                    raise
        holders: dict[str, list[str]] | None = None
        for records in pages:
            if holders is None and any(licence_keys_in(record) is None for record in records):
                holders = self._account.licences().holders
            yield [self._account_of(record, holders) for record in records]

    def get(self, key: str) -> Account | None:
        record = self._client.get(self._account.path("users", quote(key, safe="")), right=_RIGHT)
        if record is None:
            return None
        if not isinstance(record, dict) or str(record.get("key")) != key:
            raise ReadingRefused(Sentence("GoTo sent something else than the user that was asked for."))
        return self._complete(record)

    def find(self, attribute: str, value: str) -> list[Account]:
        """Accounts whose attribute has this value; letter case does not matter, whatever GoTo's filter thinks of it."""
        if attribute == "id":
            account = self.get(value)
            return [] if account is None else [account]
        field = "email" if attribute == 'emails[type eq "work"].value' else FIELDS.get(attribute)
        if field is None:
            raise ConfigurationError(
                Sentence("GoTo accounts cannot be searched by %(attribute)s. Match by userName.", attribute=attribute)
            )
        for spelling in dict.fromkeys((value, value.lower())):
            found = [record for record in self._filtered(field, spelling) if _same(record.get(field), value)]
            if found:
                return [self._complete(record) for record in found]
        return []

    def look_for(self, address: str, *, known_address: str) -> Account | None:
        """The account with this address, found even if the filter minds letter case.

        `known_address` is one that the account has for certain: searched in another spelling it tells about the filter.
        """
        found = self.find("userName", address)
        if not found and not self._ignores_case(known_address):
            for page in self.all():
                found += [account for account in page if _same(account.attributes["userName"], address)]
        return found[0] if found else None

    def _ignores_case(self, known_address: str) -> bool:
        if self._filter_ignores_case is None:
            records = self._filtered("email", known_address.swapcase())
            self._filter_ignores_case = any(_same(record.get("email"), known_address) for record in records)
        return self._filter_ignores_case

    def _filtered(self, field: str, value: str) -> list[dict[str, Any]]:
        condition = f"{field} eq {json.dumps(value, ensure_ascii=False)}"
        return _records(self._page({"filter": condition}, most=_FEW))

    def _listing(self) -> list[list[dict[str, Any]]]:
        pages: list[list[dict[str, Any]]] = []
        seen: set[str] = set()
        total: int | None = None
        while total is None or len(seen) < total:
            data = self._page({"offset": str(len(seen))}, most=LARGEST_PAGE)
            records = _records(data)
            if total is not None and _count(data) != total:
                raise ReadingRefused(
                    Sentence("The list of GoTo accounts changed while it was read; it was not taken over.")
                )
            total = _count(data)
            keys = {str(record.get("key")) for record in records}
            if data.get("fromIndex", len(seen)) != len(seen) or len(keys) != len(records) or keys & seen:
                raise ReadingRefused(Sentence("GoTo sent a page of accounts twice; the list was not taken over."))
            if not records:
                raise ReadingRefused(Sentence("GoTo left accounts out of the list; it was not taken over."))
            seen |= keys
            pages.append(records)
        return pages

    def _page(self, query: dict[str, str], *, most: int) -> dict[str, Any]:
        data = self._account.read_page("users", _RIGHT, query, most=most)
        if not isinstance(data, dict):
            raise ReadingRefused(Sentence("GoTo sent a list of accounts that cannot be read."))
        return data

    def _complete(self, record: dict[str, Any]) -> Account:
        unread = licence_keys_in(record) is None
        return self._account_of(record, self._account.licences().holders if unread else None)

    def _account_of(self, record: dict[str, Any], holders: dict[str, list[str]] | None) -> Account:
        """`holders` answers for records that do not show their licences."""
        keys = licence_keys_in(record)
        if keys is None and holders is not None:
            keys = holders.get(str(record.get("key")), [])
        return account_of(record, keys)


def _records(data: dict[str, Any]) -> list[dict[str, Any]]:
    records = data.get("results")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ReadingRefused(Sentence("GoTo sent a list of accounts that cannot be read."))
    return records


def _count(data: dict[str, Any]) -> int:
    total = data.get("total")
    if isinstance(total, bool) or not str(total).isdigit():
        raise ReadingRefused(Sentence("GoTo did not say how many accounts there are."))
    return int(str(total))


def _same(one: object, other: object) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one.casefold() == other.casefold()
