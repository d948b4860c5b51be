"""Before Save: who is touched by a mapping that is not saved yet. Every page that changes the mapping leads here."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import get_application
from portal.confirmation import is_typed
from portal.impacts import SAVINGS, Proposal
from portal.schemas import Schema
from portal.views.questions import question_context
from provisioning.actions import mappings
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Job, Question

NOT_TYPED = ("csrfmiddlewaretoken", "version", "edit")


@require_http_methods(["GET", "POST"])
def impact(request: HttpRequest, application_id: int, question_id: uuid.UUID) -> HttpResponse:
    """GET shows whom the proposed mapping touches; POST saves it, or has the directory read for it first."""
    application = get_application(request, application_id)
    questions = Question.objects.filter(kind=Question.Kind.IMPACT, application=application)
    question = get_object_or_404(questions.select_related("application__job"), question_id=question_id)
    proposal, problem = Proposal(question), ""
    if proposal.saved:
        return redirect(proposal.back)
    if request.method == "POST" and "read" in request.POST:
        again = mappings.read_and_propose(question, by=request.user)
        return redirect("impact", application.pk, again.question_id)
    if request.method == "POST" and proposal.decided:
        if not is_typed(request, proposal.confirm):
            problem = _("Type %(typed)s to confirm.") % {"typed": proposal.confirm.typed}
        else:
            try:
                mappings.save_proposed(question, by=request.user)
            except ActionRefused as refused:
                problem = str(refused)
            else:
                messages.success(request, _("Saved. Everybody is decided anew in the next cycle."))
                return redirect(proposal.back)
    context = {"application": application, "job": application.job, "problem": problem, **question_context(question)}
    return render(request, "impact/index.html", context, status=422 if problem else 200)


def propose(
    request: HttpRequest,
    application: Application,
    schema: Schema,
    saving: str,
    *,
    name: str = "",
    fields: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    """To the page that says who is touched, or straight back where nothing differs.

    Args:
        saving: a key of SAVINGS; `name` is what its title names.
        fields: what was typed, to be shown again by this address where somebody changes their mind.

    Raises ActionRefused as saving would.
    """
    question = mappings.propose(
        application.job,
        schema,
        by=request.user,
        version=opened_with(request, application.job),
        saving=saving,
        name=name,
        address=request.get_full_path(),
        fields=fields or [],
    )
    if question is None:
        messages.success(request, _("Nothing was changed."))
        return redirect(SAVINGS[saving].back, application.pk)
    return redirect("impact", application.pk, question.question_id)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form sends, to be kept until it is saved."""
    return [(name, value) for name, values in request.POST.lists() if name not in NOT_TYPED for value in values]


def is_edited(request: HttpRequest) -> bool:
    """Somebody came back from the page that says who is touched: the form is shown again as it was filled in."""
    return "edit" in request.POST


def opened_with(request: HttpRequest, job: Job) -> int:
    """The schema's version that a form was opened with: two people who edit at once do not overwrite each other."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else job.schema_version
