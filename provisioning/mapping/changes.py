"""What differs between two schemas, for the audit log and for the editor's summary before saving."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One thing that differs.

    `action` is "added", "removed" or "changed"; `part` says what it is ("attributeMapping", "attribute", …), `name`
    which one; `key` is the property that changed, for a change only. `old` and `new` are JSON values.
    """

    action: str
    part: str
    name: str
    key: str = ""
    old: Any = None
    new: Any = None

    @property
    def label(self) -> str:
        """The name that an audit entry shows: "attributeMapping userName: flowType"."""
        named = f"{self.part} {self.name}".strip()
        return f"{named}: {self.key}" if self.key else named


PARTS: dict[str, tuple[str, Callable[[Json], str]]] = {
    "directories": ("directory", lambda each: str(each.get("name"))),
    "objects": ("object", lambda each: str(each.get("name"))),
    "attributes": ("attribute", lambda each: str(each.get("name"))),
    "synchronizationRules": ("rule", lambda each: str(each.get("id") or each.get("name"))),
    "objectMappings": (
        "objectMapping",
        lambda each: f"{each.get('sourceObjectName')} → {each.get('targetObjectName')}",
    ),
    "attributeMappings": ("attributeMapping", lambda each: str(each.get("targetAttributeName"))),
}
IGNORED = {"version", "id"}


def changes(before: Json, after: Json) -> list[SchemaChange]:
    """Every difference, element by element; the order of a collection means nothing, nor do version and id."""
    return list(differing("schema", "", before, after))


def differing(part: str, name: str, before: Json, after: Json) -> Iterator[SchemaChange]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if key in IGNORED or old == new:
            continue
        if key in PARTS:
            yield from collection(key, old or [], new or [])
        elif key == "source":
            yield SchemaChange("changed", part, name, key, text_of(old), text_of(new))
        else:
            yield SchemaChange("changed", part, name, key, old, new)


def collection(key: str, old: list[Json], new: list[Json]) -> Iterator[SchemaChange]:
    part, identity = PARTS[key]
    before, after = {identity(each): each for each in old}, {identity(each): each for each in new}
    for name, each in before.items():
        if name not in after:
            yield SchemaChange("removed", part, name, old=each)
    for name, each in after.items():
        if name in before:
            yield from differing(part, name, before[name], each)
        else:
            yield SchemaChange("added", part, name, new=each)


def text_of(source: Json | None) -> str | None:
    """A source as the mapping table shows it: its text says all that its tree says."""
    if source is None:
        return None
    return str(source.get("expression") or source.get("name") or "")
