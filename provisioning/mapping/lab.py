"""The lab: what an expression gives for everybody at once.

One pass over any number of people, in memory that grows with the number of different values only. Reading no
more than `Expression.attributes` of each person is the caller's part.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioning.errors import MappingError
from provisioning.expressions import Context, Drop, Expression, ExpressionError, Result, Value
from provisioning.expressions.signatures import Source
from provisioning.expressions.trial import plain
from provisioning.mapping.definitions import AttributeDefinition
from provisioning.mapping.evaluation import folded, same
from provisioning.mapping.filters import ScopeFilter

Keyed = tuple[str, Mapping[str, Any]]
Evaluate = Callable[[Source, Context], Result]

STRIDE = 256
"""How many people are tried between two looks at the time."""


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
class Moves:
    """How many get another value than today; the first few as (key, today's value, the new one), None for no value."""

    count: int = 0
    examples: list[tuple[str, Value, Value]] = field(default_factory=list)

    def add(self, key: str, before: Value, after: Value, limit: int) -> None:
        self.count += 1
        if len(self.examples) < limit:
            self.examples.append((key, before, after))


@dataclass(slots=True)
class Comparison:
    """The values against those that are mapped today; an error or a dropped attribute is no value."""

    same: int = 0
    different: Moves = field(default_factory=Moves)
    new: Moves = field(default_factory=Moves)
    """Without a value today."""
    emptied: Moves = field(default_factory=Moves)
    """With a value today, and none then."""


@dataclass(slots=True)
class Findings:
    """What came out for a directory.

    `results` counts every different value as it prints, `examples` has the first people of each; `errors` is keyed by
    the error's kind or code, `first_error` holds one of each; `collisions` are the values that several people would
    get, with those people (filled for a unique target only).
    """

    people: int = 0
    stopped: bool = False
    """Not everybody was tried: the time was up."""
    results: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    empty: Examples = field(default_factory=Examples)
    dropped: Examples = field(default_factory=Examples)
    too_long: Examples = field(default_factory=Examples)
    errors: dict[str, Examples] = field(default_factory=dict)
    first_error: dict[str, MappingError] = field(default_factory=dict)
    collisions: dict[str, Examples] = field(default_factory=dict)
    today: Comparison | None = None

    @property
    def failed(self) -> int:
        return sum(each.count for each in self.errors.values())


def try_on_everybody(
    expression: Expression,
    people: Iterable[Keyed],
    context: Context,
    *,
    definition: AttributeDefinition | None = None,
    fitted: Callable[[Result], Value] | None = None,
    today: Evaluate | None = None,
    limit: int = 5,
    enough: Callable[[], bool] = lambda: False,
) -> Findings:
    """Evaluate for each of `people`, given as (key, attributes).

    Args:
        context: its seed is combined with each person's key, so that nobody draws what another draws.
        definition: the target attribute, for lengths, collisions and whether capitals make a difference.
        fitted: makes the target's type of a result, or raises MappingError.
        today: gives what is mapped now.
        limit: how many examples to keep of each finding.
        enough: asked now and then whether to stop before everybody has been tried.
    """
    findings = Findings(today=Comparison() if today else None)
    definition = definition or AttributeDefinition("")
    own = replace(context)
    for key, source in people:
        if findings.people % STRIDE == 0 and enough():
            findings.stopped = True
            break
        findings.people += 1
        own.seed = f"{context.seed}/{key}"
        value = record(findings, key, outcome(expression.evaluate, source, own, fitted), definition, limit)
        if today is not None and findings.today is not None:
            before = value_of(outcome(today, source, own))
            compare(findings.today, key, before, value, definition.case_exact, limit)
    if definition.unique:
        findings.collisions = collisions(findings, definition.case_exact, limit)
    return findings


def outcome(
    evaluate: Evaluate, source: Source, context: Context, fitted: Callable[[Result], Value] | None = None
) -> Result | MappingError:
    try:
        result = evaluate(source, context)
        return result if fitted is None or isinstance(result, Drop) else fitted(result)
    except MappingError as error:
        return error


def value_of(result: Result | MappingError) -> Value:
    """What would be sent; None for nothing."""
    if isinstance(result, str):
        return result or None
    if isinstance(result, MappingError | Drop) or result == []:
        return None
    value: Value = plain(result)
    return value


def record(
    findings: Findings, key: str, result: Result | MappingError, definition: AttributeDefinition, limit: int
) -> Value:
    """Count one person's result. Returns its value."""
    value = value_of(result)
    if value is not None:
        text = value if isinstance(value, str) else printed(value)
        findings.results[text] += 1
        examples = findings.examples.setdefault(text, [])
        if len(examples) < limit:
            examples.append(key)
        if definition.maximum_length is not None and exceeds(value, definition.maximum_length):
            findings.too_long.add(key, limit)
    elif isinstance(result, MappingError):
        kind = result.kind if isinstance(result, ExpressionError) else result.code
        findings.errors.setdefault(kind, Examples()).add(key, limit)
        findings.first_error.setdefault(kind, result)
    else:
        (findings.dropped if isinstance(result, Drop) else findings.empty).add(key, limit)
    return value


def printed(value: Value) -> str:
    """A value as the distribution lists it; the values of a list side by side."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def exceeds(value: Value, longest: int) -> bool:
    return any(len(str(each)) > longest for each in (value if isinstance(value, list) else [value]))


def collisions(findings: Findings, case_exact: bool, limit: int) -> dict[str, Examples]:
    """The values that several people would get, as the target compares them; most people first."""
    totals: Counter[str] = Counter()
    for text, count in findings.results.items():
        totals[folded(text, case_exact)] += count
    found = {value: Examples(count) for value, count in totals.most_common() if count > 1}
    for text, keys in findings.examples.items():
        if each := found.get(folded(text, case_exact)):
            each.keys += keys[: limit - len(each.keys)]
    return found


def compare(told: Comparison, key: str, before: Value, after: Value, case_exact: bool, limit: int) -> None:
    if same(before, after, case_exact=case_exact):
        told.same += 1
        return
    moves = told.new if before is None else told.emptied if after is None else told.different
    moves.add(key, before, after, limit)


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
