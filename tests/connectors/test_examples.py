"""What the connectors' docstrings show is what happens."""

import doctest
import importlib
import pkgutil

import pytest

import provisioning.connectors

MODULES = [
    module.name for module in pkgutil.walk_packages(provisioning.connectors.__path__, "provisioning.connectors.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_code_hold(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))

    assert failed == 0
