"""What differs between two schemas, in the words of the mapping's pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provisioning.mapping.changes import SchemaChange, changes, text_of
from provisioning.mapping.filters import parts

PARTS: dict[str, str | Promise] = {
    "schema": gettext_lazy("Schema"),
    "directory": gettext_lazy("Directory"),
    "object": gettext_lazy("Object"),
    "attribute": gettext_lazy("Attribute"),
    "rule": gettext_lazy("Synchronization rule"),
    "objectMapping": gettext_lazy("Object mapping"),
    "attributeMapping": gettext_lazy("Attribute mapping"),
}
PROPERTIES: dict[str, str | Promise] = {
    "source": gettext_lazy("Source attribute"),
    "defaultValue": gettext_lazy("Default value if null (optional)"),
    "enabled": gettext_lazy("Enabled"),
    "flowType": gettext_lazy("Apply this mapping"),
    "flowTypes": gettext_lazy("Target Object Actions"),
    "matchingPriority": gettext_lazy("Matching precedence"),
    "scope": gettext_lazy("Source Object Scope"),
}
"""Of others the name in Graph is shown."""
LONGEST = 300


@dataclass(frozen=True)
class ShownChange:
    """`old` and `new` are "" for what is not there."""

    part: str | Promise
    name: str
    key: str | Promise
    old: str
    new: str


def in_words_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ShownChange]:
    return [_shown(each) for each in changes(before, after)]


def _shown(change: SchemaChange) -> ShownChange:
    # Where there is but one object mapping, its name says nothing.
    name = "" if change.part == "objectMapping" and change.action == "changed" else change.name
    return ShownChange(
        PARTS[change.part],
        name,
        PROPERTIES.get(change.key, change.key),
        _value(change.key, change.old),
        _value(change.key, change.new),
    )


def _value(key: str, value: Any) -> str:
    if key == "scope":
        return scope_in_words(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping) and "source" in value:
        return text_of(value["source"]) or _("None")
    if isinstance(value, Mapping | list):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "" if value is None else str(value)


def scope_in_words(scope: Mapping[str, Any] | None) -> str:
    """The filters with their clauses; any of them lets a person through."""
    groups = (scope or {}).get("groups") or []
    told = [
        f"{each.get('name') or ''}: {'; '.join(map(clause_in_words, each.get('clauses') or ()))}" for each in groups
    ]
    return " | ".join(told) or _("All records")


def clause_in_words(clause: Mapping[str, Any]) -> str:
    """department EQUALS Sales"""
    attribute, operator, value = parts(clause)
    return " ".join(part for part in (attribute, operator.name if operator else "?", value) if part)
