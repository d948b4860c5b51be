"""The `$filter` language: eq, ne, not, in, ge, le, gt, lt, startswith, endswith, contains, and, or, any, brackets.

Text is compared without regard to case, as the directory does.
Source: Microsoft Graph, "Use the $filter query parameter", "Advanced query capabilities".
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.entra.graph.errors import GraphError

Predicate = Callable[[dict[str, Any]], bool]
TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<punctuation>[(),:])|(?P<word>[^\s(),:']+))")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, constant: bool(value == constant),
    "ne": lambda value, constant: bool(value != constant),
    "ge": lambda value, constant: value is not None and bool(value >= constant),
    "le": lambda value, constant: value is not None and bool(value <= constant),
    "gt": lambda value, constant: value is not None and bool(value > constant),
    "lt": lambda value, constant: value is not None and bool(value < constant),
}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
MOST_VALUES = 15
DEEPEST = 50


@dataclass(frozen=True)
class Filter:
    matches: Predicate
    advanced: bool
    """It needs `ConsistencyLevel: eventual` and `$count=true`."""
    names: frozenset[str]
    """The properties that it looks at."""


def parse_filter(text: str) -> Filter:
    """Raises GraphError 400 where the filter cannot be understood."""
    parser = _Parser(text)
    predicate = parser.disjunction()
    parser.end()
    return Filter(predicate, parser.advanced, frozenset(parser.names))


def folded(value: Any) -> Any:
    """A value as comparisons see it."""
    return value.casefold() if isinstance(value, str) else value


def value_at(path: str) -> Callable[[dict[str, Any]], Any]:
    """Reads `department`, or a part of a complex property: `onPremisesExtensionAttributes/extensionAttribute1`."""
    first, *rest = path.split("/")

    def read(values: dict[str, Any]) -> Any:
        value = values.get(first)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        return folded(value)

    return read


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens(text))
        self.position = 0
        self.depth = 0
        self.advanced = False
        self.names: set[str] = set()

    def _tokens(self, text: str) -> Iterable[tuple[str, str]]:
        position = 0
        while text[position:].strip():
            matched = TOKEN.match(text, position)
            if matched is None:
                raise self.error()
            position = matched.end()
            yield str(matched.lastgroup), matched.group().strip()

    def error(self) -> GraphError:
        return GraphError(400, "BadRequest", f"Invalid filter clause: syntax error in '{self.text}'.")

    def peek(self, ahead: int = 0) -> str:
        index = self.position + ahead
        return self.tokens[index][1] if index < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        if self.position >= len(self.tokens) or (expected is not None and self.peek() != expected):
            raise self.error()
        self.position += 1
        return self.tokens[self.position - 1][1]

    def end(self) -> None:
        if self.position < len(self.tokens):
            raise self.error()

    def disjunction(self) -> Predicate:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error()
        parts = [self.conjunction()]
        while self.peek() == "or":
            self.take()
            parts.append(self.conjunction())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else lambda values: any(part(values) for part in parts)

    def conjunction(self) -> Predicate:
        parts = [self.term()]
        while self.peek() == "and":
            self.take()
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else lambda values: all(part(values) for part in parts)

    def term(self) -> Predicate:
        if self.peek() == "not":
            self.take()
            self.advanced = True
            negated = self.term()
            return lambda values: not negated(values)
        if self.peek() == "(":
            self.take()
            inner = self.disjunction()
            self.take(")")
            return inner
        if self.peek().lower() in FUNCTIONS and self.peek(1) == "(":
            return self.function()
        if self.peek().endswith("/any"):
            return self.any()
        return self.comparison()

    def property(self) -> Callable[[dict[str, Any]], Any]:
        kind, name = self.tokens[self.position] if self.position < len(self.tokens) else ("", "")
        if kind != "word":
            raise self.error()
        self.take()
        self.names.add(name.split("/")[0])
        return value_at(name)

    def constant(self) -> Any:
        kind, text = self.tokens[self.position] if self.position < len(self.tokens) else ("", "")
        self.take()
        if kind == "text":
            return text[1:-1].replace("''", "'").casefold()
        if kind != "word":
            raise self.error()
        words: dict[str, Any] = {"true": True, "false": False, "null": None}
        if text in words:
            return words[text]
        return int(text) if text.lstrip("-").isdigit() else text.casefold()

    def comparison(self) -> Predicate:
        read = self.property()
        operator = self.take()
        if operator == "in":
            constants = self.constants()
            return lambda values: read(values) in constants
        if operator not in COMPARISONS:
            raise self.error()
        self.advanced |= operator == "ne"
        compare, constant = COMPARISONS[operator], self.constant()
        return lambda values: compare(read(values), constant)

    def constants(self) -> list[Any]:
        self.take("(")
        found = [self.constant()]
        while self.peek() == ",":
            self.take()
            found.append(self.constant())
        self.take(")")
        if len(found) > MOST_VALUES:
            message = (
                f"Too many child clauses specified in search filter expression containing 'OR' operators: {len(found)}."
            )
            raise GraphError(400, "Request_UnsupportedQuery", f"{message} Max allowed: {MOST_VALUES}.")
        return found

    def function(self) -> Predicate:
        name = self.take().lower()
        self.advanced |= name in ("endswith", "contains")
        self.take("(")
        read = self.property()
        self.take(",")
        constant = self.constant()
        self.take(")")
        holds = FUNCTIONS[name]
        if not isinstance(constant, str):
            raise self.error()

        def matches(values: dict[str, Any]) -> bool:
            value = read(values)
            return isinstance(value, str) and holds(value, constant)

        return matches

    def any(self) -> Predicate:
        name = self.take().removesuffix("/any")
        self.take("(")
        variable = self.take()
        self.take(":")
        known, self.names = self.names, set()
        inner = self.disjunction()
        self.names = known | {name}
        self.take(")")
        # An element is looked at as if the variable were a property: p eq 'x', or p/type eq 'x'.
        return lambda values: any(inner({variable: element}) for element in values.get(name) or ())
