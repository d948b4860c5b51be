"""What the mapping wants for one person, and how that differs from what an account holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from provisioning.errors import MappingError
from provisioning.expressions import Value
from provisioning.expressions.values import as_text

Attributes = dict[str, Value]


@dataclass(slots=True)
class Evaluation:
    """Three results kept apart for every target attribute: set (`values`), clear, and leave (in neither).

    `references` holds the source ids of reference attributes, which are written in a second pass once both
    objects have accounts. `errors` maps target attributes to why they have no value; with any of them the person
    must not be written. `ignore_object` means that an expression said IgnoreObjectFlow: leave the whole person alone.
    """

    values: Attributes = field(default_factory=dict)
    clear: set[str] = field(default_factory=set)
    references: Attributes = field(default_factory=dict)
    errors: dict[str, MappingError] = field(default_factory=dict)
    ignore_object: bool = False

    @property
    def wanted(self) -> Attributes:
        """What to write: `values`, and None for what is to be cleared."""
        return self.values | dict.fromkeys(self.clear)


class Difference(NamedTuple):
    """One attribute to write: `old` is what the account holds (None: nothing), `new` what it shall hold."""

    name: str
    old: Value
    new: Value


def same(first: Value, second: Value, *, case_exact: bool) -> bool:
    """Whether two values mean the same to the target.

    Texts are compared without regard to case unless `case_exact`; "True" and True, "7" and 7, and all empty values
    are the same; lists are sets.
    """
    if first == second and first.__class__ is second.__class__:
        return True
    if isinstance(first, list) or isinstance(second, list):
        return folded_set(first, case_exact) == folded_set(second, case_exact)
    return folded(first, case_exact) == folded(second, case_exact)


def parts(value: Value) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def folded_set(value: Value, case_exact: bool) -> set[str]:
    return {folded(each, case_exact) for each in parts(value)}


def folded(value: object, case_exact: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = as_text(value) or ""
    if not case_exact:
        return text.casefold()
    return text.lower() if text in ("True", "False") else text


def added(wanted: Value, current: Value, *, case_exact: bool) -> list[Any]:
    """The current values, and those of `wanted` that are not among them."""
    held = parts(current)
    known = {folded(each, case_exact) for each in held}
    return held + [each for each in parts(wanted) if folded(each, case_exact) not in known]


def emptied(current: Mapping[str, Value] | None, name: str) -> bool:
    """Whether the account is known to hold nothing under this name."""
    return current is not None and current.get(name) in (None, "", [])
