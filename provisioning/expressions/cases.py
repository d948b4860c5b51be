"""Mapping tests that an administrator keeps beside his configuration: one JSON object a line.

`{"expression", "source", "expected"}` and, where they matter, `"now"` (ISO 8601), `"seed"` and `"taken"` (values that
SelectUniqueValue finds in use). An expected error is `{"error": kind}`.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from provisioning.expressions.context import Context
from provisioning.expressions.dates import read_date
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.trial import Trial, attempt

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""The time of a case that names none: it must not depend on the day on which it runs."""


@dataclass(frozen=True)
class CaseResult:
    """`given` is what came out, in the form of `expected`."""

    line: int
    expression: str
    expected: Any
    given: Any

    @property
    def passed(self) -> bool:
        return same_json(self.given, self.expected)


def same_json(first: Any, second: Any) -> bool:
    """Equal as JSON: 1 is not true, and "1" is neither."""
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


def run_cases(lines: Iterable[str]) -> Iterator[CaseResult]:
    """Run one case after another; blank lines are passed over.

    Raises ValueError naming the line that is no case.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield run_case(number, read_case(number, line))


def read_case(number: int, line: str) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except ValueError as exc:
        raise ValueError(f"Line {number} is not JSON: {exc}") from None
    if not isinstance(case, dict) or not isinstance(case.get("expression"), str) or "expected" not in case:
        raise ValueError(f"Line {number} is no case: it needs expression, source and expected.")
    return case


def run_case(number: int, case: dict[str, Any]) -> CaseResult:
    taken = frozenset(str(each).casefold() for each in case.get("taken") or ())
    context = Context(
        now=moment(number, case["now"]) if case.get("now") else NOON,
        seed=case.get("seed", ""),
        taken=lambda value: value.casefold() in taken,
        default_domain=case.get("defaultDomain", ""),
    )
    trial = attempt(case["expression"], case.get("source") or {}, context)
    return CaseResult(number, case["expression"], case["expected"], answer(trial))


def moment(number: int, text: object) -> datetime:
    try:
        return read_date(str(text))
    except ExpressionError as error:
        raise ValueError(f"Line {number}: {error.message}") from None


def answer(trial: Trial) -> Any:
    return {"error": trial.error.kind} if trial.error else trial.result
