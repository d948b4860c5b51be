"""The list of enterprise applications, in a fixed number of queries however many there are."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from portal.states import NOT_CONFIGURED, OFF, ON, QUARANTINE, RUNNING, STOPPED, WAITING, State, of_job
from provisioning.models import Application, Cycle, Link

STATES = {
    "on": ON,
    "running": RUNNING,
    "off": OFF,
    "stopped": STOPPED,
    "quarantine": QUARANTINE,
    "approval": WAITING,
    "not-configured": NOT_CONFIGURED,
}


@dataclass(frozen=True)
class ApplicationFilter:
    text: str = ""
    state: str = ""
    template: str = ""

    @classmethod
    def of(cls, query: Any) -> "ApplicationFilter":
        return cls(query.get("q", "").strip()[:200], query.get("state", ""), query.get("template", ""))

    @property
    def active(self) -> bool:
        return bool(self.text or self.state or self.template)


@dataclass(frozen=True)
class Row:
    application: Application
    state: State
    last: Cycle | None
    provisioned: int
    failing: int


def application_rows(wanted: ApplicationFilter) -> list[Row]:
    applications = Application.objects.select_related("tenant", "job")
    if wanted.text:
        applications = applications.filter(
            Q(display_name__icontains=wanted.text) | Q(template_id__icontains=wanted.text)
        )
    if wanted.template:
        applications = applications.filter(template_id=wanted.template)
    found = list(applications)
    jobs = [application.job.pk for application in found]
    running = set(Cycle.objects.filter(job__in=jobs, ended_at=None).values_list("job_id", flat=True))
    tested = set(
        Application.objects.filter(credentials__draft=False, pk__in=[each.pk for each in found]).values_list(
            "pk", flat=True
        )
    )
    links = Link.objects.filter(job__in=jobs)
    provisioned = _per_job(links.filter(account__isnull=False, disabled_at=None))
    failing = _per_job(links.filter(failure_code__gt=""))
    last = _last_cycles(jobs)
    rows = [
        Row(
            application,
            of_job(application.job, running=application.job.pk in running, configured=application.pk in tested),
            last.get(application.job.pk),
            provisioned[application.job.pk],
            failing[application.job.pk],
        )
        for application in found
    ]
    state = STATES.get(wanted.state)
    return [row for row in rows if row.state is state] if state else rows


def _per_job(links: QuerySet[Link]) -> Counter[int]:
    return Counter(dict(links.values_list("job_id").annotate(n=Count("id")).order_by()))


def _last_cycles(jobs: list[int]) -> dict[int, Cycle]:
    """The last cycle of each job that has ended."""
    newest = (
        Cycle.objects.filter(job=OuterRef("job")).exclude(ended_at=None).order_by("-began_at", "-id").values("pk")[:1]
    )
    return {cycle.job_id: cycle for cycle in Cycle.objects.filter(job__in=jobs, pk=Subquery(newest))}
