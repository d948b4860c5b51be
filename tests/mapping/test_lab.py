"""The lab: one expression on everybody."""

import pytest

from provisioning.expressions import compile_expression
from provisioning.mapping import AttributeDefinition
from provisioning.mapping.filters import compile_filter
from provisioning.mapping.lab import count_in_scope, try_on_everybody
from tests.mapping.documents import clause, context, group

PEOPLE = [
    ("1", {"givenName": "Britta", "department": "Sales"}),
    ("2", {"givenName": "britta", "department": "Sales"}),
    ("3", {"givenName": "Maximilian", "department": "Support"}),
    ("4", {"givenName": "", "department": "Sales"}),
    ("5", {"givenName": ["A", "B"]}),
    ("6", {}),
]


def findings(text, **facts):
    return try_on_everybody(compile_expression(text), PEOPLE, context(), **facts)


def test_the_results_are_counted_with_an_example_of_each():
    found = findings('Coalesce([department], "none")')

    assert found.people == 6
    assert found.results == {"Sales": 3, "Support": 1, "none": 2}
    assert found.examples == {"Sales": "1", "Support": "3", "none": "5"}


def test_empties_drops_and_errors_are_kept_apart():
    found = findings("ToLower([givenName])")
    dropped = findings("IgnoreFlowIfNullOrEmpty([givenName])")

    assert (found.empty.count, found.empty.keys) == (2, ["4", "6"])
    assert found.errors["SchemaPropertyCanOnlyAcceptValue"].keys == ["5"]
    assert found.first_error["SchemaPropertyCanOnlyAcceptValue"].column == 1
    assert found.failed == 1
    assert (dropped.dropped.count, dropped.results["IgnoreAttributeFlow"]) == (2, 2)


@pytest.mark.parametrize(("case_exact", "collisions"), [(False, {"britta": ["1", "2"]}), (True, {})])
def test_collisions_are_found_where_values_must_be_unique(case_exact, collisions):
    unique = AttributeDefinition("userName", unique=True, case_exact=case_exact)

    found = findings('Append([givenName], "")', definition=unique)

    assert {value: each.keys for value, each in found.collisions.items()} == collisions
    assert findings('Append([givenName], "")').collisions == {}


def test_values_beyond_the_limit_are_counted():
    found = findings('Append([givenName], "")', definition=AttributeDefinition("nick", maximum_length=6))

    assert (found.too_long.count, found.too_long.keys) == (1, ["3"])


def test_what_changes_against_today_is_shown():
    today = compile_expression("ToLower([givenName])")

    found = findings('Append([givenName], "")', today=today, limit=2)

    assert found.changed.count == 3  # nothing and the empty text are not the same
    assert found.changes == [("1", "britta", "Britta"), ("3", "maximilian", "Maximilian")]
    assert len(found.changed.keys) == 2


def test_nobody_draws_what_another_draws():
    assert len(findings("Guid()").results) == 6
    assert findings("Guid()").results == findings("Guid()").results


def test_a_filter_is_counted_over_everybody():
    sales = compile_filter([group("g", clause("department", "EQUALS", "Sales"))])
    britta = compile_filter([group("g", clause("givenName", "Includes", "itta"))])

    assert count_in_scope(sales, PEOPLE).passed.keys == ["1", "2", "4"]
    counted = count_in_scope(britta, PEOPLE)
    assert (counted.passed.count, counted.kept_out.count, counted.failed.keys) == (2, 3, ["5"])
