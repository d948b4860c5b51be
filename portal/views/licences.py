"""Licences of one application as last read: bought, used, free, who waits for one, who holds one without using it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.access import get_application
from portal.seats import idle_seats
from portal.views.roles import PRODUCTS
from provisioning.models import Link

EXHAUSTED = "LicenseLimitExceeded"
SHOWN = 10


@require_safe
def licences(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    waiting = Link.objects.filter(job=application.job, failure_code=EXHAUSTED).select_related("subject")
    rows = [
        {
            "name": each.get("name") or ", ".join(PRODUCTS.get(code, code) for code in each["products"]),
            "products": [PRODUCTS.get(code, code) for code in each["products"]],
            "seats": each["seats"],
            "used": each["used"],
            "free": max(0, each["seats"] - each["used"]),
            "enabled": each.get("enabled", True),
            "share": min(1000, round(1000 * each["used"] / each["seats"])) if each["seats"] else 1000,
        }
        for each in application.licences
    ]
    pending, declined = idle_seats(application)
    context = {
        "application": application,
        "rows": rows,
        "pending": pending,
        "declined": declined,
        "waiting": waiting.count(),
        "waiting_people": waiting.order_by("failed_at")[:SHOWN],
    }
    return render(request, "licences/index.html", context)
