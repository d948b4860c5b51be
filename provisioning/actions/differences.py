"""Old → new, as the audit log keeps it."""

from typing import Any

from django.db.models import Model

from provisioning.models import AuditEntry

Changes = list[dict[str, Any]]


def set_fields(row: Model, **wanted: Any) -> Changes:
    """Write the fields that differ, and only those. Returns them with their old and new values, empty for none."""
    changes = [
        {"name": name, "old": printed(getattr(row, name)), "new": printed(value)}
        for name, value in wanted.items()
        if getattr(row, name) != value
    ]
    if changes:
        for name in (change["name"] for change in changes):
            setattr(row, name, wanted[name])
        row.save(update_fields=[change["name"] for change in changes])
    return changes


def printed(value: Any) -> Any:
    """A value as JSON can hold it."""
    return value if value is None or isinstance(value, str | bool | int | float | list | dict) else str(value)


def secrets_changed(names: list[str]) -> Changes:
    """Of a secret only that it changed."""
    return [{"name": name, "old": None, "new": HIDDEN} for name in names]


HIDDEN = "••••••"


def record_changes(by: Any, activity: str, changes: Changes, **about: Any) -> bool:
    """An audit row, unless nothing changed. `about` as AuditEntry.record takes it."""
    if changes:
        AuditEntry.record(by, activity, changes=changes, **about)
    return bool(changes)
