"""The audit log: who changed what, old to new. Pages go by key, newest first."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from provisioning.actions.activities import Activity
from provisioning.models import Application, AuditEntry
from provisioning.wording import in_words

PAGE = 25


@dataclass(frozen=True)
class AuditFilter:
    query: Any

    @cached_property
    def text(self) -> str:
        return str(self.query.get("q", "")).replace("\0", "").strip()[:200]

    @cached_property
    def activity(self) -> str:
        return str(self.query.get("activity", ""))[:200]

    @cached_property
    def before(self) -> int | None:
        text = str(self.query.get("before", ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    @property
    def active(self) -> bool:
        return bool(self.text or self.activity)


@dataclass(frozen=True)
class AuditPage:
    entries: list[AuditEntry]
    older: int | None


def audit_page(wanted: AuditFilter, application: Application | None = None, size: int = PAGE) -> AuditPage:
    entries = AuditEntry.objects.select_related("application").order_by("-pk")
    entries = entries.filter(application=application) if application else entries
    entries = entries.filter(activity=wanted.activity) if wanted.activity else entries
    entries = entries.filter(pk__lt=wanted.before) if wanted.before else entries
    if wanted.text:
        words = Q(target__icontains=wanted.text) | Q(by_name__icontains=wanted.text)
        entries = entries.filter(words | Q(activity__icontains=wanted.text))
    found = list(entries[: size + 1])
    return AuditPage(found[:size], found[size - 1].pk if len(found) > size else None)


def changes_of(entry: AuditEntry) -> list[dict[str, Any]]:
    """[{"name", "old", "new"}]; what the service said, in the reader's language."""
    return [
        {name: in_words(each) if isinstance(each, dict) else each for name, each in row.items()}
        for row in entry.changes
    ]


def label_of(activity: str) -> str:
    """In the reader's language, where it is one of ours."""
    return str(Activity(activity).label) if activity in Activity.values else activity
