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
from provisioning.sentences import Sentence

UNSUPPORTED = {
    "manager": Sentence("The manager cannot be used in a scoping filter."),
    "members": Sentence("The members of a group cannot be used in a scoping filter."),
    "appRoleAssignments": Sentence("Roles cannot be used in a scoping filter."),
    "userType": Sentence("userType cannot be used in a scoping filter."),
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
                message = Sentence(
                    "The scoping filter %(name)s meets several values, and works on one.", name=self.name
                )
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
        raise MappingError(
            Sentence("There is no operator %(operator)s for scoping filters.", operator=clause.get("operatorName"))
        )
    words = [f"{title}.{name}" if title else name, operator.name, *([] if operator.unary else [operand])]
    return Clause(" ".join(words), name, operator, operator.prepare(operand))


def parts(clause: Mapping[str, Any]) -> tuple[str, Operator | None, str]:
    """Attribute, operator (None: unknown) and value of a filterClause."""
    values = (clause.get("targetOperand") or {}).get("values") or [""]
    operator = OPERATORS.get(str(clause.get("operatorName")))
    return str(clause.get("sourceOperandName") or ""), operator, str(values[0])


def problem(clause: Mapping[str, Any], attributes: Mapping[str, AttributeDefinition]) -> Sentence | None:
    """What is wrong with a clause, as a sentence; None for nothing. `attributes` are those of the source object."""
    name, operator, operand = parts(clause)
    known = attributes.get(name)
    if operator is None:
        return Sentence("There is no operator %(operator)s.", operator=str(clause.get("operatorName"))[:40])
    if known is None:
        return Sentence("The source object has no attribute %(name)s.", name=name[:80])
    if name in UNSUPPORTED:
        return UNSUPPORTED[name]
    if known.multivalued:
        return Sentence("%(name)s can have several values; scoping filters work on single values only.", name=name)
    if known.type not in operator.types:
        return Sentence(
            "%(operator)s cannot be used with %(name)s, which is of type %(type)s.",
            operator=operator.name,
            name=name,
            type=known.type,
        )
    return operand_problem(operator, (clause.get("targetOperand") or {}).get("values") or [], operand)


def operand_problem(operator: Operator, values: list[Any], operand: str) -> Sentence | None:
    if operator.unary:
        return Sentence("%(name)s takes no value.", name=operator.name) if values and values != [""] else None
    if len(values) != 1 or operand == "":
        return Sentence("%(name)s needs one value.", name=operator.name)
    try:
        operator.prepare(operand)
    except MappingError as error:
        return error.message
    return None
