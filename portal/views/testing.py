"""Test Connection: the checks filling in one by one, from the credential's row."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from portal.signs_of_life import missing_workers
from portal.states import CHECKS, TESTS
from provisioning.actions import jobs
from provisioning.models import Credential, Heartbeat

POLL = 500
UNFINISHED = (Credential.Test.WAITING, Credential.Test.RUNNING)


def testing_context(credential: Credential | None) -> dict[str, Any]:
    """For `{% include "shared/_checks.html" %}`."""
    if credential is None:
        return {"credential": None}
    waiting = credential.test in UNFINISHED
    alone = credential.test == Credential.Test.WAITING and any(
        sign.name == Heartbeat.Name.INTERACTIVE for sign in missing_workers(now())
    )
    return {
        "credential": credential,
        "connection": TESTS[Credential.Test(credential.test)],
        "checks": [(check, CHECKS.get(check["status"], CHECKS["warning"])) for check in credential.checks],
        "testing": waiting,
        "test_poll": POLL if waiting else 0,
        "nobody_tests": alone,
    }


@require_safe
def checks(request: HttpRequest, credential_id: int) -> HttpResponse:
    credential = get_object_or_404(Credential.objects.select_related("application__job", "tenant"), pk=credential_id)
    context = testing_context(credential)
    if application := credential.application:
        job = application.job
        on = job.enabled and not job.halted
        context |= {"application": application, "unready": jobs.unready(job), "on": on}
    return render(request, "provisioning/_tested.html", context)
