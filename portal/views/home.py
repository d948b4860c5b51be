"""The first page: what there is to do, what runs, what is wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from portal.listing import ApplicationFilter, application_rows
from portal.signs_of_life import missing_workers
from provisioning.models import Tenant


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    tenants = list(Tenant.objects.all())
    context = {
        "tenants": tenants,
        "rows": application_rows(ApplicationFilter()),
        "missing": missing_workers(now()),
    }
    return render(request, "home.html", context)
