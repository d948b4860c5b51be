"""The lab: one expression on everybody."""

import pytest

from provisioning.expressions import compile_expression
from provisioning.mapping import AttributeDefinition
from provisioning.mapping.filters import compile_filter
from provisioning.mapping.lab import STRIDE, count_in_scope, try_on_everybody
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
    assert found.examples == {"Sales": ["1", "2", "4"], "Support": ["3"], "none": ["5", "6"]}


def test_empties_drops_and_errors_are_kept_apart():
    found = findings("ToLower([givenName])")
    dropped = findings("IgnoreFlowIfNullOrEmpty([givenName])")

    assert (found.empty.count, found.empty.keys) == (2, ["4", "6"])
    assert found.errors["SchemaPropertyCanOnlyAcceptValue"].keys == ["5"]
    assert found.first_error["SchemaPropertyCanOnlyAcceptValue"].column == 1
    assert found.failed == 1
    assert (dropped.dropped.count, dropped.dropped.keys) == (2, ["4", "6"])
    assert sum(dropped.results.values()) == 4


@pytest.mark.parametrize(("case_exact", "collisions"), [(False, {"britta": ["1", "2"]}), (True, {})])
def test_collisions_are_found_where_values_must_be_unique(case_exact, collisions):
    unique = AttributeDefinition("userName", unique=True, case_exact=case_exact)

    found = findings('Append([givenName], "")', definition=unique)

    assert {value: each.keys for value, each in found.collisions.items()} == collisions
    assert all(each.count == len(each.keys) for each in found.collisions.values())
    assert findings('Append([givenName], "")').collisions == {}


def test_values_beyond_the_limit_are_counted():
    found = findings('Append([givenName], "")', definition=AttributeDefinition("nick", maximum_length=6))

    assert (found.too_long.count, found.too_long.keys) == (1, ["3"])


def test_what_changes_against_today_is_shown():
    people = [
        ("same", {"givenName": "Britta", "surname": "Britta"}),
        ("spelling", {"givenName": "Britta", "surname": "BRITTA"}),
        ("different", {"givenName": "Britta", "surname": "Simon"}),
        ("new", {"surname": "Simon"}),
        ("emptied", {"givenName": "Britta"}),
        ("an error is no value", {"givenName": "Britta", "surname": ["Simon", "Says"]}),
        ("nothing and the empty text", {"givenName": ""}),
    ]
    today = compile_expression("ToLower([givenName])").evaluate
    expression = compile_expression('Append([surname], "")')

    def compared(**facts):
        return try_on_everybody(expression, people, context(), today=today, **facts).today

    assert (compared().same, compared().different.examples) == (3, [("different", "britta", "Simon")])
    assert compared().new.examples == [("new", None, "Simon")]
    assert [key for key, _, _ in compared().emptied.examples] == ["emptied", "an error is no value"]
    assert (compared(limit=1).emptied.count, len(compared(limit=1).emptied.examples)) == (2, 1)
    exact = compared(definition=AttributeDefinition("userName", case_exact=True))
    assert (exact.same, exact.different.count) == (1, 3)
    assert findings("ToLower([givenName])").today is None


def test_an_expression_that_takes_too_long_is_not_tried_on_everybody():
    many = [(str(number), {"givenName": "Britta"}) for number in range(2 * STRIDE)]
    looks = iter([False, True])

    found = try_on_everybody(compile_expression("ToLower([givenName])"), many, context(), enough=lambda: next(looks))

    assert (found.people, found.stopped) == (STRIDE, True)
    assert not findings("ToLower([givenName])").stopped


def test_nobody_draws_what_another_draws():
    assert len(findings("Guid()").results) == 6
    assert findings("Guid()").results == findings("Guid()").results


def test_a_filter_is_counted_over_everybody():
    sales = compile_filter([group("g", clause("department", "EQUALS", "Sales"))])
    britta = compile_filter([group("g", clause("givenName", "Includes", "itta"))])

    assert count_in_scope(sales, PEOPLE).passed.keys == ["1", "2", "4"]
    counted = count_in_scope(britta, PEOPLE)
    assert (counted.passed.count, counted.kept_out.count, counted.failed.keys) == (2, 3, ["5"])
