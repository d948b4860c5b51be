"""The gallery, and adding an application from it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.forms.applications import EXISTING, HERE, NEW, AddApplicationForm, add_problems
from portal.views.questions import asked, question_context
from provisioning import gallery as templates
from provisioning.actions import applications, questions
from provisioning.actions.applications import ServicePrincipal
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Question, Tenant


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    category = request.GET.get("category", "")
    every = [
        {"id": each["id"], "description": each["description"], **each["rollcall"]} for each in templates.templates()
    ]
    shown = [
        each
        for each in every
        if text.lower() in f"{each['displayName']} {each['publisher']}".lower()
        and (not category or category in each["categories"])
    ]
    context = {
        "text": text,
        "category": category,
        "categories": sorted({name for each in every for name in each["categories"]}),
        "templates": shown,
        "tenants": Tenant.objects.exists(),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "gallery/_cards.html" if part else "gallery/index.html", context)


@require_http_methods(["GET", "POST"])
def application_add(request: HttpRequest, template_id: str) -> HttpResponse:
    """Name it, and say where its roles and assignments are; an existing one is chosen from the tenant's list."""
    try:
        template = templates.template(template_id)["rollcall"]
    except KeyError:
        raise Http404 from None
    if not Tenant.objects.exists():
        messages.info(request, _("Connect a tenant first."))
        return redirect("tenant-connect")
    initial = {
        "display_name": request.GET.get("name") or _free_name(template["displayName"]),
        "tenant": request.GET.get("tenant") or Tenant.objects.values_list("pk", flat=True).first(),
        "where": EXISTING,
    }
    form = AddApplicationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _act(request, template_id, form.cleaned_data)
        except ActionRefused as refused:
            add_problems(form, refused.problems, service_principal="where")
    context = {"form": form, "template": template, "template_id": template_id, **question_context(asked(request))}
    return render(request, "gallery/add.html", context, status=422 if form.errors else 200)


def _act(request: HttpRequest, template_id: str, given: dict[str, Any]) -> HttpResponse:
    """One step further: search the tenant, make a new application there, or add the chosen one here."""
    tenant, name, where = given["tenant"], given["display_name"], given["where"]
    chosen = request.POST.get("service_principal", "")
    if where == HERE:
        added = applications.add(tenant, template_id, display_name=name, by=request.user)
    elif where == NEW:
        question = questions.instantiate(tenant, template_id, name, by=request.user)
        return _ask_on(template_id, question, given)
    elif not chosen or "search" in request.POST:
        question = questions.find_service_principals(tenant, request.POST.get("text") or name, by=request.user)
        return _ask_on(template_id, question, given)
    else:
        told = _told_of(request, tenant, chosen)
        added = applications.add(tenant, template_id, display_name=name, by=request.user, service_principal=told)
    messages.success(request, _("%(name)s was added.") % {"name": added.display_name})
    return redirect("overview", added.pk)


def _ask_on(template_id: str, question: Question, given: dict[str, Any]) -> HttpResponse:
    query = f"question={question.question_id}&tenant={given['tenant'].pk}"
    return redirect(f"{reverse('application-add', args=(template_id,))}?{query}")


def _told_of(request: HttpRequest, tenant: Tenant, chosen: str) -> ServicePrincipal:
    """What the worker told of the chosen one: nothing of it comes from the form. Raises ActionRefused."""
    answered = Question.objects.filter(
        tenant=tenant, kind__in=[Question.Kind.SERVICE_PRINCIPALS, Question.Kind.INSTANTIATE], answer__isnull=False
    )
    for question in answered.order_by("-pk")[:20]:
        answers = question.answer if isinstance(question.answer, list) else [question.answer]
        for each in answers:
            if each["id"] == chosen:
                return ServicePrincipal.of(each)
    raise ActionRefused([("where", _("Search the tenant's enterprise applications again."))])


def _free_name(wanted: str) -> str:
    """The template's name, or with a number where it is taken."""
    taken = set(Application.objects.filter(display_name__startswith=wanted).values_list("display_name", flat=True))
    return next(
        name for number in range(1, 1000) if (name := wanted if number == 1 else f"{wanted} {number}") not in taken
    )
