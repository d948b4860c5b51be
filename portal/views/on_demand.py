"""Provision on demand: one person, by the rules of a cycle, at once; the result is the same row that the log shows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import get_application
from portal.directory import find
from portal.views.questions import asked, question_context
from provisioning.actions import jobs
from provisioning.actions.errors import ActionRefused
from provisioning.models import DirectoryObject, Question

SHOWN = 20


@require_http_methods(["GET", "POST"])
def on_demand(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    problem = ""
    if request.method == "POST" and "find" not in request.POST:
        ids = request.POST.getlist("object")
        subject = DirectoryObject.objects.filter(tenant=application.tenant, kind="User", object_id__in=ids[-1:]).first()
        if subject is None:
            problem = _("Choose one person.")
        else:
            try:
                begun = jobs.provision_on_demand(application.job, subject, by=request.user)
            except ActionRefused as refused:
                problem = str(refused)
            else:
                return redirect(f"{reverse('on-demand', args=(application.pk,))}?question={begun.question_id}")
    text = request.POST.get("text", "").strip()[:200]
    question = asked(request)
    context = {
        "application": application,
        "problem": problem,
        "text": text,
        "found": find(text, tenant=application.tenant, kinds=["User"], limit=SHOWN) if "find" in request.POST else [],
        "subject": subject_of(question),
        **question_context(question),
    }
    return render(request, "on_demand/index.html", context, status=422 if problem else 200)


def subject_of(question: Question | None) -> DirectoryObject | None:
    """Of whom a question is about."""
    if question is None or question.kind != Question.Kind.ON_DEMAND:
        return None
    wanted = question.arguments.get("objectId")
    return DirectoryObject.objects.filter(tenant=question.tenant_id, object_id=wanted).first()
