"""Names of target attributes that reach into nested values, as Microsoft's provisioning writes SCIM attributes.

    userName                                    a simple attribute
    name.givenName                              a sub-attribute
    emails[type eq "work"].value                the value of the first element that the conditions select
    urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department      an attribute of an extension

Source: RFC 7644, section 3.5.2 (attribute paths); Microsoft Entra ID, "Customize user provisioning
attribute-mappings": the names of SCIM attributes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from provisioning.errors import MappingError
from provisioning.sentences import Sentence

URN = re.compile(r"(urn:[A-Za-z0-9.:_-]+):(?=[A-Za-z$])", re.IGNORECASE)
NAME = re.compile(r"[A-Za-z$_][A-Za-z0-9$_-]*")
CONDITION = re.compile(r'\s*([A-Za-z$_][A-Za-z0-9$_-]*)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false|[0-9]+)\s*', re.IGNORECASE)
AND = re.compile(r"and\b", re.IGNORECASE)
Literal = str | bool | int


@dataclass(frozen=True, slots=True)
class Path:
    """`schema` is the URN of an extension, "" for the core; `conditions` select an element of a list."""

    name: str
    sub_name: str = ""
    conditions: tuple[tuple[str, Literal], ...] = ()
    schema: str = ""


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Read a path. Raises MappingError naming the column of what does not fit."""
    urn = URN.match(text)
    at = urn.end() if urn else 0
    name = NAME.match(text, at)
    if name is None:
        raise unreadable(text, at)
    conditions, at = read_conditions(text, name.end())
    sub_name = ""
    if text.startswith(".", at):
        found = NAME.match(text, at + 1)
        if found is None:
            raise unreadable(text, at + 1)
        sub_name, at = found[0], found.end()
    if at != len(text):
        raise unreadable(text, at)
    return Path(name[0], sub_name, conditions, urn[1] if urn else "")


def read_conditions(text: str, at: int) -> tuple[tuple[tuple[str, Literal], ...], int]:
    """The conditions between brackets, and the place after them."""
    if not text.startswith("[", at):
        return (), at
    found: list[tuple[str, Literal]] = []
    at += 1
    while True:
        condition = CONDITION.match(text, at)
        if condition is None:
            raise unreadable(text, at)
        found.append((condition[1], literal(condition[2])))
        at = condition.end()
        if text.startswith("]", at):
            return tuple(found), at + 1
        joined = AND.match(text, at)
        if joined is None:
            raise unreadable(text, at)
        at = joined.end()


def literal(text: str) -> Literal:
    if text[0] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.lower() == "true" if text.lower() in ("true", "false") else int(text)


def unreadable(text: str, at: int) -> MappingError:
    return MappingError(
        Sentence(
            "The attribute name %(text)s cannot be read from character %(position)s.", text=text[:80], position=at + 1
        )
    )


def print_path(path: Path) -> str:
    """The text of a path; parsing it gives the same path again.

    >>> print_path(Path("emails", "value", (("type", "work"),)))
    'emails[type eq "work"].value'
    """
    conditions = " and ".join(f"{name} eq {quoted(value)}" for name, value in path.conditions)
    return "".join(
        (
            f"{path.schema}:" if path.schema else "",
            path.name,
            f"[{conditions}]" if conditions else "",
            f".{path.sub_name}" if path.sub_name else "",
        )
    )


def quoted(value: Literal) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def get(resource: Mapping[str, Any], path: Path) -> Any:
    """What a resource holds at a path, None where it holds nothing. Names are compared without regard to case.

    >>> get({"emails": [{"type": "work", "value": "b@x.nl"}]}, parse_path('emails[type eq "work"].value'))
    'b@x.nl'
    """
    holder: Any = look(resource, path.schema) if path.schema else resource
    value = look(holder, path.name)
    if path.conditions:
        value = next((each for each in value if selected(each, path)), None) if isinstance(value, list) else None
    if path.sub_name and isinstance(value, list):
        found = [look(each, path.sub_name) for each in value]
        return [each for each in found if each is not None] or None
    return look(value, path.sub_name) if path.sub_name else value


def put(resource: dict[str, Any], path: Path, value: Any) -> None:
    """Set what a resource holds at a path, making what is missing on the way; None takes it away.

    A new element of a multi-valued attribute gets the conditions as its values.
    """
    holder = child(resource, path.schema) if path.schema else resource
    if path.conditions:
        put_element(holder, path, value)
    elif path.sub_name:
        assign(child(holder, path.name), path.sub_name, value)
    else:
        assign(holder, path.name, value)


def put_element(holder: dict[str, Any], path: Path, value: Any) -> None:
    key = spelling(holder, path.name)
    elements = holder.setdefault(key, [])
    element = next((each for each in elements if selected(each, path)), None)
    if element is None and value is not None:
        element = dict(path.conditions)
        elements.append(element)
    if element is not None:
        assign(element, path.sub_name or "value", value)
    if value is None and element is not None and element.keys() <= {name for name, _ in path.conditions}:
        elements.remove(element)
    if not elements:
        del holder[key]


def selected(element: Any, path: Path) -> bool:
    """Whether an element meets all conditions; texts are compared without regard to case, as RFC 7643 has them."""
    return all(alike(look(element, name), wanted) for name, wanted in path.conditions)


def alike(value: Any, wanted: Literal) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return value is not None and type(value) is type(wanted) and value == wanted


def spelling(holder: Mapping[str, Any], name: str) -> str:
    """The name as the holder spells it, or as it is given where the holder has none."""
    if name in holder:
        return name
    return next((each for each in holder if each.lower() == name.lower()), name)


def look(holder: Any, name: str) -> Any:
    return holder.get(spelling(holder, name)) if isinstance(holder, Mapping) else None


def child(holder: dict[str, Any], name: str) -> dict[str, Any]:
    found = holder.setdefault(spelling(holder, name), {})
    if not isinstance(found, dict):
        raise MappingError(Sentence("%(name)s is not a structured value, so nothing can be set inside it.", name=name))
    return found


def assign(holder: dict[str, Any], name: str, value: Any) -> None:
    key = spelling(holder, name)
    if value is None:
        holder.pop(key, None)
    else:
        holder[key] = value
