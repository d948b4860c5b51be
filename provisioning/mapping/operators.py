"""The operators of scoping filters.

Each is told the attribute's value, which is never empty here, and the clause's; operators of one operand get the
first alone. Source: Microsoft Entra ID, "Scoping users or groups to be provisioned with scoping filters".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from provisioning.errors import MappingError
from provisioning.expressions import patterns
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.limits import PATTERN_SECONDS
from provisioning.expressions.values import as_integer, as_text
from provisioning.sentences import Sentence

Test = Callable[[Any], bool]


@dataclass(frozen=True)
class Operator:
    """`prepare` is given the clause's value once and answers the test; it raises MappingError when the value is unfit.

    `on_empty` is the answer for an attribute without a value.
    """

    name: str
    types: tuple[str, ...]
    prepare: Callable[[str], Test]
    unary: bool = False
    on_empty: bool = False


def text(value: Any) -> str:
    return as_text(value) or ""


def whole(value: Any) -> int | None:
    """The value as a whole number, None where it is none."""
    try:
        return as_integer(value)
    except ExpressionError:
        return None


def equals(wanted: str) -> Test:
    """Texts exactly; a whole number, stored as one, by its amount."""
    number = whole(wanted)

    def test(value: Any) -> bool:
        if isinstance(value, int) and not isinstance(value, bool):
            return value == number
        return text(value) == wanted

    return test


def matches(pattern: str) -> Test:
    """The pattern covers the whole value, capitals and small letters differing.

    Microsoft does not say whether part of a value is enough. Every pattern it publishes is described as if it
    had to cover the whole: `([1-9][0-9])` for the numbers from 10 to 99, `.*\\@domain.com` for a domain.
    """
    compiled = patterns.compiled(pattern)

    def test(value: Any) -> bool:
        try:
            return compiled.fullmatch(text(value), timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            message = Sentence(
                "The regular expression of a scoping filter takes too long on this value: it backtracks too much."
            )
            raise MappingError(message) from None

    return test


def ordered(holds: Callable[[int, int], bool]) -> Callable[[str], Test]:
    def prepare(wanted: str) -> Test:
        limit = whole(wanted)
        if limit is None:
            raise MappingError(Sentence('"%(wanted)s" is not a whole number.', wanted=wanted[:40]))

        def test(value: Any) -> bool:
            number = whole(value)
            return number is not None and holds(number, limit)

        return test

    return prepare


def opposite(prepare: Callable[[str], Test]) -> Callable[[str], Test]:
    def prepared(wanted: str) -> Test:
        test = prepare(wanted)
        return lambda value: not test(value)

    return prepared


def is_boolean(wanted: bool) -> Callable[[str], Test]:
    return lambda _: lambda value: value is wanted or text(value).lower() == str(wanted).lower()


def always(answer: bool) -> Callable[[str], Test]:
    return lambda _: lambda value: answer


WORDS = ("String", "Integer")
NULLABLE = ("String", "Integer", "Boolean")
OPERATORS = {
    each.name: each
    for each in (
        Operator("EQUALS", WORDS, equals),
        Operator("NOT EQUALS", WORDS, opposite(equals)),
        Operator("IS TRUE", ("Boolean",), is_boolean(True), unary=True),
        Operator("IS FALSE", ("Boolean",), is_boolean(False), unary=True),
        Operator("IS NULL", NULLABLE, always(False), unary=True, on_empty=True),
        Operator("IS NOT NULL", NULLABLE, always(True), unary=True),
        Operator("REGEX MATCH", WORDS, matches),
        Operator("NOT REGEX MATCH", WORDS, opposite(matches)),
        Operator("Greater_Than", WORDS, ordered(lambda number, limit: number > limit)),
        Operator("Greater_Than_OR_EQUALS", WORDS, ordered(lambda number, limit: number >= limit)),
        Operator("Includes", ("String",), lambda wanted: lambda value: wanted in text(value)),
        Operator("ENDS_WITH", ("String",), lambda wanted: lambda value: text(value).endswith(wanted)),
    )
}


def graph_operators() -> list[dict[str, Any]]:
    """Graph's answer to `filterOperators`."""
    return [
        {
            "id": operator.name,
            "name": operator.name,
            "arity": "Unary" if operator.unary else "Binary",
            "multivaluedComparisonType": "All",
            "supportedAttributeTypes": list(operator.types),
        }
        for operator in OPERATORS.values()
    ]
