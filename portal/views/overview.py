"""Overview of one application: state, progress, what needs attention, the last cycles."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.access import get_application
from portal.attention import causes
from portal.cautions import cautions
from portal.chart import changes_of_a_day
from portal.navigation import Command
from portal.progress import progress_of
from portal.signs_of_life import missing_workers
from portal.states import CYCLES, KINDS, TESTS, of_job
from portal.surroundings import data_disk
from provisioning.models import Application, Change, Credential, Cycle, DirectoryObject, Link

POLL_RUNNING, POLL_IDLE = 2000, 15000
CYCLES_SHOWN = 5


@require_safe
def overview(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    context = live_context(application)
    context["chart"] = changes_of_a_day(application.job, now())
    context["commands"] = commands(application)
    return render(request, "overview/index.html", context)


@require_safe
def live(request: HttpRequest, application_id: int) -> HttpResponse:
    """The part of the overview that is asked for again and again."""
    return render(request, "overview/_live.html", live_context(get_application(request, application_id)))


@require_safe
def cycles(request: HttpRequest, application_id: int) -> HttpResponse:
    """The last hundred cycles."""
    application = get_application(request, application_id)
    ended = application.job.cycles.order_by("-began_at", "-id")[:100]
    rows = [(cycle, KINDS[cycle.kind], CYCLES[cycle.state], progress_of(cycle, now())) for cycle in ended]
    return render(request, "overview/cycles.html", {"application": application, "rows": rows})


def live_context(application: Application) -> dict[str, Any]:
    job, moment = application.job, now()
    running = job.cycles.filter(ended_at=None).first()
    recent = list(job.cycles.exclude(ended_at=None).order_by("-began_at", "-id")[:CYCLES_SHOWN])
    shown = running or (recent[0] if recent else None)
    credential = Credential.objects.filter(application=application, draft=False).first()
    links = Link.objects.filter(job=job)
    staged = Change.objects.filter(job=job, status=Change.Status.STAGED, settled_at=None)
    people = DirectoryObject.objects.filter(tenant=application.tenant_id, kind=DirectoryObject.Kind.USER)
    assigned = application.assignments.filter(removed=False).count()
    return {
        "application": application,
        "job": job,
        "cautions": cautions(application, missing_workers(moment), assigned=assigned, disk=data_disk()),
        "running": running,
        "progress": progress_of(shown, moment) if shown else None,
        "reading": people.count() if running and running.stage == Cycle.Stage.READING else 0,
        "kind": KINDS[shown.kind] if shown else "",
        "recent": [(cycle, KINDS[cycle.kind], CYCLES[cycle.state], progress_of(cycle, moment)) for cycle in recent],
        "state": of_job(job, running=running is not None, configured=credential is not None),
        "credential": credential,
        "connection": TESTS[Credential.Test(credential.test)] if credential else None,
        "provisioned": links.filter(account__isnull=False, disabled_at=None).count(),
        "assigned": assigned,
        "causes": causes(job),
        "staged": staged.count(),
        "staged_names": list(staged.values_list("identity", flat=True)[:2]),
        "poll": POLL_RUNNING if running or job.run_requested_at else POLL_IDLE,
    }


def commands(application: Application) -> list[Command]:
    job = application.job
    on = job.enabled and not job.halted

    def address(name: str) -> str:
        return reverse(name, args=(application.pk,))

    return [
        Command(_("Start provisioning"), "play", address("start"), dialog=True, disabled=on, title=_("It is on.")),
        Command(_("Stop provisioning"), "stop", address("stop"), dialog=True, disabled=not on, title=_("It is off.")),
        Command(_("Restart provisioning"), "arrow_counterclockwise", address("restart"), dialog=True),
        Command(_("Edit provisioning"), "edit", address("provisioning")),
        Command(_("Preview"), "eye", address("preview"), changes=False),
        Command(_("Provision on demand"), "flash", address("on-demand")),
        Command(_("Refresh"), "arrow_clockwise", address("overview"), changes=False),
    ]
