"""Microsoft Graph's names and the older directory names that provisioning mappings use.

Source: Microsoft Entra, "synchronizationSchema" examples; Microsoft Graph v1.0, "user resource type".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioning.connectors.base import Attributes, Value

_EXTENSIONS = "onPremisesExtensionAttributes"
EXTENSION_ATTRIBUTES = tuple(f"extensionAttribute{number}" for number in range(1, 16))

# Provisioning attribute → Graph property, where they differ.
_GRAPH_NAMES = {
    "objectId": "id",
    "telephoneNumber": "businessPhones",
    "mobile": "mobilePhone",
    "facsimileTelephoneNumber": "faxNumber",
    "physicalDeliveryOfficeName": "officeLocation",
    **dict.fromkeys(EXTENSION_ATTRIBUTES, _EXTENSIONS),
}
_PROVISIONING_NAMES = {graph: name for name, graph in _GRAPH_NAMES.items() if graph != _EXTENSIONS}

# Worked out by the engine or never readable, so nothing to select.
_NOT_SELECTED = {"IsSoftDeleted", "appRoleAssignments", "passwordProfile", "members"}

ALWAYS_SELECTED = {
    "users": ("id", "accountEnabled", "userPrincipalName", "displayName", "mail", "userType", "jobTitle", "department"),
    "groups": ("id", "displayName", "description", "mail", "mailEnabled", "securityEnabled", "groupTypes"),
}


def graph_select(attributes: Iterable[str], kind: str = "users") -> list[str]:
    """The $select that reads these provisioning attributes and what pages and deciding need anyway.

    >>> graph_select(["mobile", "extensionAttribute3", "extensionAttribute4", "IsSoftDeleted"])[8:]
    ['onPremisesExtensionAttributes', 'mobilePhone']
    """
    wanted = list(ALWAYS_SELECTED[kind])
    for attribute in sorted(attributes):
        name = attribute.split(".")[0]
        wanted.append(_GRAPH_NAMES.get(name, name))
    return list(dict.fromkeys(name for name in wanted if name not in _NOT_SELECTED))


def provisioning_attributes(item: Mapping[str, Any]) -> Attributes:
    """A Graph object under the names of the mappings. What Graph left out stays out; what it sent as null is None.

    >>> provisioning_attributes({"id": "7", "businessPhones": ["+31 20 1234567"], "mail": None})
    {'objectId': '7', 'telephoneNumber': '+31 20 1234567', 'mail': None}
    """
    attributes: Attributes = {}
    for name, value in item.items():
        if name == _EXTENSIONS:
            attributes.update(_extension_attributes(value))
        elif name == "businessPhones":
            attributes["telephoneNumber"] = value[0] if value else None
        elif name == "manager@delta":
            attributes["manager"] = _last_reference(value)
        elif name == "manager":
            attributes["manager"] = value.get("id") if isinstance(value, dict) else value
        elif "@" not in name:
            attributes.update(_plain(_PROVISIONING_NAMES.get(name, name), value))
    return attributes


def _extension_attributes(value: Mapping[str, Any] | None) -> Attributes:
    return dict.fromkeys(EXTENSION_ATTRIBUTES) if value is None else dict(value)


def _last_reference(references: list[dict[str, Any]]) -> str | None:
    """The manager after a change: old and new come in one list, in any order, the old one marked as removed."""
    added = [reference["id"] for reference in references if "@removed" not in reference]
    return added[-1] if added else None


def _plain(name: str, value: Any) -> Attributes:
    """Values that a mapping can use; the parts of a complex value go by `name.part`, lists of objects by nothing."""
    if isinstance(value, dict):
        return {f"{name}.{part}": inner for part, inner in value.items() if _is_simple(inner)}
    if isinstance(value, list):
        return {name: [str(element) for element in value]} if all(map(_is_simple, value)) else {}
    return {name: _simple(value)}


def _is_simple(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def _simple(value: Any) -> Value:
    return str(value) if isinstance(value, float) else value
