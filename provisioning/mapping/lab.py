"""The lab: what an expression gives for everybody at once.

One pass over any number of people, in memory that grows with the number of different values only. Reading no
more than `Expression.attributes` of each person is the caller's part.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioning.errors import MappingError
from provisioning.expressions import Context, Drop, Expression, ExpressionError, Result
from provisioning.expressions.trial import plain
from provisioning.mapping.definitions import AttributeDefinition
from provisioning.mapping.evaluation import folded
from provisioning.mapping.filters import ScopeFilter

Keyed = tuple[str, Mapping[str, Any]]


@dataclass(slots=True)
class Examples:
    """How many, and the keys of the first few."""

    count: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, key: str, limit: int) -> None:
        self.count += 1
        if len(self.keys) < limit:
            self.keys.append(key)


@dataclass(slots=True)
class Findings:
    """What came out for a directory.

    `results` counts every different value as it prints; `errors` is keyed by the error's kind, `first_error` holds one
    of each; `collisions` are the values that several people would get, with those people (filled for a unique target
    only); `changed` are those for whom it gives something else than the expression of today.
    """

    people: int = 0
    results: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    empty: Examples = field(default_factory=Examples)
    dropped: Examples = field(default_factory=Examples)
    too_long: Examples = field(default_factory=Examples)
    errors: dict[str, Examples] = field(default_factory=dict)
    first_error: dict[str, ExpressionError] = field(default_factory=dict)
    collisions: dict[str, Examples] = field(default_factory=dict)
    changed: Examples = field(default_factory=Examples)
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    """The first of those changes: key, what today's expression gives, what the new one gives."""

    @property
    def failed(self) -> int:
        return sum(each.count for each in self.errors.values())


def try_on_everybody(
    expression: Expression,
    people: Iterable[Keyed],
    context: Context,
    *,
    definition: AttributeDefinition | None = None,
    today: Expression | None = None,
    limit: int = 5,
) -> Findings:
    """Evaluate for each of `people`, given as (key, attributes).

    Args:
        context: its seed is combined with each person's key, so that nobody draws what another draws.
        definition: the target attribute, for lengths, collisions and whether capitals make a difference.
        today: the expression that is mapped now.
        limit: how many examples to keep of each finding.
    """
    findings = Findings()
    definition = definition or AttributeDefinition("")
    holders: dict[str, str] = {}
    for key, source in people:
        findings.people += 1
        own = seeded(context, key) if expression.uses_random or (today is not None and today.uses_random) else context
        result = outcome(expression, source, own)
        record(findings, key, result, definition, limit)
        if definition.unique:
            collide(findings, holders, key, result, definition, limit)
        if today is not None:
            compare(findings, key, outcome(today, source, own), result, limit)
    return findings


def seeded(context: Context, key: str) -> Context:
    return replace(context, seed=f"{context.seed}/{key}")


def outcome(expression: Expression, source: Mapping[str, Any], context: Context) -> Result | ExpressionError:
    try:
        return expression.evaluate(source, context)
    except ExpressionError as error:
        return error


def record(
    findings: Findings, key: str, result: Result | ExpressionError, definition: AttributeDefinition, limit: int
) -> None:
    if isinstance(result, str) and result:
        text = result
    elif isinstance(result, ExpressionError):
        findings.errors.setdefault(result.kind, Examples()).add(key, limit)
        findings.first_error.setdefault(result.kind, result)
        return
    elif isinstance(result, Drop):
        findings.dropped.add(key, limit)
        text = result.value
    elif result is None or result == "" or result == []:
        findings.empty.add(key, limit)
        return
    else:
        text = printed(result)
    findings.results[text] += 1
    findings.examples.setdefault(text, key)
    longest = definition.maximum_length
    if longest is not None and not isinstance(result, Drop) and exceeds(result, longest):
        findings.too_long.add(key, limit)


def printed(result: Result) -> str:
    """A value as the distribution lists it; the values of a list side by side."""
    value = plain(result)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def exceeds(result: Result, longest: int) -> bool:
    return any(len(str(each)) > longest for each in (result if isinstance(result, list) else [plain(result)]))


def collide(
    findings: Findings,
    holders: dict[str, str],
    key: str,
    result: Result | ExpressionError,
    definition: AttributeDefinition,
    limit: int,
) -> None:
    """Note a value that somebody had before; `holders` remembers the first of each."""
    if isinstance(result, ExpressionError | Drop) or result is None or result == "" or isinstance(result, list):
        return
    value = folded(result, definition.case_exact)
    first = holders.setdefault(value, key)
    if first != key:
        if value not in findings.collisions:
            findings.collisions[value] = Examples(1, [first])
        findings.collisions[value].add(key, limit)


def compare(
    findings: Findings, key: str, before: Result | ExpressionError, after: Result | ExpressionError, limit: int
) -> None:
    first, second = shown(before), shown(after)
    if first != second:
        findings.changed.add(key, limit)
        if len(findings.changes) < limit:
            findings.changes.append((key, first, second))


def shown(result: Result | ExpressionError) -> Any:
    return {"error": result.kind} if isinstance(result, ExpressionError) else plain(result)


@dataclass(slots=True)
class Counted:
    """How many people a scoping filter lets through, keeps out, or cannot judge."""

    passed: Examples = field(default_factory=Examples)
    kept_out: Examples = field(default_factory=Examples)
    failed: Examples = field(default_factory=Examples)


def count_in_scope(scope: ScopeFilter, people: Iterable[Keyed], *, limit: int = 5) -> Counted:
    """Judge everybody by one filter, without the names of the clauses that the log needs."""
    counted = Counted()
    for key, source in people:
        try:
            (counted.passed if scope.passes(source) else counted.kept_out).add(key, limit)
        except MappingError:
            counted.failed.add(key, limit)
    return counted
