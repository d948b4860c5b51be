"""Provisioning logs of one application: the list, one row in the side panel, what came since."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.access import get_application
from portal.export import CSV_FILES
from portal.log_pages import log_page, newer_count
from portal.logs import COLUMNS, RANGES, STATUSES, LogFilter
from portal.navigation import Command
from portal.rows import LogRow
from portal.states import ACTIONS
from provisioning.models import Application, Change, Cycle, DirectoryObject, Link

POLL_RUNNING, POLL_IDLE = 5000, 30000


@require_safe
def logs(request: HttpRequest, application_id: int) -> HttpResponse:
    """The list; htmx asks for the rows alone."""
    application = get_application(request, application_id)
    context = list_context(request, application)
    return render(request, "logs/_list.html" if is_part(request, "list") else "logs/index.html", context)


@require_safe
def log(request: HttpRequest, application_id: int, change_id: uuid.UUID) -> HttpResponse:
    """One row: beside the list where a script asks, with the list as a page of its own where none does."""
    application = get_application(request, application_id)
    changes = Change.objects.select_related("cycle", "subject", "account")
    change = get_object_or_404(changes, change_id=change_id, job=application.job)
    link = Link.objects.filter(job=application.job, subject=change.subject).first() if change.subject else None
    context = {
        "application": application,
        "row": LogRow(change),
        "link": link,
        "back": back_to_list(request, application),
    }
    if is_part(request, "panel"):
        return render(request, "logs/_panel.html", context)
    return render(request, "logs/index.html", {**list_context(request, application), **context, "selected": change.pk})


@require_safe
def newer(request: HttpRequest, application_id: int) -> HttpResponse:
    """How many rows came since the list was opened: they are told, never pushed above what is being read."""
    application = get_application(request, application_id)
    wanted = LogFilter(request.GET)
    context = {
        "application": application,
        "count": newer_count(application.job, wanted),
        "newest": request.GET.get("after", ""),
        "poll": poll(application),
        "query": plain_query(request),
    }
    return render(request, "logs/_newer.html", context)


def list_context(request: HttpRequest, application: Application) -> dict[str, Any]:
    wanted = LogFilter(request.GET)
    page = log_page(application.job, wanted)
    return {
        "application": application,
        "filter": wanted,
        "page": page,
        "rows": [LogRow(change) for change in page.changes],
        "person": DirectoryObject.objects.filter(pk=wanted.person).first() if wanted.person else None,
        "columns": [(name, label, name in wanted.columns) for name, label in COLUMNS.items()],
        "statuses": [(name, label) for name, (_statuses, label) in STATUSES.items()],
        "actions": list(ACTIONS.items()),
        "ranges": [(name, label) for name, (_length, label) in RANGES.items()],
        "poll": poll(application),
        "count": 0,
        "newest": page.newest,
        "query": plain_query(request),
        "commands": commands(request, application),
    }


def commands(request: HttpRequest, application: Application) -> list[Command]:
    refreshed = f"{reverse('logs', args=(application.pk,))}?{plain_query(request)}"
    files = [("JSON", "ProvisioningLogs.json"), *((name, f"{name}.csv") for name in CSV_FILES)]
    downloads = tuple(
        Command(label, "arrow_download", download_address(request, application, file), changes=False)
        for label, file in files
    )
    return [
        Command(_("Refresh"), "arrow_clockwise", refreshed, changes=False),
        Command(_("Download"), "arrow_download", "", changes=False, menu=downloads),
    ]


def download_address(request: HttpRequest, application: Application, file: str) -> str:
    query = request.GET.copy()
    for name in ("after", "before", "column"):
        query.pop(name, None)
    return f"{reverse('log-download', args=(application.pk, file))}?{query.urlencode()}"


def is_part(request: HttpRequest, name: str) -> bool:
    """Whether htmx asks for this part of the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target", "").endswith(f"#{name}")


def poll(application: Application) -> int:
    return POLL_RUNNING if Cycle.objects.filter(job=application.job, ended_at=None).exists() else POLL_IDLE


def plain_query(request: HttpRequest) -> str:
    """The filter without the place in the list."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    return query.urlencode()


def back_to_list(request: HttpRequest, application: Application) -> str:
    return f"{reverse('logs', args=(application.pk,))}?{request.GET.urlencode()}"
