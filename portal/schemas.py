"""Changing a mapping schema piece by piece: each function returns a changed copy, to be saved by the action.

Source: Microsoft Graph v1.0, synchronizationSchema, attributeMapping, filterGroup.
"""

from copy import deepcopy
from typing import Any

from provisioning.actions.mappings import ACTIONS, users_mapping
from provisioning.expressions import parse
from provisioning.expressions.graph_source import to_source
from provisioning.expressions.nodes import Attribute, Text
from provisioning.mapping.compiler import find_mapping, flow_types, object_definition
from provisioning.mapping.definitions import AttributeDefinition, definitions

Schema = dict[str, Any]

DIRECT, CONSTANT, EXPRESSION, NONE = "Direct", "Constant", "Expression", "None"


def source_definitions(schema: Schema) -> dict[str, AttributeDefinition]:
    """What the directory's people have, by name."""
    return _definitions(schema, "sourceDirectoryName", "sourceObjectName")


def target_definitions(schema: Schema) -> dict[str, AttributeDefinition]:
    """What an account has, by name."""
    return _definitions(schema, "targetDirectoryName", "targetObjectName")


def _definitions(schema: Schema, directory: str, name: str) -> dict[str, AttributeDefinition]:
    found = find_mapping(schema, "User")
    if found is None:
        return {}
    rule, mapping = found
    return definitions(object_definition(schema, rule.get(directory), mapping.get(name)))


def actions_of(schema: Schema) -> dict[str, bool]:
    """Target Object Actions: create, update, delete."""
    flags = flow_types(users_mapping(schema))
    return {name: flag in flags for name, flag in ACTIONS.items()}


def with_flags(schema: Schema, *, enabled: bool, **actions: bool) -> Schema:
    changed = deepcopy(schema)
    mapping = users_mapping(changed)
    mapping["enabled"] = enabled
    mapping["flowTypes"] = ", ".join(flag for name, flag in ACTIONS.items() if actions[name]) or "None"
    return changed


def source_of(kind: str, text: str) -> dict[str, Any] | None:
    """Graph's attributeMappingSource. Raises ExpressionError where an expression cannot be read."""
    if kind == NONE:
        return None
    if kind == DIRECT:
        return to_source(Attribute(text))
    if kind == CONSTANT:
        return to_source(Text(text))
    return to_source(parse(text))


def with_attribute(schema: Schema, old_target: str | None, attribute: dict[str, Any]) -> Schema:
    """In its old place, keeping what the form does not know; a new one comes last."""
    changed = deepcopy(schema)
    rows: list[dict[str, Any]] = users_mapping(changed)["attributeMappings"]
    for number, row in enumerate(rows):
        if row["targetAttributeName"] == old_target:
            rows[number] = {**row, **attribute}
            return changed
    rows.append({"exportMissingReferences": False, "flowBehavior": "FlowWhenChanged", **attribute})
    return changed


def without_attribute(schema: Schema, target: str) -> Schema:
    changed = deepcopy(schema)
    mapping = users_mapping(changed)
    mapping["attributeMappings"] = [row for row in mapping["attributeMappings"] if row["targetAttributeName"] != target]
    return changed


def tried_earlier(schema: Schema, target: str) -> Schema:
    """A matching attribute changes places with the one before it; the precedences become 1, 2, … on the way."""
    changed = deepcopy(schema)
    rows = [row for row in users_mapping(changed)["attributeMappings"] if (row.get("matchingPriority") or 0) > 0]
    rows.sort(key=lambda row: row["matchingPriority"])
    place = next((number for number, row in enumerate(rows) if row["targetAttributeName"] == target), 0)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
    for number, row in enumerate(rows, 1):
        row["matchingPriority"] = number
    return changed


def filter_groups(schema: Schema) -> list[dict[str, Any]]:
    """The scoping filters: one is enough; within one, every clause must hold."""
    return list((users_mapping(schema).get("scope") or {}).get("groups") or [])


def with_filter(schema: Schema, number: int | None, group: dict[str, Any]) -> Schema:
    groups = filter_groups(schema)
    if number is not None and number < len(groups):
        groups[number] = group
    else:
        groups.append(group)
    return _with_groups(schema, groups)


def without_filter(schema: Schema, number: int) -> Schema:
    return _with_groups(schema, [each for place, each in enumerate(filter_groups(schema)) if place != number])


def _with_groups(schema: Schema, groups: list[dict[str, Any]]) -> Schema:
    changed = deepcopy(schema)
    mapping = users_mapping(changed)
    scope = dict(mapping.get("scope") or {})
    scope["groups"] = deepcopy(groups)
    mapping["scope"] = scope if groups or len(scope) > 1 else None
    return changed


def clause_of(attribute: str, operator: str, value: str) -> dict[str, Any]:
    return {
        "operatorName": operator,
        "sourceOperandName": attribute,
        "targetOperand": {"values": [value] if value else []},
    }
