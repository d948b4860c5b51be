"""Trying an expression out: on one object for Test expression, with everything that went wrong kept as a value.

Source: Microsoft Graph v1.0, synchronizationSchema: parseExpression.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioning.expressions.compiler import compile_expression
from provisioning.expressions.context import Context
from provisioning.expressions.dates import print_date
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.graph_source import to_source
from provisioning.expressions.values import Drop, Result


@dataclass(frozen=True)
class Trial:
    """How trying an expression ended.

    `parsed` is its tree in Graph's shape, `result` plain JSON, `error` the first fault. `evaluated` is False without
    an error where there was no object to try it on.
    """

    parsed: dict[str, Any] | None = None
    evaluated: bool = False
    result: Any = None
    error: ExpressionError | None = None

    @property
    def values(self) -> list[str]:
        """The result as Graph answers it: always a list of texts."""
        if not self.evaluated or self.result is None:
            return []
        return [as_answer(each) for each in (self.result if isinstance(self.result, list) else [self.result])]


def as_answer(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def attempt(text: str, source: Mapping[str, Any] | None, context: Context) -> Trial:
    """Parse, and where `source` is given, evaluate; raises nothing."""
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        return Trial(error=error)
    parsed = to_source(expression.node)
    if source is None:
        return Trial(parsed)
    try:
        return Trial(parsed, evaluated=True, result=plain(expression.evaluate(source, context)))
    except ExpressionError as error:
        return Trial(parsed, error=error)


def plain(result: Result) -> Any:
    """A result as JSON has it: dates as they print, a drop as its word."""
    if isinstance(result, Drop):
        return result.value
    if isinstance(result, datetime):
        return print_date(result)
    return result
