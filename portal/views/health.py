"""Whether everything is alive: for people a page, for machines two addresses."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.signs_of_life import signs
from portal.surroundings import clock_fact, data_disk, of_connection
from provisioning.models import Tenant


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    tenants, moment = list(Tenant.objects.all()), now()
    context = {
        "signs": signs(moment),
        "tenants": [tenant for tenant in tenants if tenant.trouble_code],
        "connections": [caution for tenant in tenants for caution in of_connection(tenant, moment.date())],
        "disk": data_disk(),
        "clock": clock_fact(tenants),
        "compared": any(tenant.clock_ahead is not None for tenant in tenants),
        "engine": connection.vendor,
        "now": moment,
    }
    return render(request, "health.html", context)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 until the database answers and has every migration: a load balancer waits."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "The database does not answer."}, status=503)
    if waiting:
        return JsonResponse({"ready": False, "reason": f"{len(waiting)} migrations are missing."}, status=503)
    ready = JsonResponse({"ready": True})
    if request.headers.get("HX-Request") == "true":  # a page that waits for the database loads itself again
        ready["HX-Refresh"] = "true"
    return ready
