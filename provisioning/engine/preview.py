"""What would happen: everybody decided on freshly read mirrors. Nothing is planned, nothing is written outside.

The directory and the accounts are read first, unless that was done a moment ago or a running cycle is doing it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from provisioning.connectors.base import Unpaced
from provisioning.engine import connections, reading_directory, reading_target
from provisioning.engine.accounts import account_context
from provisioning.engine.guards import weigh_removals
from provisioning.engine.holding import Holding
from provisioning.engine.planning import Planner
from provisioning.engine.planning.dirty import dirty
from provisioning.engine.planning.planner import Decided
from provisioning.engine.planning.rules import rules_for
from provisioning.engine.processing import Create, Delete, Disable, Enable, Skip, Update
from provisioning.errors import ConfigurationError
from provisioning.models import Cycle, Job, Tenant
from provisioning.sentences import Sentence

FRESH = timedelta(minutes=2)
"""Read within this time, the mirrors are believed as they are."""
BATCH = 1000
NAMED = 100
"""People that are named of each kind; the others are only counted."""

UNCHANGED = "RedundantExport"
LICENCES, SUPPRESS = "licenseKeys", "suppressEmail"


@dataclass
class Preview:
    """`counts` and `people` by kind: create, takeover, update, enable, disable, delete, skip, fail, unchanged."""

    counts: Counter[str] = field(default_factory=Counter)
    people: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Of each kind but unchanged the first: [{"id": primary key of the person, "name", "reason": code or ""}]."""
    needed: Counter[str] = field(default_factory=Counter)
    """Licence key → seats that new and enabled accounts take."""
    mailed: int = 0
    """Whom the application itself would write to."""

    def add(self, decided: Decided) -> None:
        kind, reason = kind_of(decided)
        self.counts[kind] += 1
        named = self.people.setdefault(kind, [])
        if kind != "unchanged" and len(named) < NAMED:
            named.append({"id": decided.subject.pk, "name": decided.subject.identity, "reason": reason})
        action = decided.decision.action if decided.decision else None
        if isinstance(action, Create):
            self.needed.update(_keys(action.attributes.get(LICENCES) or dict(action.shared).get(LICENCES)))
            self.mailed += str(action.attributes.get(SUPPRESS) or "").lower() != "true"
        elif isinstance(action, Enable):
            self.needed.update(key for each in action.differences if each.name == LICENCES for key in _keys(each.new))


def kind_of(decided: Decided) -> tuple[str, str]:
    """(kind, code of the reason)."""
    if decided.error is not None or decided.decision is None:
        return "fail", decided.error.code if decided.error else ""
    action, reason = decided.decision.action, decided.decision.scoping.reason
    for kind, name in ((Create, "create"), (Delete, "delete"), (Disable, "disable")):
        if isinstance(action, kind):
            return name, reason
    if getattr(action, "account", None) is not None and decided.subject.person.linked is None:
        return "takeover", ""
    if isinstance(action, Skip):
        return ("unchanged", "") if action.reason == UNCHANGED else ("skip", action.reason)
    return (
        ("enable", "") if isinstance(action, Enable) else ("update", "") if isinstance(action, Update) else ("skip", "")
    )


def preview(job: Job, clock: Callable[[], datetime]) -> dict[str, Any]:
    """The preview as plain values: `Preview`, with "seats", "held" and "read_at".

    Raises ConfigurationError or TransientError when one of the two sides cannot be read.
    """
    read_both_sides(job, clock)
    job.refresh_from_db()
    # Everybody whom the job concerns, as in an initial cycle; the row itself keeps its watermark.
    job.watermark = 0
    target = connections.pure_target(job.application)
    cycle = Cycle(job=job, began_at=clock(), requested_at=clock())
    planner = Planner(job, cycle, target, rules_for(job, target, clock()), None, clock)
    everybody = dirty(job, job.application.tenant.reading_number, clock())
    found = Preview()
    for batch in batches(everybody):
        for decided in planner.decide(batch):
            found.add(decided)
    return told(job, found)


def read_directory(tenant: Tenant, clock: Callable[[], datetime]) -> None:
    """Raises ConfigurationError with the tenant's trouble when it cannot be read."""
    reading_directory.read_tenant(tenant, connections.open_source, since=clock() - FRESH, now=clock())
    tenant = Tenant.objects.get(pk=tenant.pk)
    if tenant.trouble_code:
        raise ConfigurationError(Sentence.of(tenant.trouble), code=tenant.trouble_code)


def read_both_sides(job: Job, clock: Callable[[], datetime]) -> None:
    read_directory(job.application.tenant, clock)
    token = job.claim(settings.LEASE)
    if token is None:
        # A cycle has the job, and reads the accounts itself.
        return
    with Holding(job, token, settings.LEASE) as holding:
        target = connections.open_target(job.application, Unpaced())
        account_context(job, target, clock(), fresh_since=clock() - FRESH)
        if job.accounts_listed_at is None or job.accounts_listed_at < clock() - FRESH:
            reading_target.list_accounts(job, target, holding, clock())


def told(job: Job, found: Preview) -> dict[str, Any]:
    seats = [
        {
            "name": row.get("name") or ", ".join(row["products"]),
            "needed": found.needed[row["key"]],
            "free": max(0, row["seats"] - row["used"]),
        }
        for row in job.application.licences
        if found.needed[row["key"]]
    ]
    removals = found.counts["disable"] + found.counts["delete"]
    verdict = weigh_removals(removals, 0, threshold=job.deletion_threshold, allowed=False)
    values = asdict(found)
    values.pop("needed")
    values["counts"] = dict(found.counts)
    return {**values, "seats": seats, "held": verdict.stage_removals, "schema_version": job.schema_version}


def batches(pks: Sequence[int]) -> list[Sequence[int]]:
    return [pks[start : start + BATCH] for start in range(0, len(pks), BATCH)]


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else []
