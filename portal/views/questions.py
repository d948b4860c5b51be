"""What somebody waits for: a worker asks outside and writes the answer on the question's row; the page polls it."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from portal.access import is_administrator
from portal.impacts import Proposal
from portal.on_demand import OnDemandRow
from portal.previews import told
from portal.signs_of_life import missing_workers
from provisioning import gallery
from provisioning.models import Change, Heartbeat, Question

POLL = 500

LONG = (Question.Kind.PREVIEW, Question.Kind.IMPACT)
"""Those that everybody is decided for: workers of the cycles answer them."""

PARTS = {
    Question.Kind.SEARCH: "questions/_search.html",
    Question.Kind.SERVICE_PRINCIPALS: "questions/_service_principals.html",
    Question.Kind.INSTANTIATE: "questions/_instantiated.html",
    Question.Kind.ASSIGN: "questions/_assigned.html",
    Question.Kind.AUTHORIZE: "questions/_authorized.html",
    Question.Kind.ON_DEMAND: "questions/_on_demand.html",
    Question.Kind.PREVIEW: "questions/_preview.html",
    Question.Kind.IMPACT: "questions/_impact.html",
    Question.Kind.TEST_MAIL: "questions/_test_mail.html",
}


def question_context(question: Question | None) -> dict[str, object]:
    """For `{% include "questions/_question.html" %}`."""
    if question is None:
        return {"question": None}
    waiting = question.state in ("waiting", "asking")
    awaited = Heartbeat.Name.CYCLES if question.kind in LONG else Heartbeat.Name.INTERACTIVE
    missing = next((sign.remedy for sign in missing_workers(now()) if sign.name == awaited), "") if waiting else ""
    return {
        "question": question,
        "waiting": waiting,
        "poll": POLL if waiting else 0,
        "nobody_answers": missing,
        "answer_part": PARTS[Question.Kind(question.kind)],
        "template_id": _template_of(question),
        "result": _row_of(question),
        "proposal": Proposal(question) if question.kind == Question.Kind.IMPACT else None,
        "told": told(question) if question.kind == Question.Kind.PREVIEW and question.state == "answered" else None,
    }


def _row_of(question: Question) -> OnDemandRow | None:
    """What came of provisioning on demand, once there is a row of it."""
    if question.kind != Question.Kind.ON_DEMAND or question.state != "answered":
        return None
    change = Change.objects.select_related("subject", "cycle", "account").filter(pk=question.answer["change"]).first()
    return OnDemandRow(change) if change else None


def _template_of(question: Question) -> str:
    """The gallery's id of what was made anew in the tenant: the question names it as Microsoft's gallery does."""
    name = question.arguments.get("template")
    return next((each["id"] for each in gallery.templates() if each["rollcall"]["displayName"] == name), "")


@require_safe
def question(request: HttpRequest, question_id: uuid.UUID) -> HttpResponse:
    """Only whoever asked, and administrators, are told."""
    questions = Question.objects.select_related("application", "tenant")
    if not is_administrator(request.user):
        questions = questions.filter(asked_by=request.user.get_username())
    return render(
        request, "questions/_question.html", question_context(get_object_or_404(questions, question_id=question_id))
    )


def asked(request: HttpRequest) -> Question | None:
    """The question that the page's address names, if any, or a form that waits without scripts."""
    try:
        wanted = uuid.UUID(request.POST.get("question") or request.GET.get("question", ""))
    except ValueError:
        return None
    return Question.objects.select_related("application", "tenant").filter(question_id=wanted).first()
