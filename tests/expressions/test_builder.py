"""What the expression builder and Graph's parseExpression show: trials and advice."""

from datetime import UTC, datetime

import pytest

from provisioning.expressions import Context, parse
from provisioning.expressions.advice import advice
from provisioning.expressions.trial import attempt

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


def tried(text, source=None):
    return attempt(text, source, Context(now=NOW, seed="s"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('Join(" ", [givenName], [surname])', ["Britta Simon"]),
        ("RemoveDuplicates([otherMails])", ["b@x.nl", "s@x.nl"]),
        ("Not([x])", ["True"]),
        ("Count([otherMails])", ["2"]),
        ("Now()", ["3/9/2026 8:30:00 AM"]),
        ("ToLower([nothing])", []),
        ("IgnoreFlowIfNullOrEmpty([nothing])", ["IgnoreAttributeFlow"]),
    ],
)
def test_a_trial_answers_a_list_of_texts(text, values):
    trial = tried(text, {"givenName": "Britta", "surname": "Simon", "otherMails": ["b@x.nl", "s@x.nl"]})

    assert trial.evaluated
    assert trial.error is None
    assert trial.values == values
    assert trial.parsed["expression"] == text


def test_without_an_object_an_expression_is_parsed_only():
    trial = tried("ToLower([mail])")

    assert trial.parsed["name"] == "ToLower"
    assert (trial.evaluated, trial.error, trial.values) == (False, None, [])


def test_what_cannot_be_parsed_has_no_tree():
    trial = tried("ToLowr([mail])", {})

    assert trial.parsed is None
    assert trial.error.kind == "UnknownFunction"


def test_what_cannot_be_evaluated_has_a_tree_and_an_error():
    trial = tried("Item([mail], 2)", {"mail": "b@x.nl"})

    assert trial.parsed["name"] == "Item"
    assert (trial.evaluated, trial.error.kind) == (False, "IndexOutOfRange")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('Join(" ", [a], [b])', []),
        ('IIF([a] = "x", 1, 2)', []),
        ('IIF([a] = "", 1, 2)', [9]),
        ("IIF(IsNullOrEmpty([a]), 1, 2)", [5]),
        ("IsPresent([a])", []),
        ('Switch(IsPresent([a]), "", "True", "x")', [8]),
        ('Switch([manager], "", "a", "x")', [8]),
        ('Switch([title], "", "a", "x")', []),
        ('IIF([a] = "x", [a], IgnoreObjectFlow)', [21]),
        ("Trim([a])", [1]),
        ("Append(Guid(), [a])", [8]),
        ("SelectUniqueValue([a], [b])", [1]),
        ("SingleAppRoleAssignment([appRoleAssignments])", [1]),
        ('Coalesce("a", "b")', [1]),
    ],
)
def test_advice_points_at_what_deserves_a_second_look(text, columns):
    found = advice(parse(text))

    assert [each.column for each in found] == columns
    assert all(each.message.endswith(".") for each in found)
