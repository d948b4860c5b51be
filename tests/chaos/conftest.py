import pytest
from pytest_django import Settings

pytest.register_assert_rewrite("tests.chaos.ordeal")

from tests.chaos.ordeal import PEOPLE  # noqa: E402
from tests.sandbox_process import SandboxProcess  # noqa: E402
from tests.world import World, build  # noqa: E402

IN_EVERY_RUN = {"test_killed_between_effect_and_answer", "test_two_workers_that_are_started_for_one_job_are_one_writer"}
"""The two that stand for the others where there is no time for all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/chaos/" in item.nodeid:
            item.add_marker("chaos")
            if item.name not in IN_EVERY_RUN:
                item.add_marker("slow")


@pytest.fixture
def world(sandbox: SandboxProcess, transactional_db: None, settings: Settings) -> World:
    """An empty directory, an account with its administrator, and a job between them that workers will run."""
    sandbox.control.reset(empty=True, knobs={"rate_limit": 0})
    sandbox.control.set_seats("G2M", PEOPLE + 10)
    return build(sandbox)
