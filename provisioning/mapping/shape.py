"""The shape of a synchronizationSchema: which property is what, and which words its enumerations have.

Unknown properties are allowed everywhere and kept. Enumerations are read without regard to case.

Source: Microsoft Graph v1.0, synchronizationSchema and the resource types it is made of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provisioning.mapping.definitions import MUTABILITIES, TYPES
from provisioning.sentences import Sentence

FLOW_TYPES = ("Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly")
ACTIONS = ("None", "Add", "Update", "Delete")
DISCOVERABILITIES = ("None", "AttributeNames", "AttributeDataTypes", "AttributeReadOnly", "ReferenceAttributes")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a schema: where ("synchronizationRules[0].name"), a code, and a sentence."""

    path: str
    code: str
    message: Sentence


@dataclass(frozen=True)
class Enum:
    """One word of a list; `flags`: several, separated by commas, or a JSON array of them."""

    words: tuple[str, ...]
    flags: bool = False

    def canonical(self, value: object) -> str | None:
        """The value in the list's own spelling, None where it is not in the list."""
        given = value if isinstance(value, list) else str(value).split(",") if self.flags else [value]
        by_lower_case = {word.lower(): word for word in self.words}
        found = [by_lower_case.get(str(each).strip().lower()) for each in given]
        return None if None in found or not found else ", ".join(each for each in found if each)


@dataclass(frozen=True)
class Record:
    """An object: its known properties, and which of them must have a value."""

    properties: dict[str, Any]
    required: tuple[str, ...] = ()


ANY = object()
KEY_VALUES = [Record({"key": str, "value": ANY}, ("key",))]
SOURCE = Record({"type": Enum(("Attribute", "Constant", "Function")), "name": str, "expression": str})
SOURCE.properties["parameters"] = [Record({"key": str, "value": SOURCE})]
CLAUSE = Record(
    {"sourceOperandName": str, "operatorName": str, "targetOperand": Record({"values": [str]})},
    ("sourceOperandName", "operatorName"),
)
GROUPS = [Record({"name": str, "clauses": [CLAUSE]})]
ATTRIBUTE_MAPPING = Record(
    {
        "targetAttributeName": str,
        "source": SOURCE,
        "defaultValue": str,
        "matchingPriority": int,
        "flowType": Enum(FLOW_TYPES),
        "flowBehavior": Enum(("FlowWhenChanged", "FlowAlways")),
        "exportMissingReferences": bool,
        "rollcall": Record({"clearWhenEmpty": bool}),
    },
    ("targetAttributeName",),
)
OBJECT_MAPPING = Record(
    {
        "name": str,
        "enabled": bool,
        "flowTypes": Enum(ACTIONS, flags=True),
        "sourceObjectName": str,
        "targetObjectName": str,
        "scope": Record({"groups": GROUPS, "categoryFilterGroups": GROUPS, "inputFilterGroups": GROUPS}),
        "attributeMappings": [ATTRIBUTE_MAPPING],
        "metadata": KEY_VALUES,
    },
    ("sourceObjectName", "targetObjectName"),
)
RULE = Record(
    {
        "id": str,
        "name": str,
        "editable": bool,
        "priority": int,
        "sourceDirectoryName": str,
        "targetDirectoryName": str,
        "objectMappings": [OBJECT_MAPPING],
        "metadata": KEY_VALUES,
    },
    ("sourceDirectoryName", "targetDirectoryName"),
)
ATTRIBUTE = Record(
    {
        "name": str,
        "type": Enum(TYPES),
        "anchor": bool,
        "caseExact": bool,
        "defaultValue": str,
        "flowNullValues": bool,
        "multivalued": bool,
        "mutability": Enum(MUTABILITIES),
        "required": bool,
        "unique": bool,
        "referencedObjects": [Record({"referencedObjectName": str, "referencedProperty": str})],
        "apiExpressions": KEY_VALUES,
        "metadata": KEY_VALUES,
    },
    ("name",),
)
OBJECT = Record({"name": str, "attributes": [ATTRIBUTE], "metadata": KEY_VALUES, "supportedApis": [str]}, ("name",))
DIRECTORY = Record(
    {
        "id": str,
        "name": str,
        "objects": [OBJECT],
        "readOnly": bool,
        "version": str,
        "discoverabilities": Enum(DISCOVERABILITIES, flags=True),
    },
    ("name",),
)
SCHEMA = Record({"id": str, "version": str, "directories": [DIRECTORY], "synchronizationRules": [RULE]})
WORDS = {str: Sentence("a text"), bool: Sentence("true or false"), int: Sentence("a whole number")}


def shape_problems(value: Any, spec: Any = SCHEMA, path: str = "") -> Iterator[Problem]:
    """Everything that has not the shape of `spec`; null is allowed wherever a value is not required."""
    if value is None or spec is ANY:
        return
    if isinstance(spec, Record):
        yield from record_problems(value, spec, path)
    elif isinstance(spec, list):
        yield from list_problems(value, spec[0], path)
    elif isinstance(spec, Enum):
        if not isinstance(value, str | list) or spec.canonical(value) is None:
            yield Problem(
                path,
                "UnknownValue",
                Sentence("%(value)s is none of %(names)s.", value=shown(value), names=", ".join(spec.words)),
            )
    elif type(value) is not spec:
        yield Problem(path, "WrongType", Sentence("%(value)s is not %(kind)s.", value=shown(value), kind=WORDS[spec]))


def record_problems(value: Any, spec: Record, path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, "WrongType", Sentence("%(value)s is not an object.", value=shown(value)))
        return
    for name in spec.required:
        if value.get(name) in (None, ""):
            yield Problem(joined(path, name), "MissingProperty", Sentence("%(name)s is missing.", name=name))
    for name, inner in spec.properties.items():
        yield from shape_problems(value.get(name), inner, joined(path, name))


def list_problems(value: Any, spec: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, "WrongType", Sentence("%(value)s is not a list.", value=shown(value)))
        return
    for index, each in enumerate(value):
        place = f"{path}[{index}]"
        if each is None:
            yield Problem(place, "WrongType", Sentence("null cannot stand in a list."))
        yield from shape_problems(each, spec, place)


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"
