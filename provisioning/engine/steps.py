"""A row of the log, told as the steps that led to it. Pure over the row's fields.

Source: Microsoft Entra ID, "Provisioning logs" (names and types of the steps), "On-demand provisioning" (their order).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from provisioning.engine.causes import Cause, cause
from provisioning.models import Change
from provisioning.wording import in_words

IMPORT, SCOPING, MATCHING, PROCESSING, EXPORT = "import", "scoping", "matching", "processing", "export"
SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"

FAILS_AT = {
    "ImportSkipped": IMPORT,
    "DuplicateTargetEntries": MATCHING,
    "DuplicateSourceEntries": MATCHING,
}
"""Where a person who could not be planned got stuck; everything else is found out in processing."""
VERBS: dict[str, str] = {
    Change.Action.CREATE: "Add",
    Change.Action.UPDATE: "Update",
    Change.Action.ENABLE: "Update",
    Change.Action.DISABLE: "Disable",
    Change.Action.DELETE: "Delete",
}


@dataclass(frozen=True)
class Step:
    """`type`, `status` and the names in `details` are Graph's; `description` is in the reader's language."""

    name: str
    type: str
    status: str
    description: str
    details: dict[str, str] = field(default_factory=dict)


def steps(change: Change) -> list[Step]:
    """In their order, up to the one at which it ended; empty for a row that is about no person."""
    if "objectId" not in change.facts:
        return []
    stuck = stuck_at(change)
    told: list[Step] = []
    for step in _all_steps(change, stuck):
        told.append(step)
        if step.type == stuck:
            break
    return told


def stuck_at(change: Change) -> str:
    """The step that failed; "" for a row that did not fail."""
    if change.status != Change.Status.FAILURE:
        return ""
    return EXPORT if "export" in change.facts else FAILS_AT.get(change.error_code, PROCESSING)


def _all_steps(change: Change, stuck: str) -> Iterable[Step]:
    yield _import(change, stuck)
    if "scoping" in change.facts:
        yield _scoping(change)
    if stuck == MATCHING or "matching" in change.facts or "account" in change.facts:
        yield _matching(change, stuck)
    yield _processing(change, stuck)
    if change.action in VERBS and change.status != Change.Status.SKIPPED:
        yield from _export(change, stuck)


def _import(change: Change, stuck: str) -> Step:
    verb = {"Disable": "Update"}.get(VERBS.get(change.action, ""), VERBS.get(change.action, ""))
    details = {"objectId": change.facts["objectId"]}
    if stuck == IMPORT:
        return Step(f"EntryImport{verb}", IMPORT, FAILURE, in_words(change.reason), details)
    text = _("%(person)s was read from the directory.") % {"person": change.identity}
    return Step(f"EntryImport{verb}", IMPORT, SUCCESS, text, details)


def _scoping(change: Change) -> Step:
    reason = change.facts.get("reason", "")
    details = dict(change.facts["scoping"])
    if via := change.facts.get("via"):
        details["Assigned through"] = ", ".join(via)
    if roles := change.facts.get("roles"):
        details["Roles"] = ", ".join(roles)
    if reason:
        text = _("Not in scope: %(reason)s.") % {"reason": _lower(cause(reason).words)}
        return Step("EntrySynchronizationScoping", SCOPING, SKIPPED, text, {**details, "SkipReason": reason})
    text = _("In scope: active, assigned with a role that counts, and let through by the scoping filter.")
    if details.get("Scope sync all") == "True":
        text = _("In scope: active, and let through by the scoping filter; all users are provisioned.")
    return Step("EntrySynchronizationScoping", SCOPING, SUCCESS, text, details)


def _matching(change: Change, stuck: str) -> Step:
    tried = change.facts.get("matching")
    account = change.facts.get("account", "")
    details = {"account": account} if account else {}
    if tried:
        details |= {"attribute": tried["attribute"], "value": tried["value"]}
    if stuck == MATCHING:
        return Step("EntryMatching", MATCHING, FAILURE, in_words(change.reason), details)
    if tried and account:
        text = _("The account with %(attribute)s “%(value)s” was found.") % tried
    elif tried:
        text = _("No account has %(attribute)s “%(value)s”.") % tried
    else:
        text = _("The person's account is known from before.")
    return Step("EntryMatching", MATCHING, SUCCESS, text, details)


def _processing(change: Change, stuck: str) -> Step:
    if stuck == PROCESSING:
        name = f"EntrySynchronization{VERBS.get(change.action, 'Skip')}"
        return Step(name, PROCESSING, FAILURE, in_words(change.reason), {"ErrorCode": change.error_code})
    if change.status == Change.Status.SKIPPED:
        text = " ".join(part for part in (str(cause(change.error_code).advice), in_words(change.reason)) if part)
        return Step("EntrySynchronizationSkip", PROCESSING, SKIPPED, text, {"SkipReason": change.error_code})
    details = {"attributes": ", ".join(row["name"] for row in change.modified)} if change.modified else {}
    return Step(f"EntrySynchronization{VERBS[_action(change)]}", PROCESSING, SUCCESS, _decision(change), details)


def _decision(change: Change) -> str:
    match change.action:
        case Change.Action.CREATE:
            return _("An account is to be created: the person is in scope and has none.")
        case Change.Action.ENABLE:
            return _("The account is to be enabled again: the person is in scope.")
        case Change.Action.DISABLE:
            return _("The account is to be disabled: the person is no longer in scope.")
        case Change.Action.DELETE:
            return _("The account is to be deleted: the person is gone from the directory for good.")
        case _:
            return _("%(count)d attributes of the account differ from what the mapping wants.") % {
                "count": len(change.modified)
            }


def _export(change: Change, stuck: str) -> Iterable[Step]:
    verb = {"Disable": "Update"}.get(VERBS[_action(change)], VERBS[_action(change)])
    name = f"EntryExport{verb}"
    if change.status == Change.Status.STAGED:
        text = _("Held back: too many removals at once. An administrator has to allow them.")
        yield Step(name, EXPORT, SKIPPED, text, {"SkipReason": "TooManyDeletes"})
    elif change.status == Change.Status.FAILURE:
        yield Step(name, EXPORT, FAILURE, in_words(change.reason), {"ErrorCode": change.error_code, **_request(change)})
    elif change.status == Change.Status.SUCCESS:
        text = " ".join(part for part in (_done(change), in_words(change.reason)) if part)
        yield Step(name, EXPORT, SUCCESS, text, _request(change))


def _done(change: Change) -> str:
    match change.action:
        case Change.Action.CREATE:
            return _("The account was created.")
        case Change.Action.ENABLE:
            return _("The account was enabled.")
        case Change.Action.DISABLE:
            return _("The account was disabled.")
        case Change.Action.DELETE:
            return _("The account was deleted.")
        case _:
            return _("The account was updated.")


def _request(change: Change) -> dict[str, str]:
    """What left, and what came back: texts, as Graph's details are."""
    told: dict[str, Any] = change.facts.get("export", {})
    details = {name: str(value) for name, value in told.items() if value is not None}
    if answer := change.facts.get("answer"):
        details["answer"] = str(answer)
    return details


def _action(change: Change) -> Change.Action:
    return Change.Action(change.action) if change.action in VERBS else Change.Action.UPDATE


# --- in a few words -------------------------------------------------------------------------------------------------


def why(change: Change) -> str:
    """The reason of a row in a few words, for a column."""
    if change.status in (Change.Status.FAILURE, Change.Status.SKIPPED):
        return str(cause(change.error_code).words)
    if change.status == Change.Status.STAGED:
        return _("Held back: too many removals")
    reason = change.facts.get("reason")
    if reason:
        return str(cause(reason).words)
    if change.action in (Change.Action.CREATE, Change.Action.ENABLE):
        return _assigned(change.facts.get("via") or [])
    return _changed([row["name"] for row in change.modified])


def _assigned(via: list[str]) -> str:
    if not via:
        return _("In scope")
    if via == ["directly"]:
        return _("Assigned directly")
    groups = [way for way in via if way != "directly"]
    return _("Assigned through %(groups)s") % {"groups": ", ".join(groups)}


def _changed(names: list[str]) -> str:
    if not names:
        return ""
    if len(names) <= 2:
        return _("Changed: %(names)s") % {"names": ", ".join(names)}
    return _("%(count)d attributes changed") % {"count": len(names)}


def _lower(words: object) -> str:
    text = str(words)
    return text[:1].lower() + text[1:]


def recommendation(change: Change) -> str:
    """What to do about a row that failed or was skipped; "" for one that succeeded."""
    return str(_cause(change).advice) if change.error_code else ""


def retried(change: Change) -> bool:
    """Whether the cause may pass by itself."""
    return bool(change.error_code) and _cause(change).retried


def _cause(change: Change) -> Cause:
    return cause(change.error_code)


# --- in Graph's words -----------------------------------------------------------------------------------------------


def provisioning_action(change: Change) -> str:
    """Graph's provisioningAction: enabling is an update there, a removal that is held back a staged delete."""
    if change.status == Change.Status.STAGED:
        return "stagedDelete"
    return "update" if change.action == Change.Action.ENABLE else str(change.action)


def error_category(change: Change) -> str:
    """Graph's errorCategory: who has to act."""
    if change.status != Change.Status.FAILURE:
        return "success"
    return "failure" if retried(change) else "nonServiceFailure"
