"""Changing a schema piece by piece: what the form makes is what the language reads back."""

from copy import deepcopy

import pytest

from portal import schemas
from portal.schemas import CONSTANT, DIRECT, EXPRESSION, NONE
from provisioning import gallery
from provisioning.actions import mappings
from provisioning.mapping.attribute_mapping import compile_source
from provisioning.mapping.merging import tree_of

AWKWARD = [
    "Sales",
    'the "big" ones',
    "C:\\temp",
    'ends with \\"',
    '""',
    "\\d+",
    "5",
    "True",
    "[mail]",
    "ToLower([mail])",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_the_expression_of_a_constant_says_the_constant(text: str) -> None:
    source = schemas.source_of(CONSTANT, text)

    assert source is not None
    assert (source["type"], source["name"]) == ("Constant", text)
    assert tree_of(source["expression"]) == {"type": "Constant", "name": text, "parameters": []}
    kind, shown, *_ = compile_source(source, None)
    assert (kind, shown) == ("Constant", text)


def test_a_matching_attribute_is_tried_earlier_one_step_at_a_time() -> None:
    schema = deepcopy(gallery.template("gotomeeting")["schema"])
    rows = mappings.users_mapping(schema)["attributeMappings"]
    for row, priority in zip(rows, (1, 1, 7), strict=False):
        row["matchingPriority"] = priority

    def order(target: str) -> list[tuple[str, int]]:
        changed = mappings.users_mapping(schemas.tried_earlier(schema, target))["attributeMappings"]
        found = [(row["targetAttributeName"], row["matchingPriority"]) for row in changed if row["matchingPriority"]]
        return sorted(found, key=lambda each: each[1])

    first, second, third = (row["targetAttributeName"] for row in rows[:3])
    assert order(third) == [(first, 1), (third, 2), (second, 3)]
    assert order(second) == [(second, 1), (first, 2), (third, 3)]
    assert order(first) == order("nothing like it") == [(first, 1), (second, 2), (third, 3)]


def test_every_kind_of_source_is_graphs() -> None:
    assert schemas.source_of(NONE, "") is None
    assert schemas.source_of(DIRECT, "mail") == {
        "expression": "[mail]", "name": "mail", "parameters": [], "type": "Attribute",
    }  # fmt: skip
    mail = schemas.source_of(DIRECT, "mail")
    assert schemas.source_of(EXPRESSION, "ToLower( [mail] )") == {
        "expression": "ToLower([mail])", "name": "ToLower", "type": "Function",
        "parameters": [{"key": "source", "value": mail}],
    }  # fmt: skip
