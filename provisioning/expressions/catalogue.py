"""All functions, as the expression builder, Graph's `functions` answer and the documentation list them."""

import ast
import doctest
import inspect
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from provisioning.expressions.functions import (
    choice,
    dates,
    encoding,
    letters,
    lists,
    random,
    replace,
    roles,
    tests,
    text,
)
from provisioning.expressions.signatures import REGISTERED, Function, Type
from provisioning.sentences import Sentence

CATEGORIES = {
    "Text": (text, letters, replace),
    "Choice": (choice,),
    "Tests": (tests,),
    "Dates": (dates,),
    "Lists": (lists,),
    "Encoding": (encoding,),
    "Random values": (random,),
    "Roles": (roles,),
}
FUNCTIONS: dict[str, Function] = {name: REGISTERED[name] for name in sorted(REGISTERED, key=str.lower)}


@dataclass(frozen=True)
class Example:
    """`result` is what evaluating `expression` on `source` gives; the tests run every example."""

    expression: str
    source: dict[str, Any]
    result: Any


@dataclass(frozen=True)
class Description:
    """A function for people: `signature` is "Join(separator, …)", `meaning` a sentence, `remarks` are paragraphs."""

    name: str
    category: str
    signature: str
    meaning: str
    remarks: tuple[str, ...]
    examples: tuple[Example, ...]
    source: str
    standard: bool
    caution: Sentence


def describe(function: Function) -> Description:
    """Read from the docstring: signature and meaning, remarks, examples, and a last paragraph "Source: …"."""
    document = inspect.getdoc(function.implementation) or ""
    head, _, body = document.partition("\n\n")
    signature, _, meaning = " ".join(head.split()).partition(": ")
    paragraphs = [textwrap.dedent(part).strip() for part in body.split("\n\n")]
    source = next((part for part in paragraphs if part.startswith("Source: ")), "")
    remarks = tuple(flowing(part) for part in paragraphs if part and part != source and not part.startswith(">>>"))
    return Description(
        function.name,
        category(function),
        signature,
        meaning,
        remarks,
        tuple(examples(document)),
        " ".join(source.removeprefix("Source: ").split()),
        function.standard,
        function.caution,
    )


def flowing(paragraph: str) -> str:
    """A paragraph on one line; the points of a list keep theirs."""
    return re.sub(r"\s*\n\s*(?!\* )", " ", paragraph).replace(" * ", "\n* ")


def category(function: Function) -> str:
    module = function.implementation.__module__
    return next(name for name, modules in CATEGORIES.items() if module in {each.__name__ for each in modules})


def examples(document: str) -> list[Example]:
    """The `>>> evaluate('…', attribute=…)` lines of a docstring, with the results written under them."""
    found = []
    for example in doctest.DocTestParser().get_examples(document):
        call = ast.parse(example.source.strip(), mode="eval").body
        assert isinstance(call, ast.Call)
        source = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
        result = ast.literal_eval(example.want) if example.want else None
        found.append(Example(ast.literal_eval(call.args[0]), source, result))
    return found


def graph_functions() -> list[dict[str, Any]]:
    """Graph's answer to `functions`: the standard list with parameter names and types, and our extensions after it."""
    ordered = sorted(FUNCTIONS.values(), key=lambda function: not function.standard)
    return [{"id": each.name, "name": each.name, "parameters": graph_parameters(each)} for each in ordered]


def graph_parameters(function: Function) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "type": "String" if parameter.type in (Type.ANY, Type.LIST) else parameter.type.value,
            "required": parameter.required,
            "allowMultipleOccurrences": parameter.repeating,
        }
        for parameter in function.parameters
    ]
