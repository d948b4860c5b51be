"""Scoping filters: every operator with every type, the rule for empty attributes, groups and names."""

import pytest

from provisioning.errors import MappingError
from provisioning.mapping.definitions import TYPES, definitions
from provisioning.mapping.filters import compile_filter, problem
from provisioning.mapping.operators import OPERATORS, graph_operators
from tests.mapping.documents import SOURCES, attributes, clause, group

KNOWN = definitions({"attributes": attributes(SOURCES)})
BY_TYPE = definitions({"attributes": [{"name": f"a{each}", "type": each} for each in TYPES]})
OPERAND = {"REGEX MATCH": ".*", "NOT REGEX MATCH": ".*"}
SUPPORTED = {
    "EQUALS": {"String", "Integer"},
    "NOT EQUALS": {"String", "Integer"},
    "IS TRUE": {"Boolean"},
    "IS FALSE": {"Boolean"},
    "IS NULL": {"String", "Integer", "Boolean"},
    "IS NOT NULL": {"String", "Integer", "Boolean"},
    "REGEX MATCH": {"String", "Integer"},
    "NOT REGEX MATCH": {"String", "Integer"},
    "Greater_Than": {"String", "Integer"},
    "Greater_Than_OR_EQUALS": {"String", "Integer"},
    "Includes": {"String"},
    "ENDS_WITH": {"String"},
}


def holds(value, operator, *operand):
    (result,) = compile_filter([group("g", clause("a", operator, *operand))]).evaluate({"a": value}).clauses.values()
    return result


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("kind", TYPES)
def test_an_operator_works_on_its_types_alone(operator, kind):
    values = () if OPERATORS[operator].unary else (OPERAND.get(operator, "7"),)

    message = problem(clause(f"a{kind}", operator, *values), BY_TYPE)

    if kind in SUPPORTED[operator]:
        assert message is None
    else:
        assert operator in message
        assert kind in message


@pytest.mark.parametrize(
    ("value", "operator", "operand", "expected"),
    [
        ("New York", "EQUALS", "New York", True),
        ("New York", "EQUALS", "new york", False),
        ("New York", "NOT EQUALS", "new york", True),
        ("New York", "NOT EQUALS", "New York", False),
        (7, "EQUALS", "7", True),
        (7, "EQUALS", "07", True),
        ("7", "EQUALS", "07", False),
        (7, "NOT EQUALS", "8", True),
        (True, "EQUALS", "True", True),
        (["New York"], "EQUALS", "New York", True),
        ("1500000", "REGEX MATCH", "(1[0-9]{6})", True),
        ("15000000", "REGEX MATCH", "(1[0-9]{6})", False),
        ("42", "REGEX MATCH", "([1-9][0-9])", True),
        ("142", "REGEX MATCH", "([1-9][0-9])", False),
        (42, "REGEX MATCH", "([1-9][0-9])", True),
        ("b@contoso.com", "REGEX MATCH", r".*\@contoso.com", True),
        ("b@contoso.com", "REGEX MATCH", "contoso", False),
        ("Sales", "REGEX MATCH", "sales", False),
        ("Sales", "REGEX MATCH", "(?i)sales", True),
        ("Sales", "NOT REGEX MATCH", "Supp.*", True),
        ("Sales", "NOT REGEX MATCH", "Sal.*", False),
        ("10", "Greater_Than", "9", True),
        (9, "Greater_Than", "9", False),
        (9, "Greater_Than_OR_EQUALS", "9", True),
        ("8", "Greater_Than_OR_EQUALS", "9", False),
        ("-1", "Greater_Than", "-2", True),
        ("nine", "Greater_Than", "1", False),
        ("9.5", "Greater_Than", "1", False),
        ("New York", "Includes", "w Y", True),
        ("New York", "Includes", "W y", False),
        ("New York", "ENDS_WITH", "York", True),
        ("New York", "ENDS_WITH", "New", False),
    ],
)
def test_an_operator_compares(value, operator, operand, expected):
    assert holds(value, operator, operand) is expected


@pytest.mark.parametrize(
    ("value", "operator", "expected"),
    [
        (True, "IS TRUE", True),
        ("True", "IS TRUE", True),
        ("true", "IS TRUE", True),
        (False, "IS TRUE", False),
        ("x", "IS TRUE", False),
        (False, "IS FALSE", True),
        ("False", "IS FALSE", True),
        (True, "IS FALSE", False),
        ("x", "IS NULL", False),
        (False, "IS NULL", False),
        (0, "IS NOT NULL", True),
        ("x", "IS NOT NULL", True),
    ],
)
def test_an_operator_of_one_operand_judges(value, operator, expected):
    assert holds(value, operator) is expected


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("empty", [None, "", []])
def test_an_empty_attribute_fails_every_clause_but_is_null(operator, empty):
    operand = () if OPERATORS[operator].unary else (OPERAND.get(operator, "7"),)

    assert holds(empty, operator, *operand) is (operator == "IS NULL")


def test_an_absent_attribute_is_empty():
    assert compile_filter([group("g", clause("a", "IS NULL"))]).passes({})


IN_NEW_YORK, IN_ENGINEERING = "state EQUALS New York", "department EQUALS Engineering"
NEW_YORK = clause("state", "EQUALS", "New York")
ENGINEERS = clause("department", "EQUALS", "Engineering")
JOB = clause("jobTitle", "IS NOT NULL")


@pytest.mark.parametrize(
    ("groups", "source", "passed", "clauses"),
    [
        ([], {}, True, {}),
        (None, {}, True, {}),
        (
            [group("NY", NEW_YORK, ENGINEERS, JOB)],
            {"state": "New York", "department": "Engineering", "jobTitle": "x"},
            True,
            {f"NY.{IN_NEW_YORK}": True, f"NY.{IN_ENGINEERING}": True, "NY.jobTitle IS NOT NULL": True},
        ),
        (
            [group("NY", NEW_YORK, ENGINEERS)],
            {"state": "New York", "department": "Sales"},
            False,
            {f"NY.{IN_NEW_YORK}": True, f"NY.{IN_ENGINEERING}": False},
        ),
        (
            [group("NY", NEW_YORK), group("Eng", ENGINEERS)],
            {"department": "Engineering"},
            True,
            {f"NY.{IN_NEW_YORK}": False, f"Eng.{IN_ENGINEERING}": True},
        ),
        (
            [group("NY", NEW_YORK), group("Eng", ENGINEERS)],
            {},
            False,
            {f"NY.{IN_NEW_YORK}": False, f"Eng.{IN_ENGINEERING}": False},
        ),
        ([group("", JOB)], {}, False, {"jobTitle IS NOT NULL": False}),
        ([group("empty")], {}, True, {}),
    ],
)  # fmt: skip
def test_clauses_are_joined_by_and_groups_by_or(groups, source, passed, clauses):
    scope = compile_filter(groups)

    result = scope.evaluate(source)
    assert (result.passed, result.clauses) == (passed, clauses)
    assert scope.passes(source) is passed


def test_several_values_cannot_be_judged():
    scope = compile_filter([group("g", clause("otherMails", "EQUALS", "x"))])

    with pytest.raises(MappingError) as raised:
        scope.evaluate({"otherMails": ["x", "y"]})
    assert raised.value.code == "SchemaPropertyCanOnlyAcceptValue"


def test_a_regular_expression_that_hangs_is_stopped():
    scope = compile_filter([group("g", clause("mail", "REGEX MATCH", "(a|aa)+$"))])

    with pytest.raises(MappingError, match="backtracks"):
        scope.evaluate({"mail": "a" * 200 + "!"})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (clause("mail", "LIKE", "x"), "no operator LIKE"),
        (clause("shoeSize", "IS NULL"), "no attribute shoeSize"),
        (clause("otherMails", "EQUALS", "x"), "several values"),
        (clause("manager", "IS NULL"), "manager cannot"),
        (clause("appRoleAssignments", "IS NULL"), "Roles cannot"),
        (clause("userType", "EQUALS", "Guest"), "userType cannot"),
        (clause("hired", "IS NULL"), "DateTime"),
        (clause("mail", "EQUALS"), "needs one value"),
        (clause("mail", "EQUALS", ""), "needs one value"),
        (clause("mail", "EQUALS", "x", "y"), "needs one value"),
        (clause("mail", "IS NULL", "x"), "takes no value"),
        (clause("badge", "Greater_Than", "many"), "not a whole number"),
        (clause("mail", "REGEX MATCH", "("), "regular expression"),
        (clause("mail", "REGEX MATCH", "(?<a-b>x)"), "Balancing"),
    ],
)
def test_a_wrong_clause_is_named(wrong, words):
    assert words in problem(wrong, KNOWN)


def test_graph_lists_the_operators():
    listed = {each["id"]: each for each in graph_operators()}

    assert set(listed) == set(SUPPORTED)
    assert listed["EQUALS"]["arity"] == "Binary"
    assert listed["IS NULL"]["arity"] == "Unary"
    assert all(each["multivaluedComparisonType"] == "All" for each in listed.values())
