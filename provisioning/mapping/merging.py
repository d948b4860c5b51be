"""Taking over a schema that somebody sent: what is kept of the stored one, and which of text and tree is believed.

Source: Microsoft Graph v1.0, "Update synchronizationSchema". Official clients lose flags and nulls between reading
and writing, which is why `put` and `patch` keep what a body does not mention.
"""

from collections.abc import Callable, Mapping
from typing import Any

from provisioning.expressions import ExpressionError, parse, to_text
from provisioning.expressions.graph_source import from_parameters, to_source
from provisioning.expressions.lexer import TOKEN, meaning
from provisioning.mapping.compiler import ALL_ACTIONS
from provisioning.mapping.shape import SCHEMA, Enum, Record, shape_problems

Document = dict[str, Any]
Json = Mapping[str, Any]


def imported(body: Json, stored: Json) -> Document:
    """The schema after an upload or a save in the editor: `body` as it is, with Graph's defaults where it is silent.

    Here, unlike in `put`, what was left out is gone; only the id stays the job's own.
    """
    return completed(annotations_removed(body), stored)


def put(stored: Json, body: Json) -> Document:
    """The schema after a PUT: `body` in place of `stored`, with what official clients cannot send carried over.

    A property that a directory, rule, mapping or attribute of `body` lacks keeps the value of its stored twin.
    """
    return completed(carried(stored, annotations_removed(body)), stored)


def patch(stored: Json, body: Json) -> Document:
    """The schema after a PATCH: the collections that `body` has replace the stored ones as a whole, as in a PUT."""
    return put(stored, {**stored, **body})


def annotations_removed(value: Any) -> Any:
    """OData's annotations belong to the transport, not to the document."""
    if isinstance(value, Mapping):
        return {name: annotations_removed(each) for name, each in value.items() if "@odata." not in name}
    if isinstance(value, list):
        return [annotations_removed(each) for each in value]
    return value


Identity = Callable[[Json], Any]
IDENTITIES: dict[str, tuple[Identity, ...]] = {
    "directories": (lambda each: each.get("id"), lambda each: each.get("name")),
    "objects": (lambda each: each.get("name"),),
    "attributes": (lambda each: each.get("name"),),
    "synchronizationRules": (lambda each: each.get("id"),),
    "objectMappings": (
        lambda each: each.get("name"),
        lambda each: (each.get("sourceObjectName"), each.get("targetObjectName")),
    ),
    "attributeMappings": (lambda each: each.get("targetAttributeName"),),
}
"""For each collection, what tells its elements apart, the surest first."""


def carried(stored: Json, given: Json) -> Document:
    """`given`, the elements of its collections completed from their stored twins, and so on downwards."""
    made = dict(given)
    for name, identities in IDENTITIES.items():
        if isinstance(given.get(name), list):
            twins = [each for each in as_list(stored.get(name)) if isinstance(each, dict)]
            made[name] = [element(each, twins, identities) for each in given[name]]
    return made


def element(given: Any, stored: list[Document], identities: tuple[Identity, ...]) -> Any:
    if not isinstance(given, dict):
        return given
    twin = find_twin(given, stored, identities) or {}
    return {**twin, **carried(twin, given)}


def find_twin(given: Document, stored: list[Document], identities: tuple[Identity, ...]) -> Document | None:
    for identity in identities:
        wanted = identity(given)
        found = [each for each in stored if identity(each) == wanted]
        if found and wanted not in (None, (None, None)):
            return found[0]
    return None


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


NEW_RULE: Document = {"editable": True, "priority": 1}
NEW_OBJECT_MAPPING: Document = {"enabled": True, "flowTypes": ALL_ACTIONS, "scope": None}
NEW_ATTRIBUTE_MAPPING: Document = {
    "defaultValue": None,
    "exportMissingReferences": False,
    "flowBehavior": "FlowWhenChanged",
    "flowType": "Always",
    "matchingPriority": 0,
    "source": None,
}


def completed(given: Document, stored: Json) -> Document:
    """With Graph's defaults, enumerations in Graph's spelling, and every source settled.

    A document that has not the shape of a schema is returned as it is: `problems` says what is wrong with it.
    """
    if next(shape_problems(given), None) is not None:
        return given
    complete: Document = canonical({**given, "id": stored.get("id") or given.get("id")}, SCHEMA)
    before = dict(sources(stored))
    for rule in complete.get("synchronizationRules") or ():
        fill(rule, NEW_RULE)
        for mapping in rule.get("objectMappings") or ():
            fill(mapping, NEW_OBJECT_MAPPING)
            for row in mapping.get("attributeMappings") or ():
                fill(row, NEW_ATTRIBUTE_MAPPING)
    for place, source in sources(complete):
        source.update(settled(source, before.get(place)))
    return complete


def fill(element: Document, defaults: Json) -> None:
    for name, value in defaults.items():
        element.setdefault(name, value)


def canonical(value: Any, spec: Any) -> Any:
    """A deep copy in which known enumerations are spelled as Graph spells them."""
    if isinstance(spec, Enum):
        return value if value is None else spec.canonical(value)
    if isinstance(value, dict):
        properties = spec.properties if isinstance(spec, Record) else {}
        return {name: canonical(each, properties.get(name)) for name, each in value.items()}
    if isinstance(value, list):
        inner = spec[0] if isinstance(spec, list) else None
        return [canonical(each, inner) for each in value]
    return value


def sources(schema: Json) -> list[tuple[tuple[Any, ...], Document]]:
    """Every source of an attribute mapping, with what tells it apart."""
    found = []
    for rule in schema.get("synchronizationRules") or ():
        for mapping in rule.get("objectMappings") or ():
            for row in mapping.get("attributeMappings") or ():
                if row.get("source"):
                    target = row.get("targetAttributeName")
                    place = (rule.get("id"), mapping.get("sourceObjectName"), mapping.get("targetObjectName"), target)
                    found.append((place, row["source"]))
    return found


def settled(source: Json, stored: Json | None) -> Document:
    """What to change in a source so that its text and its tree agree.

    The text wins where it is there and differs from the stored one, else type, name and parameters do. What cannot be
    read stays as it is, for the checks to name.
    """
    text = source.get("expression")
    if text and (stored is None or text != stored.get("expression")):
        return {**tree_of(text), "expression": text}
    tree = ("type", "name", "parameters")
    if stored is not None and all(source.get(name) == stored.get(name) for name in tree):
        return {"expression": stored.get("expression")}
    try:
        return {"expression": to_text(from_parameters(source))}
    except ExpressionError:
        return {}


def tree_of(text: str) -> Document:
    """Type, name and parameters that a text says; empty for what cannot be read."""
    token = TOKEN.fullmatch(text.strip())
    kind = token.lastgroup if token else None
    if token and kind in ("attribute", "text", "number", "name"):
        name = meaning(kind, token[kind])
        return {"type": "Attribute" if kind == "attribute" else "Constant", "name": name, "parameters": []}
    try:
        return to_source(parse(text))
    except ExpressionError:
        return {}
