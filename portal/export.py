"""The log as files: JSON in Graph's shape, or the three CSV files of Microsoft's portal, joined on the change id.

Rows are read and written a thousand at a time, so that the largest log needs no more memory than the smallest.
Source: Microsoft Entra ID, "Provisioning logs", Download; Microsoft Graph v1.0, provisioningObjectSummary.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from provisioning.engine.summary import summary
from provisioning.models import Application, Change

CHUNK = 1000


class Echo:
    """csv writes to it, and gets back what it wrote."""

    def write(self, value: str) -> str:
        return value


def defused(value: object) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> [defused(v) for v in ("=1+1", "@x", "-5", "plain", None, "\\t=1")]
    ["'=1+1", "'@x", "'-5", 'plain', '', "'\\t=1"]
    """
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text


def as_json(rows: QuerySet[Change], application: Application) -> Iterator[str]:
    yield "["
    separator = "\n"
    for change in in_order(rows):
        yield separator + json.dumps(summary(change, application), ensure_ascii=False)
        separator = ",\n"
    yield "\n]\n"


LOG_COLUMNS = (
    "changeId",
    "activityDateTime",
    "tenantId",
    "jobId",
    "cycleId",
    "provisioningAction",
    "durationInMilliseconds",
    "status",
    "errorCode",
    "reason",
    "recommendedAction",
    "sourceId",
    "sourceIdentity",
    "targetId",
    "sourceSystem",
    "targetSystem",
    "initiatedBy",
)
STEP_COLUMNS = ("changeId", "step", "name", "provisioningStepType", "status", "description", "details")
PROPERTY_COLUMNS = ("changeId", "displayName", "oldValue", "newValue")


def log_lines(row: dict[str, Any]) -> Iterable[Sequence[object]]:
    error = row["provisioningStatusInfo"]["errorInformation"] or {}
    yield (
        *(row[name] for name in LOG_COLUMNS[:7]),
        row["provisioningStatusInfo"]["status"],
        error.get("errorCode"),
        error.get("reason"),
        error.get("recommendedAction"),
        row["sourceIdentity"]["id"],
        row["sourceIdentity"]["displayName"],
        row["targetIdentity"]["id"],
        row["sourceSystem"]["displayName"],
        row["targetSystem"]["displayName"],
        row["initiatedBy"]["displayName"],
    )


def step_lines(row: dict[str, Any]) -> Iterable[Sequence[object]]:
    for number, step in enumerate(row["provisioningSteps"], 1):
        yield (row["changeId"], number, *(step[name] for name in STEP_COLUMNS[2:]))


def property_lines(row: dict[str, Any]) -> Iterable[Sequence[object]]:
    for each in row["modifiedProperties"]:
        yield (row["changeId"], *(each[name] for name in PROPERTY_COLUMNS[1:]))


Lines = Callable[[dict[str, Any]], Iterable[Sequence[object]]]
CSV_FILES: dict[str, tuple[Sequence[str], Lines]] = {
    "ProvisioningLogs": (LOG_COLUMNS, log_lines),
    "ProvisioningLogs_ProvisioningSteps": (STEP_COLUMNS, step_lines),
    "ProvisioningLogs_ModifiedProperties": (PROPERTY_COLUMNS, property_lines),
}


def as_csv(name: str, rows: QuerySet[Change], application: Application) -> Iterator[str]:
    columns, lines = CSV_FILES[name]
    writer = csv.writer(Echo())
    yield "\ufeff"  # a spreadsheet then reads UTF-8
    yield writer.writerow(columns)
    for change in in_order(rows):
        for line in lines(summary(change, application)):
            yield writer.writerow([defused(value) for value in line])


def in_order(rows: QuerySet[Change]) -> Iterator[Change]:
    return rows.select_related("cycle", "account").order_by("-settled_at", "-pk").iterator(chunk_size=CHUNK)
