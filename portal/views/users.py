"""Users and groups of one application: the list, adding, changing the role, removing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import get_application
from portal.assigned import assigned_page, offered_roles
from portal.confirmation import TYPED_ABOVE, Confirmation, ask, is_typed
from portal.directory import KINDS, find, present
from portal.navigation import Command
from portal.principals import chosen_principals
from portal.views.questions import asked, question_context
from provisioning.actions import assignments, questions
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Assignment, DirectoryObject, Question

SHOWN = 20
NAMES_SHOWN = 2


@require_safe
def users(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    number = request.GET.get("page", "")
    page = assigned_page(application, text, int(number) if number.isdecimal() and len(number) < 7 else 1)
    context = {
        "application": application,
        "page": page,
        "text": text,
        "commands": [
            Command(gettext_lazy("Add user/group"), "person_add", reverse("user-add", args=(application.pk,))),
            Command(
                gettext_lazy("Refresh"), "arrow_clockwise", reverse("users", args=(application.pk,)), changes=False
            ),
        ],
        **question_context(asked(request)),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "users/_list.html" if part else "users/index.html", context)


@require_http_methods(["GET", "POST"])
def user_add(request: HttpRequest, application_id: int) -> HttpResponse:
    """Choose several people and groups and one role. Without scripts the search is a button of the same form."""
    application = get_application(request, application_id)
    chosen = chosen_principals(application.tenant, request.POST.getlist("principal"))
    problem = ""
    if request.method == "POST" and not {"find", "find_now", "question"} & set(request.POST):
        if not chosen:
            problem = _("Choose at least one person or group.")
        else:
            try:
                question = assignments.assign(application, chosen, request.POST.get("role", ""), by=request.user)
            except ActionRefused as refused:
                problem = str(refused)
            else:
                count = len(chosen)
                told = ngettext("%(count)d assignment was added.", "%(count)d assignments were added.", count)
                return _back(request, application, question, told % {"count": count})
    text = request.POST.get("text", "").strip()
    question = (
        questions.search(application.tenant, text, by=request.user) if "find_now" in request.POST else asked(request)
    )
    context = {
        "application": application,
        "roles": offered_roles(application),
        "role": request.POST.get("role", ""),
        "chosen": chosen,
        "text": text,
        "found": find(text, tenant=application.tenant, limit=SHOWN) if "find" in request.POST else [],
        "problem": problem,
        **question_context(question),
    }
    return render(request, "users/add.html", context, status=422 if problem else 200)


@require_safe
def principals(request: HttpRequest, application_id: int) -> HttpResponse:
    """The options of the picker, from the mirror."""
    application = get_application(request, application_id)
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    kinds = [kind for kind in request.GET.getlist("kind") if kind in DirectoryObject.Kind.values]
    context = {
        "found": find(text, tenant=application.tenant, kinds=kinds, limit=SHOWN),
        "total": present(application.tenant, kinds or KINDS).count(),
        "text": text,
        "single": "single" in request.GET,
    }
    return render(request, "users/_options.html", context)


@require_http_methods(["GET", "POST"])
def user_role(request: HttpRequest, application_id: int) -> HttpResponse:
    """Another role for one or several rows."""
    application = get_application(request, application_id)
    rows = _rows(request, application)
    if not rows:
        return redirect("users", application.pk)
    problem = ""
    if request.method == "POST":
        try:
            question = assignments.change_role(rows, request.POST.get("role", ""), by=request.user)
        except ActionRefused as refused:
            problem = str(refused)
        else:
            return _back(request, application, question, _("The role was changed."))
    context = {"application": application, "rows": rows, "roles": offered_roles(application), "problem": problem}
    template = "users/_role.html" if request.headers.get("HX-Request") == "true" else "users/role.html"
    return render(request, template, context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def user_remove(request: HttpRequest, application_id: int) -> HttpResponse:
    """Whoever has no other assignment loses the account at the next cycle: the question says so first."""
    application = get_application(request, application_id)
    rows = _rows(request, application)
    if not rows:
        return redirect("users", application.pk)
    count, names = len(rows), [row.principal_name or row.principal_id for row in rows]
    confirm = Confirmation(
        title=ngettext("Remove %(count)d assignment?", "Remove %(count)d assignments?", count) % {"count": count},
        verb=ngettext("Remove %(count)d assignment", "Remove %(count)d assignments", count) % {"count": count},
        action=reverse("user-remove", args=(application.pk,)),
        back=reverse("users", args=(application.pk,)),
        paragraphs=[
            _("Whoever is not assigned in another way is disabled in %(name)s at the next cycle. What they made stays.")
            % {"name": application.display_name}
        ],
        names=names[:NAMES_SHOWN],
        more=max(0, count - NAMES_SHOWN),
        typed=str(count) if count > TYPED_ABOVE else "",
        dangerous=True,
        hidden=[("assignment", str(row.pk)) for row in rows],
    )
    if request.method == "GET":
        return ask(request, confirm, application=application)
    if not is_typed(request, confirm):
        problem = _("Type %(typed)s to confirm.") % {"typed": confirm.typed}
        return ask(request, confirm, application=application, problem=problem, status=422)
    question = assignments.remove(rows, by=request.user)
    told = ngettext("%(count)d assignment was removed.", "%(count)d assignments were removed.", count)
    return _back(request, application, question, told % {"count": count})


def _rows(request: HttpRequest, application: Application) -> list[Assignment]:
    given = request.GET.getlist("assignment") + request.POST.getlist("assignment")
    wanted = [int(pk) for pk in given if pk.isdecimal() and len(pk) < 19]
    return list(
        Assignment.objects.filter(application=application, removed=False, pk__in=wanted).order_by("principal_name")
    )


def _back(request: HttpRequest, application: Application, question: Question | None, done: str) -> HttpResponse:
    """To the list: at once where it is kept here, with the tenant's answer filling in where it is asked there."""
    address = reverse("users", args=(application.pk,))
    if question is not None:
        return redirect(f"{address}?question={question.question_id}")
    messages.success(request, done)
    return redirect(address)
