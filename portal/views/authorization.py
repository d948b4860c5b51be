"""Authorize: the administrator signs in at the application itself, and comes back with a code."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.access import get_application
from portal.preferences import installation
from provisioning.actions import credentials
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application

WAITING = "authorization"


def _redirect_uri(request: HttpRequest) -> str:
    """One address for all applications: it has to be registered with the client."""
    return f"{installation(request).public_url}{reverse('authorized')}"


@require_safe
def authorize(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    try:
        address, state, verifier = credentials.authorize_address(application, redirect_uri=_redirect_uri(request))
    except ActionRefused as refused:
        messages.error(request, str(refused))
        return redirect("provisioning", application.pk)
    request.session[WAITING] = {"application": application.pk, "state": state, "verifier": verifier}
    return HttpResponseRedirect(address)


@require_safe
def authorized(request: HttpRequest) -> HttpResponse:
    """The state proves that it was this browser that was sent away; a worker redeems the code."""
    waiting = request.session.pop(WAITING, None)
    if not waiting or not constant_time_compare(request.GET.get("state", ""), waiting["state"]):
        messages.error(request, _("This authorization was not asked for from here. Start it again."))
        return redirect("applications")
    application = get_object_or_404(Application, pk=waiting["application"])
    address = reverse("provisioning", args=(application.pk,))
    code = request.GET.get("code", "")
    if not code:
        told = request.GET.get("error_description") or request.GET.get("error") or _("no reason was given")
        messages.error(request, _("The application did not authorize Rollcall: %(reason)s.") % {"reason": told[:300]})
        return redirect(f"{address}?edit=1")
    question = credentials.authorize(
        application, code=code, redirect_uri=_redirect_uri(request), verifier=waiting["verifier"], by=request.user
    )
    return redirect(f"{address}?{urlencode({'edit': 1, 'question': question.question_id})}")
