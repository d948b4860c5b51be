"""Whether everything is alive: for people a page, for machines two addresses."""

import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.signs_of_life import signs
from provisioning.models import Tenant

LOW_DISK = 0.1
"""Warn when less than this share of the disk is free."""


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    disk = shutil.disk_usage(settings.DATA_DIR)
    context = {
        "signs": signs(now()),
        "tenants": Tenant.objects.exclude(trouble_code=""),
        "free": disk.free,
        "total": disk.total,
        "low_disk": disk.free < LOW_DISK * disk.total,
        "engine": connection.vendor,
        "now": now(),
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
    return JsonResponse({"ready": True})
