"""The comparisons of IIF and CBool."""

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from provisioning.expressions.context import Context
from provisioning.expressions.signatures import Evaluate, Source
from provisioning.expressions.values import INTEGER, as_date, as_integer, as_text, is_empty

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: str, left: Evaluate, right: Evaluate, asks_for_value: bool) -> Evaluate:
    """A closure that compares two values.

    Two dates are compared as moments; a number with what reads as one, and for < <= > >= any two that read as
    numbers, as numbers; everything else as text, capitals and small letters differing. A side without a
    value makes it false, unless the other side is the constant "" (`asks_for_value`).

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IIF; the order of numbers
    and dates is our choice.
    """
    holds = OPERATORS[sign]
    ordered = sign not in ("=", "<>")

    def run(source: Source, context: Context) -> bool:
        first, second = left(source, context), right(source, context)
        if first and second and not ordered and first.__class__ is second.__class__ is str:
            return holds(first, second)
        if is_empty(first) or is_empty(second):
            return asks_for_value and holds("" if is_empty(first) else "x", "" if is_empty(second) else "x")
        return holds(*alike(first, second, ordered=ordered))

    return run


def alike(first: object, second: object, *, ordered: bool) -> tuple[Any, Any]:
    """The two values as one kind."""
    if isinstance(first, datetime) or isinstance(second, datetime):
        return as_date(first), as_date(second)
    numbers = [each for each in (first, second) if isinstance(each, int) and not isinstance(each, bool)]
    texts = as_text(first) or "", as_text(second) or ""
    if (numbers or ordered) and all(INTEGER.fullmatch(text) for text in texts):
        return as_integer(texts[0]), as_integer(texts[1])
    return texts
