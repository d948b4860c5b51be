"""The bell and what stands behind it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.events import events, mark_seen, unread_count


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    shown = events(request)
    mark_seen(request)
    return render(request, "notifications.html", {"events": shown})


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    return render(request, "shared/_bell.html", {"unread": unread_count(request)})
