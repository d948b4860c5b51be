"""What came of provisioning on demand: the row of the log, with what was read on both sides for its steps.

Source: Microsoft Entra ID, "On-demand provisioning": the details of *Import user* and of *Match user*.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from portal.rows import LogRow, ShownStep
from portal.templatetags.shell import plain
from provisioning.engine import steps
from provisioning.models import Change


class OnDemandRow(LogRow):
    @cached_property
    def steps(self) -> list[ShownStep]:
        read = {steps.IMPORT: self._person(), steps.MATCHING: self._account()}
        return [_detailed(each, read.get(each.step.type, {})) if each.step else each for each in super().steps]

    def _person(self) -> Mapping[str, Any]:
        """As just read; properties without a value are absent."""
        return self.change.subject.attributes if self.change.subject else {}

    def _account(self) -> Mapping[str, Any]:
        """As it was found, before anything was written to it."""
        account = self.change.account
        if account is None or self.change.action == Change.Action.CREATE:
            return {}
        written = {row["name"]: row["old"] for row in self.change.modified}
        return {name: value for name, value in {**account.attributes, **written}.items() if value not in (None, "", [])}


def _detailed(shown: ShownStep, properties: Mapping[str, Any]) -> ShownStep:
    assert shown.step is not None, "asked of steps that were reached"
    printed = {name: plain(value) for name, value in sorted(properties.items())}
    return replace(shown, step=replace(shown.step, details={**shown.step.details, **printed}))
