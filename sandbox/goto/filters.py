"""The Admin API's `filter`: `email eq "adele@contoso.example"`, joined by `and` or `or`.

Source: GoTo Developer, "Administration API", query parameter filter; operators other than eq are our reading.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sandbox.goto.errors import bad_request

CLAUSE = re.compile(r'\s*(\w+)\s+(eq|ne|sw|co)\s+"((?:[^"\\]|\\.)*)"\s*')
JOINT = re.compile(r"(and|or)(?=\s)")
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": str.__eq__,
    "ne": str.__ne__,
    "sw": str.startswith,
    "co": str.__contains__,
}
SEARCHABLE = ("email", "firstName", "lastName", "locale", "status", "key", "groupName", "groupKey")
Predicate = Callable[[dict[str, Any]], bool]


def raw_filter(query_string: str) -> str | None:
    """The filter with `%20` turned into spaces and `+` left alone, as the API does not take it for a space."""
    for part in query_string.split("&"):
        name, _, value = part.partition("=")
        if name == "filter":
            return unquote(value)
    return None


def parse_filter(text: str, *, ignore_case: bool) -> Predicate:
    """Tells whether a user record fits. `and` binds closer than `or`. Raises AdminError."""
    alternatives: list[list[Predicate]] = [[]]
    position = 0
    while True:
        clause = CLAUSE.match(text, position)
        if clause is None or clause[1] not in SEARCHABLE:
            raise bad_request(f"Invalid filter: {text}", "invalid.filter")
        alternatives[-1].append(condition(clause[1], clause[2], clause[3], ignore_case=ignore_case))
        position = clause.end()
        if position == len(text):
            return lambda record: any(all(holds(record) for holds in group) for group in alternatives)
        joint = JOINT.match(text, position)
        if joint is None:
            raise bad_request(f"Invalid filter: {text}", "invalid.filter")
        if joint[1] == "or":
            alternatives.append([])
        position = joint.end()


def condition(name: str, operator: str, constant: str, *, ignore_case: bool) -> Predicate:
    wanted = re.sub(r"\\(.)", r"\1", constant)
    compare = OPERATORS[operator]
    fold = str.casefold if ignore_case or name != "email" else str
    return lambda record: compare(fold(str(record.get(name) or "")), fold(wanted))
