"""What a row's state looks like: a word, a colour and an icon. One place, so that a state looks the same everywhere."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.models import Change, Credential, Cycle, Job


@dataclass(frozen=True)
class State:
    label: str | Promise
    tone: str
    icon: str
    style: str = "filled"


OFF = State(_("Off"), "neutral", "pause_circle")
ON = State(_("On"), "success", "checkmark_circle")
STOPPED = State(_("Stopped"), "neutral", "pause_circle")
RUNNING = State(_("Running"), "info", "arrow_sync", "regular")
FINISHING = State(_("Off, finishing"), "info", "arrow_sync", "regular")
QUARANTINE = State(_("Quarantine"), "danger", "shield_error")
WAITING = State(_("Awaiting approval"), "warning", "warning")
NOT_CONFIGURED = State(_("Not configured"), "neutral", "subtract_circle")

CHANGES = {
    Change.Status.SUCCESS: State(_("Success"), "success", "checkmark_circle"),
    Change.Status.FAILURE: State(_("Failure"), "danger", "error_circle"),
    Change.Status.SKIPPED: State(_("Skipped"), "neutral", "subtract_circle"),
    Change.Status.PLANNED: State(_("Planned"), "neutral", "circle", "regular"),
    Change.Status.STAGED: State(_("Awaiting approval"), "warning", "warning"),
    Change.Status.IN_FLIGHT: State(_("Running"), "info", "arrow_sync", "regular"),
    Change.Status.SUPERSEDED: State(_("Superseded"), "neutral", "subtract_circle"),
}

ACTIONS: dict[str, str | Promise] = {
    Change.Action.CREATE: _("Create"),
    Change.Action.UPDATE: _("Update"),
    Change.Action.ENABLE: _("Enable"),
    Change.Action.DISABLE: _("Disable"),
    Change.Action.DELETE: _("Delete"),
    Change.Action.OTHER: _("Other"),
}

TESTS = {
    Credential.Test.NEVER: State(_("Not tested"), "neutral", "subtract_circle"),
    Credential.Test.WAITING: State(_("Testing"), "info", "arrow_sync", "regular"),
    Credential.Test.RUNNING: State(_("Testing"), "info", "arrow_sync", "regular"),
    Credential.Test.PASSED: State(_("Verified"), "success", "checkmark_circle"),
    Credential.Test.FAILED: State(_("Failed"), "danger", "error_circle"),
}

CHECKS = {
    "passed": State(_("Passed"), "success", "checkmark_circle"),
    "warning": State(_("Warning"), "warning", "warning"),
    "failed": State(_("Failed"), "danger", "error_circle"),
    "skipped": State(_("Not checked"), "neutral", "subtract_circle"),
}

CYCLES: dict[str, State] = {
    Cycle.State.RUNNING: RUNNING,
    Cycle.State.SUCCEEDED: State(_("Succeeded"), "success", "checkmark_circle"),
    Cycle.State.ENTRY_ERRORS: State(_("Succeeded, some people failed"), "warning", "warning"),
    Cycle.State.FAILED: State(_("Failed"), "danger", "error_circle"),
}

KINDS: dict[str, str | Promise] = {
    Cycle.Kind.INITIAL: _("Initial cycle"),
    Cycle.Kind.INCREMENTAL: _("Incremental cycle"),
}


def of_job(job: Job | None, *, running: bool, configured: bool = True) -> State:
    """Provisioning status in one pill; the worst of what is true."""
    if job is None or not configured:
        return NOT_CONFIGURED
    if job.quarantine_reason == "TooManyDeletes":
        return WAITING
    if job.quarantined:
        return QUARANTINE
    if job.halted:
        return STOPPED
    if running:
        return RUNNING if job.enabled else FINISHING
    return ON if job.enabled else OFF
