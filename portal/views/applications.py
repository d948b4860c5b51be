"""Enterprise applications: the list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.listing import STATES, ApplicationFilter, application_rows
from portal.navigation import Command
from provisioning import gallery
from provisioning.models import Application


@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """All applications; htmx asks for the list alone while the search text is typed."""
    wanted = ApplicationFilter.of(request.GET)
    context = {
        "filter": wanted,
        "rows": application_rows(wanted),
        "total": Application.objects.count(),
        "states": [(name, state.label) for name, state in STATES.items()],
        "templates": [(each["id"], each["rollcall"]["displayName"]) for each in gallery.templates()],
        "commands": [
            Command(_("New application"), "add", reverse("gallery")),
            Command(_("Refresh"), "arrow_clockwise", request.get_full_path(), changes=False),
        ],
    }
    template = "applications/_list.html" if request.headers.get("HX-Request") == "true" else "applications/index.html"
    return render(request, template, context)
