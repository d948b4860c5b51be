"""What a compiled expression says about itself, and what it may cost."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings

from provisioning.expressions import Context, Drop, ExpressionError, compile_expression, to_text
from provisioning.expressions.values import as_value
from tests.expressions.strategies import calls, sources

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


def evaluate(text, source=None, **context):
    return compile_expression(text).evaluate(source or {}, Context(**{"now": NOW, **context}))


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ('Join(" ", [givenName], [surname])', {"givenName", "surname"}),
        ('IIF([a] = "x", [b], Left([c], [d]))', {"a", "b", "c", "d"}),
        ('Replace([nick], , "(?<n>x)", "n", , [mail], )', {"nick", "mail"}),
        ('Replace([nick], , "(?<n>x)", "n", , "mail", )', {"nick", "mail"}),
        ("Now()", set()),
    ],
)
def test_an_expression_knows_the_attributes_it_reads(text, attributes):
    assert compile_expression(text).attributes == attributes


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("ToLower([a])", set()),
        ('DateDiff("d", [hired], Now())', {"uses_time"}),
        ("ToLower(Guid())", {"uses_random"}),
        ("Redact(RandomString(16, 3, 3, 3, 3))", {"uses_random", "redacts"}),
        ("SelectUniqueValue([a], [b])", {"unique"}),
        ("AppRoleAssignmentsComplex([appRoleAssignments])", {"adds_only"}),
        ("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", set()),
    ],
)
def test_an_expression_knows_what_it_depends_on(text, facts):
    expression = compile_expression(text)

    names = ("uses_time", "uses_random", "redacts", "unique", "adds_only")
    assert {name for name in names if getattr(expression, name)} == facts


def test_an_expression_is_compiled_once():
    assert compile_expression("ToLower([a])") is compile_expression("ToLower([a])")


def test_random_values_are_the_same_for_the_same_seed_and_place():
    text = "RandomString(32, 2, 2, 2, 2)"

    assert evaluate(text, seed="s") == evaluate(text, seed="s")
    assert evaluate(text, seed="s") != evaluate(text, seed="t")
    first, second = evaluate(f'Join(" ", {text}, {text})', seed="s").split(" ")
    assert first != second


def test_random_values_do_not_depend_on_spacing():
    assert evaluate('Append(Guid(),"x")', seed=1) == evaluate('Append( Guid( ) , "x" )', seed=1)


def test_without_a_seed_nobody_can_guess():
    assert evaluate("Guid()") != evaluate("Guid()")


@pytest.mark.parametrize("seed", range(20))
def test_a_random_string_has_at_least_what_was_asked(seed):
    made = evaluate('RandomString(12, 2, 3, 4, 1, "0OIl1<>")', seed=seed)

    assert len(made) == 12
    assert not set(made) & set("0OIl1<>")
    assert sum(each.isdigit() for each in made) >= 2
    assert sum(each.isupper() for each in made) >= 4
    assert sum(each.islower() for each in made) >= 1
    assert sum(not each.isalnum() for each in made) >= 3


def test_random_characters_are_drawn_evenly():
    made = "".join(evaluate("RandomString(250, 250, 0, 0, 0)", seed=seed) for seed in range(80))

    assert all(1700 <= made.count(digit) <= 2300 for digit in "0123456789")


def test_now_is_the_time_that_is_given():
    amsterdam = timezone(timedelta(hours=1))

    assert evaluate("Now()", now=datetime(2026, 1, 1, 0, 30, tzinfo=amsterdam)) == datetime(
        2025, 12, 31, 23, 30, tzinfo=UTC
    )


def test_taken_is_asked_for_each_candidate_until_one_is_free():
    asked = []

    def taken(value):
        asked.append(value)
        return value != "c"

    assert evaluate('SelectUniqueValue("a", "b", "c", "d")', taken=taken) == "c"
    assert asked == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        ("ToLower([a])", {"a": "x" * 50_001}, "ValueTooLong"),
        ('Join("", [a], [a])', {"a": "x" * 30_000}, "OutputTooLarge"),
        ('Replace([a], "x", , , "yyyyy", , )', {"a": "x" * 20_000}, "OutputTooLarge"),
        ('Replace([a], , "x", , "$_", , )', {"a": "x" * 2_000}, "OutputTooLarge"),
        ('Join(",", ' + ", ".join(['Count(Split(ToUpper([a]), "y"))'] * 9) + ")", {"a": "x" * 40_000}, "TooMuchWork"),
        ('Replace([a], , "(a|aa)+$", , "y", , )', {"a": "a" * 200 + "!"}, "PatternTimeout"),
        ('Replace([a], , [p], , "y", , )', {"a": "a", "p": "a" * 1_001}, "PatternRefused"),
        ('Append([a], "x")', {"a": {"street": "x"}}, "UnsupportedValue"),
        ('Append([a], "x")', {"a": 1.5}, "UnsupportedValue"),
        ('Append([a], "x")', {"a": 2**64}, "NumberOutOfRange"),
        ("Coalesce([a])", {"a": {"street": "x"}}, "UnsupportedValue"),
        ('Join("-", [a])', {"a": [["nested"]]}, "UnsupportedValue"),
    ],
)
def test_every_limit_has_its_error(text, source, kind):
    with pytest.raises(ExpressionError) as raised:
        evaluate(text, source)

    assert raised.value.kind == kind
    assert raised.value.column >= 1


def test_an_error_for_one_person_points_at_the_function_that_failed():
    with pytest.raises(ExpressionError) as raised:
        evaluate("Append([a], Item([m], 3))", {"m": ["x"]})

    assert (raised.value.kind, raised.value.column) == ("IndexOutOfRange", 13)


def test_the_allowance_is_for_each_evaluation():
    context = Context(now=NOW)
    expression = compile_expression('Count(Split(ToUpper([a]), "y"))')

    for _ in range(20):
        assert expression.evaluate({"a": "x" * 40_000}, context) == 1


@settings(max_examples=600, deadline=None)
@given(calls(), sources)
def test_evaluation_gives_a_value_or_an_error_of_its_own(tree, source):
    try:
        result = compile_expression(to_text(tree)).evaluate(source, Context(now=NOW, seed=1, default_domain="x.nl"))
    except ExpressionError as error:
        assert error.kind
        assert error.column >= 1
    else:
        assert isinstance(result, Drop) or as_value(result) == result
