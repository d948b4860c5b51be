"""The search of the top bar: people, groups, applications and pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.directory import find
from portal.navigation import portal_menu
from provisioning.models import Application

SHOWN = 10


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    pages = [item for group in portal_menu(request) for item in group.items if text.lower() in str(item.label).lower()]
    context = {
        "searched": text,
        "people": find(text, limit=SHOWN) if text else [],
        "applications": Application.objects.filter(display_name__icontains=text)[:SHOWN] if text else [],
        "pages": pages if text else [],
    }
    return render(request, "search.html", context)
