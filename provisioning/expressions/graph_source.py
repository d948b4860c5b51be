"""Expressions as Microsoft Graph stores them: a tree of attributeMappingSource objects.

`{type: Attribute | Constant | Function, name, expression, parameters: [{key, value}]}`; left-out arguments do not
appear among the parameters, bare numbers are constants with their digits as name.

Source: Microsoft Graph v1.0, attributeMappingSource.
"""

from collections.abc import Mapping
from typing import Any

from provisioning.expressions.catalogue import FUNCTIONS
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.lexer import TOKEN
from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Node, Number, Text
from provisioning.expressions.parser import parse
from provisioning.expressions.printing import to_text
from provisioning.sentences import Sentence

DEEPEST = 100


def to_source(node: Node) -> dict[str, Any]:
    """The attributeMappingSource of a tree. A comparison, which Graph has no type for, is a function of its sign."""
    match node:
        case Call(name, arguments):
            return source("Function", name, node, call_parameters(name, arguments))
        case Comparison(operator, left, right):
            operands = [{"key": "left", "value": to_source(left)}, {"key": "right", "value": to_source(right)}]
            return source("Function", operator, node, operands)
        case Attribute(name):
            return source("Attribute", name, node, [])
        case Text(value) | Number(value) | Name(value):
            return source("Constant", value, node, [])
        case Missing():
            raise ExpressionError("ArgumentMissing", Sentence("A left-out argument has no source."), column=node.column)


def source(kind: str, name: str, node: Node, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": kind, "name": name, "expression": to_text(node), "parameters": parameters}


def call_parameters(name: str, arguments: tuple[Node, ...]) -> list[dict[str, Any]]:
    function = FUNCTIONS[name]
    found = []
    for index, argument in enumerate(arguments):
        parameter = function.parameter(index)
        if parameter is not None and not isinstance(argument, Missing):
            found.append({"key": parameter.name, "value": to_source(argument)})
    return found


def from_source(stored: Mapping[str, Any]) -> Call:
    """The checked tree of a stored function: its text where there is one, else its parameters.

    Raises ExpressionError.
    """
    return parse(expression_text(stored))


def expression_text(stored: Mapping[str, Any]) -> str:
    """The text of a stored source; made from its parameters where the text is missing."""
    text = stored.get("expression")
    return text if isinstance(text, str) and text.strip() else to_text(from_parameters(stored))


def from_parameters(stored: Mapping[str, Any], depth: int = 0) -> Node:
    """The tree that type, name and parameters describe; not checked yet."""
    if depth > DEEPEST:
        raise ExpressionError("TooDeep", Sentence("The parameters are nested too deep."))
    name = str(stored.get("name") or "")
    match stored.get("type"):
        case "Attribute":
            return Attribute(name)
        case "Constant":
            return constant(name, str(stored.get("expression") or ""))
        case "Function":
            return function_node(name, stored.get("parameters") or [], depth)
    raise ExpressionError("Syntax", Sentence("A source is of type Attribute, Constant or Function."))


def constant(name: str, text: str) -> Node:
    """A constant, bare where its own text says so: a number or a named constant."""
    token = TOKEN.fullmatch(name) if text == name else None
    match token and token.lastgroup:
        case "number":
            return Number(name)
        case "name":
            return Name(name)
    return Text(name)


def function_node(name: str, parameters: list[Mapping[str, Any]], depth: int) -> Node:
    given = [(str(each.get("key")), from_parameters(each.get("value") or {}, depth + 1)) for each in parameters]
    if name in ("=", "<>", "<", "<=", ">", ">=") and len(given) == 2:
        return Comparison(name, given[0][1], given[1][1])
    function = FUNCTIONS.get(name)
    if function is None:
        return Call(name, tuple(node for _, node in given))
    placed: list[Node] = []
    for key, node in given:
        # Left-out arguments are those between the last one and the next place that bears the key.
        index = next((at for at in range(len(placed), len(placed) + 8) if key_at(name, at) == key), len(placed))
        placed += [Missing()] * (index - len(placed)) + [node]
    return Call(name, tuple(placed))


def key_at(name: str, index: int) -> str | None:
    parameter = FUNCTIONS[name].parameter(index)
    return parameter.name if parameter else None
