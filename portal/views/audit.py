"""Audit logs, of one application and of everything."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.access import get_application
from portal.auditing import AuditFilter, audit_page, changes_of, label_of
from provisioning.actions.activities import Activity
from provisioning.models import Application


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    return render(request, "audit/index.html", _context(request))


@require_safe
def application_audit(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    return render(request, "audit/application.html", {**_context(request, application), "application": application})


def _context(request: HttpRequest, application: Application | None = None) -> dict[str, Any]:
    wanted = AuditFilter(request.GET)
    page = audit_page(wanted, application)
    return {
        "filter": wanted,
        "page": page,
        "entries": [(entry, label_of(entry.activity), changes_of(entry)) for entry in page.entries],
        "activities": Activity.choices,
    }
