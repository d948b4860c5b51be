"""GoTo's user record and our account, each in terms of the other.

Source: GoTo Developer, Administration API, "Create User", "Update User"; the record's fields as public clients read it.
"""

from collections.abc import Mapping
from typing import Any

from provisioning.connectors.base import Account, Attributes, Value
from provisioning.errors import ReadingRefused
from provisioning.sentences import Sentence

# Target attribute → field of GoTo's user record.
FIELDS = {
    "userName": "email",
    "name.givenName": "firstName",
    "name.familyName": "lastName",
    "locale": "locale",
    "timezone": "timeZone",
    "adminRoles": "adminRoles",
    "groupName": "groupName",
    "status": "status",
}
IDENTITY = frozenset({"userName", "name.givenName", "name.familyName", "locale"})
"""What only the primary account of a person may change, and nobody while identityReadOnly is true."""

_PERSON = {name: FIELDS[name] for name in ("userName", "name.givenName", "name.familyName")}


def key_of(record: Mapping[str, Any]) -> str:
    """The key as text, every digit of it, "" when there is none. Raises ReadingRefused for one that lost digits."""
    key = record.get("key")
    if isinstance(key, float | bool):
        raise ReadingRefused(Sentence("GoTo sent a key that is not a whole number."), details=repr(key))
    return "" if key is None else str(key)


def account_of(record: Mapping[str, Any], licence_keys: list[str] | None) -> Account:
    """`licence_keys`: those the account holds, where they were read; None when nobody could tell."""
    key = key_of(record)
    if not key or not isinstance(record.get("email"), str):
        raise ReadingRefused(
            Sentence("GoTo sent a user without key or e-mail address."), details=str(sorted(record))[:200]
        )
    first, last = record.get("firstName") or "", record.get("lastName") or ""
    attributes: Attributes = {name: record.get(field) for name, field in FIELDS.items()}
    attributes |= {
        "displayName": f"{first} {last}".strip(),
        "adminRoles": texts(record.get("adminRoles")),
        "products": texts(record.get("products")),
        "identityReadOnly": record.get("identityReadOnly") is True,
    }
    if licence_keys is not None:
        attributes["licenseKeys"] = sorted(licence_keys)
    attributes["active"] = holds_something(attributes)
    return Account(key, attributes)


def licence_keys_in(record: Mapping[str, Any]) -> list[str] | None:
    """The licences that the record itself names; None when it does not say."""
    return texts(record["licenseKeys"]) if isinstance(record.get("licenseKeys"), list) else None


def is_suspended(status: object) -> bool:
    """GoTo's spelling of the status was never published, so its case does not matter."""
    return str(status or "").lower() == "suspended"


def holds_something(attributes: Mapping[str, Value]) -> bool:
    """An account with a licence or an admin role is active; one with neither is suspended.

    Source: GoTo support, "How do I manually suspend a user".
    """
    if "licenseKeys" in attributes:
        return bool(attributes["licenseKeys"]) or bool(attributes.get("adminRoles"))
    return bool(attributes.get("adminRoles")) or not is_suspended(attributes.get("status"))


def person_of(attributes: Mapping[str, Value]) -> dict[str, Value]:
    """The part of a creation that belongs to one person."""
    return {field: attributes[name] for name, field in _PERSON.items() if attributes.get(name) is not None}


def fields_of(attributes: Mapping[str, Value], *, licence_field: str, groups: Mapping[str, str]) -> dict[str, Any]:
    """Attributes as a request writes them: keys as numbers, a group by its key. What GoTo works out is left out."""
    fields: dict[str, Any] = {}
    for name, value in attributes.items():
        if name == "licenseKeys":
            fields[licence_field] = [number(key) for key in texts(value)]
        elif name == "groupName":
            fields["groupKey"] = number(groups[str(value).casefold()])
        elif name == "suppressEmail":
            fields["suppressEmail"] = value
        elif name in FIELDS and name != "status":
            fields[FIELDS[name]] = value
    return fields


def texts(value: object) -> list[str]:
    """A list of anything as a sorted list of texts; a single value or none as a list too.

    >>> texts([6300000000000000001, "6300000000000000000"])
    ['6300000000000000000', '6300000000000000001']
    """
    if value is None:
        return []
    return sorted(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


def number(key: str) -> int | str:
    return int(key) if key.isdigit() else key
