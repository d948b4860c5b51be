"""Start, Stop, Restart and what happens to removals that were held back, each asked first; another try, at once."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import get_application
from portal.confirmation import TYPED_ABOVE, Confirmation, ask, is_typed
from provisioning.actions import jobs
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Change

NAMES_SHOWN = 2


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    name = application.display_name
    confirm = Confirmation(
        title=_("Start provisioning to %(name)s?") % {"name": name},
        verb=_("Start provisioning"),
        action=reverse("start", args=(application.pk,)),
        back=reverse("overview", args=(application.pk,)),
        paragraphs=[
            _("The first cycle begins at once, the next ones follow on schedule. The preview shows who is concerned.")
        ],
    )
    return _carry_out(
        request,
        application,
        confirm,
        lambda: jobs.start(application.job, by=request.user),
        _("Provisioning was started."),
    )


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    left = Change.objects.filter(job=application.job, status=Change.Status.PLANNED, settled_at=None).count()
    about_left = ngettext(
        "%(count)d planned change is not sent until provisioning is started again.",
        "%(count)d planned changes are not sent until provisioning is started again.",
        left,
    ) % {"count": left}
    confirm = Confirmation(
        title=_("Stop provisioning to %(name)s?") % {"name": application.display_name},
        verb=_("Stop provisioning"),
        action=reverse("stop", args=(application.pk,)),
        back=reverse("overview", args=(application.pk,)),
        paragraphs=[
            _("No request leaves later than two seconds from now. Accounts stay as they are."),
            *([about_left] if left else []),
        ],
        dangerous=True,
    )
    return _carry_out(
        request,
        application,
        confirm,
        lambda: jobs.stop(application.job, by=request.user),
        _("Provisioning was stopped."),
    )


@require_http_methods(["GET", "POST"])
def restart(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    confirm = Confirmation(
        title=_("Restart provisioning to %(name)s?") % {"name": application.display_name},
        verb=_("Restart provisioning"),
        action=reverse("restart", args=(application.pk,)),
        back=reverse("overview", args=(application.pk,)),
        paragraphs=[
            _("Everything is read, matched and decided anew in an initial cycle. That takes longer than other cycles."),
            _("Failures and a quarantine are cleared. Accounts stay joined to their people."),
        ],
    )
    return _carry_out(
        request,
        application,
        confirm,
        lambda: jobs.restart(application.job, by=request.user),
        _("Provisioning was restarted."),
    )


@require_POST
def retry(request: HttpRequest, application_id: int) -> HttpResponse:
    """Everybody who fails for one reason, in a cycle now."""
    application = get_application(request, application_id)
    try:
        count = jobs.retry_failed(application.job, request.POST.get("code", "")[:64], by=request.user)
    except ActionRefused as refused:
        messages.error(request, str(refused))
    else:
        told = ngettext("%(count)d person is tried again.", "%(count)d people are tried again.", count)
        messages.success(request, told % {"count": count})
    return redirect("overview", application.pk)


@require_http_methods(["GET", "POST"])
def removals(request: HttpRequest, application_id: int, decision: str) -> HttpResponse:
    """Let the removals that were held back go out, or drop them."""
    if decision not in ("allow", "reject"):
        raise Http404
    application = get_application(request, application_id)
    job = application.job
    staged = Change.objects.filter(job=job, status=Change.Status.STAGED, settled_at=None).order_by("identity")
    count = staged.count()
    names = list(staged.values_list("identity", flat=True)[:NAMES_SHOWN])
    allow = decision == "allow"
    values = {"count": count, "name": application.display_name}
    if allow:
        title = ngettext("Disable %(count)d person in %(name)s?", "Disable %(count)d people in %(name)s?", count)
        verb = ngettext("Disable %(count)d person", "Disable %(count)d people", count)
        told = _("They lose their licence and can no longer sign in there. What they made stays.")
        done = _("The removals are being sent.")
    else:
        title = ngettext("Keep %(count)d person in %(name)s?", "Keep %(count)d people in %(name)s?", count)
        verb = ngettext("Keep %(count)d person", "Keep %(count)d people", count)
        told = _("They keep their access until something about them changes, or provisioning is restarted.")
        done = _("The removals were dropped.")
    confirm = Confirmation(
        title=title % values,
        verb=verb % values,
        action=reverse("removals", args=(application.pk, decision)),
        back=reverse("overview", args=(application.pk,)),
        paragraphs=[told],
        names=names,
        more=max(0, count - len(names)),
        typed=str(count) if allow and count > TYPED_ABOVE else "",
        dangerous=allow,
    )
    act = jobs.allow_removals if allow else jobs.reject_removals
    return _carry_out(request, application, confirm, lambda: act(job, by=request.user), done)


def _carry_out(
    request: HttpRequest, application: Application, confirm: Confirmation, act: Callable[[], object], done: str
) -> HttpResponse:
    """Ask on GET, act on POST; a refusal is shown above the question."""
    if request.method == "GET":
        return ask(request, confirm, application=application)
    if not is_typed(request, confirm):
        return ask(
            request,
            confirm,
            application=application,
            problem=_("Type %(typed)s to confirm.") % {"typed": confirm.typed},
            status=422,
        )
    try:
        act()
    except ActionRefused as refused:
        return ask(request, confirm, application=application, problem=str(refused), status=422)
    messages.success(request, done)
    return redirect(confirm.back)
