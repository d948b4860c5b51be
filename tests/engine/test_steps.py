"""A row of the log as steps, in a few words, and in Graph's: tables over the row's fields, without a database."""

import re
from pathlib import Path
from typing import Any

import pytest

import provisioning
from provisioning.engine import steps
from provisioning.engine.causes import ERRORS, SKIPS, UNKNOWN, cause
from provisioning.models import Change

IN_SCOPE = {
    "objectId": "8f1a",
    "roles": ["User"],
    "via": ["directly"],
    "scoping": {"Active in the source system": "True", "Scope sync all": "False"},
    "reason": "",
}
NEW = IN_SCOPE | {"matching": {"attribute": "userName", "value": "britta@contoso.example"}}
KNOWN = IN_SCOPE | {"account": "4711"}
LEFT = KNOWN | {"via": [], "roles": [], "reason": "NotAssigned"}
SENT = {"export": {"method": "POST", "path": "/users", "status": 201, "milliseconds": 80, "attempts": 1}}
NAMES = [{"name": "name.givenName", "old": None, "new": "Britta"}]


def row(action: str, status: str, facts: dict[str, Any], **fields: Any) -> Change:
    return Change(action=action, status=status, facts=facts, identity="Britta Simon", **fields)


def told(change: Change) -> list[tuple[str, str, str]]:
    return [(step.type, step.name, step.status) for step in steps.steps(change)]


IMPORTED, SCOPED = ("import", "EntryImportUpdate", "success"), ("scoping", "EntrySynchronizationScoping", "success")
OUT, MATCHED = ("scoping", "EntrySynchronizationScoping", "skipped"), ("matching", "EntryMatching", "success")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            row("create", "success", NEW | SENT),
            [
                ("import", "EntryImportAdd", "success"),
                SCOPED,
                MATCHED,
                ("processing", "EntrySynchronizationAdd", "success"),
                ("export", "EntryExportAdd", "success"),
            ],
        ),
        (
            row("update", "success", KNOWN | SENT, modified=NAMES),
            [
                IMPORTED,
                SCOPED,
                MATCHED,
                ("processing", "EntrySynchronizationUpdate", "success"),
                ("export", "EntryExportUpdate", "success"),
            ],
        ),
        (
            row("disable", "success", LEFT | SENT),
            [
                IMPORTED,
                OUT,
                MATCHED,
                ("processing", "EntrySynchronizationDisable", "success"),
                ("export", "EntryExportUpdate", "success"),
            ],
        ),
        (
            row("disable", "staged", LEFT),
            [
                IMPORTED,
                OUT,
                MATCHED,
                ("processing", "EntrySynchronizationDisable", "success"),
                ("export", "EntryExportUpdate", "skipped"),
            ],
        ),
        (
            row("delete", "success", LEFT | SENT),
            [
                ("import", "EntryImportDelete", "success"),
                OUT,
                MATCHED,
                ("processing", "EntrySynchronizationDelete", "success"),
                ("export", "EntryExportDelete", "success"),
            ],
        ),
        (
            row("create", "planned", NEW),
            [
                ("import", "EntryImportAdd", "success"),
                SCOPED,
                MATCHED,
                ("processing", "EntrySynchronizationAdd", "success"),
            ],
        ),
        (
            row("create", "failure", NEW | SENT, error_code="EntryConflict", reason="Taken."),
            [
                ("import", "EntryImportAdd", "success"),
                SCOPED,
                MATCHED,
                ("processing", "EntrySynchronizationAdd", "success"),
                ("export", "EntryExportAdd", "failure"),
            ],
        ),
        (
            row("create", "failure", IN_SCOPE, error_code="MandatoryFieldsMissing", reason="surname has no value."),
            [
                ("import", "EntryImportAdd", "success"),
                SCOPED,
                ("processing", "EntrySynchronizationAdd", "failure"),
            ],
        ),
        (
            row("create", "failure", IN_SCOPE, error_code="DuplicateTargetEntries", reason="2 accounts."),
            [("import", "EntryImportAdd", "success"), SCOPED, ("matching", "EntryMatching", "failure")],
        ),
        (
            row("create", "failure", IN_SCOPE, error_code="ImportSkipped", reason="Nothing to match on."),
            [("import", "EntryImportAdd", "failure")],
        ),
        (
            row(
                "other", "skipped", IN_SCOPE | {"reason": "NotEffectivelyEntitled"}, error_code="NotEffectivelyEntitled"
            ),
            [("import", "EntryImport", "success"), OUT, ("processing", "EntrySynchronizationSkip", "skipped")],
        ),
        (row("other", "failure", {}, error_code="InvalidCredentials", reason="Wrong password."), []),
    ],
    ids=lambda value: f"{value.action}-{value.status}-{value.error_code}" if isinstance(value, Change) else "",
)
def test_the_steps_end_where_the_row_ended(change: Change, expected: list[tuple[str, str, str]]) -> None:
    assert told(change) == expected


def test_the_step_that_failed_says_why() -> None:
    change = row("create", "failure", NEW | SENT | {"answer": "{…}"}, error_code="EntryConflict", reason="Taken.")

    failed = steps.steps(change)[-1]

    assert failed.description == "Taken."
    assert failed.details == {
        "ErrorCode": "EntryConflict", "method": "POST", "path": "/users", "status": "201", "milliseconds": "80",
        "attempts": "1", "answer": "{…}",
    }  # fmt: skip


def test_details_are_texts_as_graph_has_them() -> None:
    for step in steps.steps(row("update", "success", KNOWN | SENT, modified=NAMES)):
        assert all(isinstance(value, str) for value in step.details.values()), step


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (row("create", "success", NEW), "Assigned directly"),
        (row("create", "success", NEW | {"via": ["directly", "Sales"]}), "Assigned through Sales"),
        (row("create", "planned", NEW | {"via": []}), "In scope"),
        (row("update", "success", KNOWN, modified=NAMES), "Changed: name.givenName"),
        (row("update", "success", KNOWN, modified=NAMES * 3), "3 attributes changed"),
        (row("disable", "success", LEFT), "Not assigned"),
        (row("disable", "success", LEFT | {"reason": "SourceObjectDisabled"}), "Sign-in blocked"),
        (row("disable", "staged", LEFT), "Held back: too many removals"),
        (row("create", "failure", NEW, error_code="LicenseLimitExceeded"), "No licence free"),
        (row("other", "skipped", IN_SCOPE, error_code="ScopingFilterNotPassed"), "Outside the scoping filter"),
        (row("other", "failure", {}, error_code="NeverHeardOf"), "Failed"),
    ],
)
def test_why_in_a_few_words(change: Change, words: str) -> None:
    assert steps.why(change) == words


@pytest.mark.parametrize(
    ("change", "action", "category"),
    [
        (row("create", "success", {}), "create", "success"),
        (row("enable", "success", {}), "update", "success"),
        (row("disable", "staged", {}), "stagedDelete", "success"),
        (row("create", "failure", {}, error_code="Timeout"), "create", "failure"),
        (row("create", "failure", {}, error_code="EntryConflict"), "create", "nonServiceFailure"),
    ],
)
def test_graphs_words(change: Change, action: str, category: str) -> None:
    assert (steps.provisioning_action(change), steps.error_category(change)) == (action, category)


def test_a_recommendation_is_given_where_somebody_may_act() -> None:
    assert "Buy licences" in steps.recommendation(row("create", "failure", {}, error_code="LicenseLimitExceeded"))
    assert steps.recommendation(row("create", "success", {})) == ""


def test_a_connectors_own_code_is_read_as_the_general_one() -> None:
    assert cause("GoToEntryConflict") is ERRORS["EntryConflict"]
    assert cause("Odd") is UNKNOWN


def test_every_code_that_the_service_gives_is_known() -> None:
    """A code without a cause would leave an administrator alone with it."""
    folder = Path(provisioning.__file__).parent
    source = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    given = set(re.findall(r'code="(\w+)"', source)) | set(re.findall(r'^    code = "(\w+)"', source, re.MULTILINE))
    given |= set(re.findall(r'Skip\("(\w+)"', source))
    never_logged = {"DeltaLinkExpired", "Halted", "MailNotSent", "NotImplemented"}

    assert given - never_logged <= set(ERRORS) | set(SKIPS)
