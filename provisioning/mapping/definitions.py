"""What a directory's schema says about one attribute: type, flags and limits.

Source: Microsoft Graph v1.0, attributeDefinition. Graph has no word for unique; the key "unique" beside its own
properties is ours, and survives a round trip as unknown properties do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPES = ("String", "Integer", "Reference", "Binary", "Boolean", "DateTime")
MUTABILITIES = ("ReadWrite", "ReadOnly", "Immutable", "WriteOnly")


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """`maximum_length` counts characters of each value; `referenced` names the object that a Reference points to."""

    name: str
    type: str = "String"
    anchor: bool = False
    required: bool = False
    unique: bool = False
    multivalued: bool = False
    case_exact: bool = False
    mutability: str = "ReadWrite"
    maximum_length: int | None = None
    referenced: str | None = None


def definition(attribute: Mapping[str, Any]) -> AttributeDefinition:
    """Read an attributeDefinition; absent flags have Graph's defaults."""
    referenced = attribute.get("referencedObjects") or [{}]
    return AttributeDefinition(
        name=attribute["name"],
        type=attribute.get("type") or "String",
        anchor=bool(attribute.get("anchor")),
        required=bool(attribute.get("required")),
        unique=bool(attribute.get("unique") or attribute.get("anchor")),
        multivalued=bool(attribute.get("multivalued")),
        case_exact=bool(attribute.get("caseExact")),
        mutability=attribute.get("mutability") or "ReadWrite",
        maximum_length=maximum_length(attribute),
        referenced=referenced[0].get("referencedObjectName"),
    )


def maximum_length(attribute: Mapping[str, Any]) -> int | None:
    """The metadata entry MaximumLength, a text that holds a number."""
    for entry in attribute.get("metadata") or ():
        if entry.get("key") == "MaximumLength" and str(entry.get("value", "")).strip('"').isdecimal():
            return int(str(entry["value"]).strip('"'))
    return None


def definitions(object_definition: Mapping[str, Any] | None) -> dict[str, AttributeDefinition]:
    """The attributes of an objectDefinition by name; of None, none."""
    attributes = (object_definition or {}).get("attributes") or ()
    return {attribute["name"]: definition(attribute) for attribute in attributes}
