"""The first page: what there is to do, what runs, what is wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from portal.listing import ApplicationFilter, application_rows
from portal.signs_of_life import missing_workers
from portal.surroundings import data_disk, of_connection, of_machine
from provisioning.models import Tenant


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    tenants, moment = list(Tenant.objects.all()), now()
    cautions = of_machine(missing_workers(moment), data_disk(), tenants)
    cautions += [caution for tenant in tenants for caution in of_connection(tenant, moment.date())]
    context = {
        "tenants": tenants,
        "rows": application_rows(ApplicationFilter()),
        "cautions": cautions,
    }
    return render(request, "home.html", context)
