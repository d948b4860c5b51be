"""The data-driven cases: one JSON object a line, with the public page that each comes from."""

import json
from pathlib import Path

import pytest

from provisioning.expressions.cases import run_case
from provisioning.expressions.catalogue import FUNCTIONS

CASES = [
    pytest.param(number, json.loads(line), id=f"{file.stem}-{number}")
    for file in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
]


@pytest.mark.parametrize(("number", "case"), CASES)
def test_a_case_gives_what_it_promises(number, case):
    result = run_case(number, case)

    assert result.given == result.expected
    assert result.passed


def test_there_are_many_cases_and_each_names_its_source():
    cases = [parameter.values[1] for parameter in CASES]

    assert len(cases) >= 400
    for case in cases:
        page, _, mark = case["from"].partition("; ")
        assert page.startswith("Microsoft ")
        assert mark.startswith(("documented", "inferred", "chosen"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_cases(name):
    assert sum(f"{name}(" in parameter.values[1]["expression"] for parameter in CASES) >= 2
