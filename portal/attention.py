"""What needs an administrator: the failing people of a job by cause, and everything that stands in the way of all."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from provisioning.engine.causes import ERRORS, cause
from provisioning.models import DirectoryObject, Job, Link
from provisioning.wording import in_words


@dataclass(frozen=True)
class Cause:
    code: str
    people: int
    since: datetime | None
    retry_at: datetime | None
    example: str
    """The sentence of one of them, for a code that has no words of its own."""
    only: str
    """Object id of the one person whom it is about; "" where there are several."""

    @property
    def words(self) -> str:
        return str(cause(self.code).words) if self.code in ERRORS else in_words(self.example)


def causes(job: Job) -> list[Cause]:
    """Failures live on the links, so this holds whatever was pruned from the log. The largest group first."""
    failing = Link.objects.filter(job=job, failure_code__gt="")
    grouped = failing.values("failure_code").annotate(
        people=Count("id"),
        since=Min("failed_at"),
        retry=Min("retry_at"),
        example=Max("failure"),
        one=Min("subject"),
    )
    rows = list(grouped.order_by("-people", "failure_code"))
    alone = DirectoryObject.objects.in_bulk([row["one"] for row in rows if row["people"] == 1])
    return [
        Cause(
            row["failure_code"],
            row["people"],
            row["since"],
            row["retry"],
            row["example"],
            alone[row["one"]].object_id if row["people"] == 1 else "",
        )
        for row in rows
    ]
