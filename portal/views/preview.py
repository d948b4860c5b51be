"""Preview: who would be created, taken over, changed, disabled or fail, and which seats that takes. Nothing is sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.access import get_application
from portal.views.questions import asked, question_context
from provisioning.actions import jobs, questions
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Question


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, application_id: int) -> HttpResponse:
    """GET shows the last one; POST asks for a new one. `then=on` offers to switch provisioning on with it."""
    application = get_application(request, application_id)
    job, problem = application.job, ""
    then = "on" if request.GET.get("then") == "on" else ""
    if request.method == "POST":
        try:
            begun = questions.preview(job, by=request.user)
        except ActionRefused as refused:
            problem = str(refused)
        else:
            address = f"{reverse('preview', args=(application.pk,))}?question={begun.question_id}"
            return redirect(f"{address}&then={then}" if then else address)
    question = asked(request) or last_preview(application)
    context = {
        "application": application,
        "job": job,
        "problem": problem,
        "then": then,
        "on": job.enabled and not job.halted,
        "unready": jobs.unready(job),
        **question_context(question),
    }
    return render(request, "preview/index.html", context, status=422 if problem else 200)


def last_preview(application: Application) -> Question | None:
    return Question.objects.filter(application=application, kind=Question.Kind.PREVIEW).order_by("-pk").first()
