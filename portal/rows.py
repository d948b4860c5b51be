"""One row of the log as a page shows it."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.states import ACTIONS, CHANGES, State
from provisioning.engine import steps
from provisioning.engine.steps import Step
from provisioning.models import Change

STEP_NAMES: dict[str, str | Promise] = {
    steps.IMPORT: _("Import user"),
    steps.SCOPING: _("Determine if user is in scope"),
    steps.MATCHING: _("Match user between source and target system"),
    steps.PROCESSING: _("Decide what to do"),
    steps.EXPORT: _("Perform action"),
}
STEP_STATES = {
    steps.SUCCESS: State(_("Done"), "success", "checkmark_circle"),
    steps.FAILURE: State(_("Failed"), "danger", "error_circle"),
    steps.SKIPPED: State(_("Skipped"), "neutral", "subtract_circle"),
}
NOT_REACHED = State(_("Not reached"), "neutral", "circle", "regular")


@dataclass(frozen=True)
class ShownStep:
    name: str | Promise
    state: State
    step: Step | None


@dataclass(frozen=True)
class LogRow:
    change: Change

    @property
    def name(self) -> str:
        """The person's name, or address, without the other; what the row is about where it is about no person."""
        return self._parts[0] or str(_("The whole cycle"))

    @property
    def address(self) -> str:
        return self._parts[1]

    @cached_property
    def _parts(self) -> tuple[str, str]:
        subject = self.change.subject
        if subject is not None:
            name = subject.display_name or subject.user_principal_name or subject.object_id
            return name, subject.user_principal_name if subject.user_principal_name != name else ""
        return self.change.identity, ""

    @property
    def state(self) -> State:
        return CHANGES[Change.Status(self.change.status)]

    @property
    def action(self) -> str | Promise:
        return ACTIONS[self.change.action]

    @cached_property
    def why(self) -> str:
        return steps.why(self.change)

    @property
    def source_id(self) -> str:
        return str(self.change.facts.get("objectId") or "")

    @property
    def target_id(self) -> str:
        return str(self.change.facts.get("account") or "")

    @property
    def duration(self) -> timedelta | None:
        milliseconds = self.change.facts.get("export", {}).get("milliseconds")
        return timedelta(milliseconds=milliseconds) if milliseconds is not None else None

    @cached_property
    def steps(self) -> list[ShownStep]:
        """All five, those that were not reached as well."""
        told = {step.type: step for step in steps.steps(self.change)}
        if not told:
            return []
        shown = []
        for kind, name in STEP_NAMES.items():
            step = told.get(kind)
            shown.append(ShownStep(name, STEP_STATES[step.status] if step else NOT_REACHED, step))
        return shown

    @property
    def recommendation(self) -> str:
        return steps.recommendation(self.change)

    @property
    def retried(self) -> bool:
        return steps.retried(self.change)

    @property
    def modified(self) -> list[dict[str, Any]]:
        return list(self.change.modified)
