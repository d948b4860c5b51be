"""Reading and printing expressions, and where errors point."""

import pytest
from hypothesis import given, settings

from provisioning.expressions import ExpressionError, compile_expression, parse, to_text
from provisioning.expressions.graph_source import from_parameters, from_source, to_source
from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Number, Text
from tests.expressions.strategies import calls

TREES = {
    "ToLower([mail])": Call("ToLower", (Attribute("mail"),)),
    'Left("a", -10)': Call("Left", (Text("a"), Number("-10"))),
    'Switch([a], , "x", "y")': Call("Switch", (Attribute("a"), Missing(), Text("x"), Text("y"))),
    'Replace([a],"-",,,"_",,)': Call(
        "Replace", (Attribute("a"), Text("-"), Missing(), Missing(), Text("_"), Missing(), Missing())
    ),
    'IIF([a] <> "b", 1, IgnoreAttributeFlow)': Call(
        "IIF", (Comparison("<>", Attribute("a"), Text("b")), Number("1"), Name("IgnoreAttributeFlow"))
    ),
    "Now()": Call("Now"),
    'Append([user.mail], "x")': Call("Append", (Attribute("mail"), Text("x"))),
}


@pytest.mark.parametrize(("text", "tree"), TREES.items(), ids=TREES)
def test_an_expression_is_read_as_its_tree(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('Join("-",[a],\n  [b])', 'Join("-", [a], [b])'),
        ('IIF([a]="x",1,2)', 'IIF([a] = "x", 1, 2)'),
        ('Append([a], "\\d\\"")', 'Append([a], "\\\\d\\"")'),
        ("Left([user.a], 1, )", "Left([a], 1, )"),
    ],
)
def test_an_expression_is_printed_in_one_form(text, printed):
    assert to_text(parse(text)) == printed


@settings(max_examples=400, deadline=None)
@given(calls())
def test_what_is_printed_reads_as_the_same_tree(tree):
    text = to_text(tree)

    assert parse(text) == tree
    assert to_text(parse(text)) == text


@settings(max_examples=200, deadline=None)
@given(calls())
def test_what_graph_stores_reads_as_the_same_tree(tree):
    assert from_source(to_source(tree)) == tree


@pytest.mark.parametrize("text", [*TREES, 'Switch([a], "d", "k", , "l", "v")', 'InStr([a], "b", , vbTextCompare)'])
def test_a_tree_without_texts_reads_as_the_same_meaning(text):
    def without_text(source):
        kept = {} if source["type"] == "Function" else {"expression": source["expression"]}
        parameters = [{**each, "value": without_text(each["value"])} for each in source["parameters"]]
        return {"type": source["type"], "name": source["name"], "parameters": parameters, **kept}

    tree = from_parameters(without_text(to_source(parse(text))))

    arguments = list(parse(text).arguments)
    while arguments and arguments[-1] == Missing():
        arguments.pop()
    assert tree == Call(parse(text).name, tuple(arguments))


def test_graph_stores_a_function_with_the_keys_of_its_parameters():
    source = to_source(parse('Replace([l], "-", , , "_", , )'))

    assert source["type"] == "Function"
    assert source["expression"] == 'Replace([l], "-", , , "_", , )'
    assert [(each["key"], each["value"]["type"], each["value"]["name"]) for each in source["parameters"]] == [
        ("source", "Attribute", "l"),
        ("Find", "Constant", "-"),
        ("Replacement", "Constant", "_"),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "column"),
    [
        ("ToLowr([mail])", "UnknownFunction", 1),
        ('Join("-", Lft([a], 1))', "UnknownFunction", 11),
        ("Left([a])", "ArgumentCount", 1),
        ("Left([a], 1, 2)", "ArgumentCount", 14),
        ('Left([a], "x")', "ArgumentType", 11),
        ('DateAdd("days", 1, [d])', "ArgumentType", 9),
        ("Join([a]", "Syntax", 9),
        ('Join("-", [a] [b])', "Syntax", 15),
        ('Join("-", "a)', "Syntax", 11),
        ("[mail]", "NotAFunction", 1),
        ('Append(mail, "x")', "UnknownName", 8),
        ('Append([a], SelectUniqueValue("a", "b"))', "Placement", 13),
        ('IIF([a] = "x" AND [b] = "y", 1, 2)', "Syntax", 15),
        ('Replace([a], , "(", , "x", , )', "PatternRefused", 16),
        ('FormatDateTime([a], , "yyyy", "x")', "DateFormat", 31),
        ("Append([a], Count([b]) = 1)", "ArgumentType", 24),
        ('Left(Split([a], ","), 1)', "ArgumentType", 6),
    ],
)
def test_an_error_points_at_its_place(text, kind, column):
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text)

    assert (raised.value.kind, raised.value.column, raised.value.text) == (kind, column, text)
    line, caret = raised.value.caret().split("\n")
    assert caret == " " * (column - 1) + "^"
    assert line == text


def test_the_caret_of_a_long_or_broken_expression_stands_under_its_place():
    text = "Join(\n  " + '"-", ' * 100 + "Lft([a], 1)\n)"
    with pytest.raises(ExpressionError) as raised:
        parse(text)

    line, caret = raised.value.caret().split("\n")
    assert line[len(caret) - 1 :].startswith("Lft(")
    assert len(line) <= 120


def test_a_caret_on_another_line_counts_from_the_beginning_of_that_line():
    with pytest.raises(ExpressionError) as raised:
        parse('Join("-",\n\tLft([a], 1))')

    assert raised.value.caret() == " Lft([a], 1))\n ^"


@pytest.mark.parametrize(
    ("wrong", "right"), [("ToLowr", "ToLower"), ("tolower", "ToLower"), ("Repalce", "Replace"), ("if", "IIF")]
)
def test_an_unknown_function_suggests_the_nearest(wrong, right):
    with pytest.raises(ExpressionError, match=f"Did you mean {right}\\?"):
        parse(f"{wrong}([a])")


def test_a_name_like_no_other_gets_no_suggestion():
    with pytest.raises(ExpressionError, match=r"There is no function Xyzzy\.$"):
        parse("Xyzzy([a])")
