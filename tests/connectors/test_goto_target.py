"""GoToMeeting keeps the promises that every target makes."""

import pytest

from provisioning.connectors.base import AccountContext, RoleGrant, Target
from provisioning.connectors.goto.admin import GoToTarget
from tests.connectors.target_contract import TargetContract


class TestGoToTarget(TargetContract):
    grants = (RoleGrant("organizer", products=("G2M",)),)

    @pytest.fixture
    def target(self, goto: GoToTarget) -> Target:
        return goto

    @pytest.fixture
    def context(self, goto: GoToTarget) -> AccountContext:
        return goto.context()
