"""What the documentation shows is what happens."""

import doctest
import importlib
import pkgutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

import provisioning.expressions
import provisioning.mapping
from provisioning.expressions import Context
from provisioning.expressions.catalogue import FUNCTIONS, describe, graph_functions
from provisioning.expressions.documentation import document
from provisioning.expressions.trial import attempt

CONTEXT = {"now": datetime(2026, 11, 24, tzinfo=UTC), "seed": "s", "default_domain": "contoso.com"}
EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for name, function in FUNCTIONS.items()
    for number, example in enumerate(describe(function).examples, start=1)
]
MODULES = [
    module.name
    for package in (provisioning.expressions, provisioning.mapping)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    if ".functions." not in module.name
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_a_function_gives_its_result(example):
    trial = attempt(example.expression, example.source, Context(**CONTEXT))

    assert trial.error is None
    assert trial.result == example.result


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_is_documented_whole(function):
    description = describe(function)

    assert description.signature.startswith(f"{function.name}(")
    assert description.meaning
    assert description.examples
    assert description.source.startswith("Microsoft ")


def test_the_functions_are_microsofts_and_two_extensions():
    assert len([each for each in FUNCTIONS.values() if each.standard]) == 49
    assert {name for name, each in FUNCTIONS.items() if not each.standard} == {"ConvertFromBase64", "Trim"}


def test_graph_lists_functions_with_its_own_parameter_names():
    listed = {each["name"]: each for each in graph_functions()}

    assert [parameter["name"] for parameter in listed["Replace"]["parameters"]] == [
        "source",
        "Find",
        "RegularExpression",
        "RegularExpressionGroupName",
        "Replacement",
        "ReplacementPropertyName",
        "Template",
    ]
    assert listed["Join"]["parameters"][1] == {
        "name": "source",
        "type": "String",
        "required": True,
        "allowMultipleOccurrences": True,
    }
    assert listed["Mid"]["parameters"][1]["type"] == "Integer"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_code_hold(name):
    failed, _ = doctest.testmod(importlib.import_module(name), extraglobs={"UTC": UTC, "datetime": datetime})

    assert failed == 0


def test_the_documentation_is_up_to_date():
    page = Path(__file__).parents[2] / "docs" / "expressions.md"

    assert page.read_text("utf-8") == document(), "run: python manage.py evaluate --document > docs/expressions.md"
