"""Scoping filters: groups of clauses, AND inside a group, OR between groups, everybody where there is no group.

Source: Microsoft Entra ID, "Scoping users or groups to be provisioned with scoping filters"; Microsoft Graph v1.0,
synchronization filter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.errors import MappingError
from provisioning.expressions.signatures import Source
from provisioning.mapping.definitions import AttributeDefinition
from provisioning.mapping.operators import OPERATORS, Operator, Test

UNSUPPORTED = {
    "manager": "The manager cannot be used in a scoping filter.",
    "members": "The members of a group cannot be used in a scoping filter.",
    "appRoleAssignments": "Roles cannot be used in a scoping filter.",
    "userType": "userType cannot be used in a scoping filter.",
}


@dataclass(frozen=True, slots=True)
class ScopeResult:
    """`clauses` maps "title.attribute OPERATOR value" to whether that clause holds; empty where there is no filter."""

    passed: bool
    clauses: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Clause:
    name: str
    attribute: str
    operator: Operator
    test: Test

    def holds(self, source: Source) -> bool:
        """False for an attribute without a value, IS NULL apart.

        Raises MappingError for several values: nothing says which of them counts.
        """
        value = source.get(self.attribute)
        if isinstance(value, list):
            if len(value) > 1:
                message = f"The scoping filter {self.name} meets several values, and works on one."
                raise MappingError(message, code="SchemaPropertyCanOnlyAcceptValue")
            value = value[0] if value else None
        if value is None or value == "":
            return self.operator.on_empty
        return self.test(value)


@dataclass(frozen=True, slots=True)
class ScopeFilter:
    """One tuple of clauses for each group."""

    groups: tuple[tuple[Clause, ...], ...] = ()

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset(clause.attribute for group in self.groups for clause in group)

    def evaluate(self, source: Source) -> ScopeResult:
        """Every clause is judged, so that the log can show each. Raises MappingError when one cannot be."""
        passed = not self.groups
        clauses: dict[str, bool] = {}
        for group in self.groups:
            results = {clause.name: clause.holds(source) for clause in group}
            passed = passed or all(results.values())
            clauses.update(results)
        return ScopeResult(passed, clauses)

    def passes(self, source: Source) -> bool:
        """The verdict alone, for counting over a whole directory."""
        return not self.groups or any(all(clause.holds(source) for clause in group) for group in self.groups)


def compile_filter(groups: Iterable[Mapping[str, Any]] | None) -> ScopeFilter:
    """Compile Graph's filterGroups. Raises MappingError for a clause that `problem` would name.

    Two groups may have the same title: a clause that both hold is then one line of the log.
    """
    compiled = []
    for group in groups or ():
        clauses = tuple(compile_clause(group.get("name") or "", clause) for clause in group.get("clauses") or ())
        if clauses:
            compiled.append(clauses)
    return ScopeFilter(tuple(compiled))


def compile_clause(title: str, clause: Mapping[str, Any]) -> Clause:
    name, operator, operand = parts(clause)
    if operator is None:
        raise MappingError(f"There is no operator {clause.get('operatorName')} for scoping filters.")
    words = [f"{title}.{name}" if title else name, operator.name, *([] if operator.unary else [operand])]
    return Clause(" ".join(words), name, operator, operator.prepare(operand))


def parts(clause: Mapping[str, Any]) -> tuple[str, Operator | None, str]:
    """Attribute, operator (None: unknown) and value of a filterClause."""
    values = (clause.get("targetOperand") or {}).get("values") or [""]
    operator = OPERATORS.get(str(clause.get("operatorName")))
    return str(clause.get("sourceOperandName") or ""), operator, str(values[0])


def problem(clause: Mapping[str, Any], attributes: Mapping[str, AttributeDefinition]) -> str | None:
    """What is wrong with a clause, as a sentence; None for nothing. `attributes` are those of the source object."""
    name, operator, operand = parts(clause)
    known = attributes.get(name)
    if operator is None:
        return f"There is no operator {str(clause.get('operatorName'))[:40]}."
    if known is None:
        return f"The source object has no attribute {name[:80]}."
    if name in UNSUPPORTED:
        return UNSUPPORTED[name]
    if known.multivalued:
        return f"{name} can have several values; scoping filters work on single values only."
    if known.type not in operator.types:
        return f"{operator.name} cannot be used with {name}, which is of type {known.type}."
    return operand_problem(operator, (clause.get("targetOperand") or {}).get("values") or [], operand)


def operand_problem(operator: Operator, values: list[Any], operand: str) -> str | None:
    if operator.unary:
        return f"{operator.name} takes no value." if values and values != [""] else None
    if len(values) != 1 or operand == "":
        return f"{operator.name} needs one value."
    try:
        operator.prepare(operand)
    except MappingError as error:
        return str(error)
    return None
