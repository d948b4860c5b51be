"""Source Object Scope: the scoping filters of one application."""

from typing import Any

from django.contrib import messages
from django.forms import formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import schemas
from portal.access import get_application
from portal.confirmation import Confirmation, ask
from portal.forms.applications import add_problems
from portal.forms.mapping import CLAUSES, ClauseForm, FilterForm, initial_clauses
from portal.views.mapping import version
from provisioning.actions import mappings
from provisioning.actions.errors import ActionRefused
from provisioning.errors import MappingError
from provisioning.mapping.filters import compile_filter, parts
from provisioning.mapping.lab import count_in_scope
from provisioning.models import Application, DirectoryObject


@require_safe
def scope(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    groups = schemas.filter_groups(application.job.schema)
    context = {
        "application": application,
        "job": application.job,
        "filters": [(each, [_in_words(clause) for clause in each.get("clauses") or ()]) for each in groups],
    }
    return render(request, "scope/index.html", context)


@require_safe
def scope_count(request: HttpRequest, application_id: int) -> HttpResponse:
    """How many people pass: judged one by one, so the page does not wait for it."""
    application = get_application(request, application_id)
    counted = _counted(application, schemas.filter_groups(application.job.schema))
    return render(request, "scope/_count.html", {"application": application, "counted": counted})


@require_http_methods(["GET", "POST"])
def scope_edit(request: HttpRequest, application_id: int, number: int | None = None) -> HttpResponse:
    """One filter with its clauses; without a number a new one."""
    application = get_application(request, application_id)
    schema = application.job.schema
    groups = schemas.filter_groups(schema)
    if number is not None and number >= len(groups):
        raise Http404
    group: dict[str, Any] = groups[number] if number is not None else {}
    initial = initial_clauses(group)
    extra = max(CLAUSES - len(initial), 2)
    clauses = formset_factory(ClauseForm, extra=extra)(
        request.POST or None, initial=initial, prefix="clause", form_kwargs={"schema": schema}
    )
    form = FilterForm(
        request.POST or None,
        initial={"title": group.get("name") or _("Filter %(number)d") % {"number": len(groups) + 1}},
    )
    if request.method == "POST" and form.is_valid() and clauses.is_valid():
        given = [each.clause() for each in clauses if each.cleaned_data.get("attribute")]
        if not given:
            form.add_error(None, _("A filter needs at least one clause."))
        else:
            changed = schemas.with_filter(
                schema, number, {**group, "name": form.cleaned_data["title"], "clauses": given}
            )
            try:
                mappings.save(application.job, changed, by=request.user, version=version(request))
            except ActionRefused as refused:
                add_problems(form, refused.problems)
            else:
                messages.success(request, _("Saved. Everybody is decided anew in the next cycle."))
                return redirect("scope", application.pk)
    context = {"application": application, "job": application.job, "form": form, "clauses": clauses, "number": number}
    wrong = bool(form.errors) or (clauses.is_bound and not clauses.is_valid())
    return render(request, "scope/edit.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
def scope_delete(request: HttpRequest, application_id: int, number: int) -> HttpResponse:
    application = get_application(request, application_id)
    groups = schemas.filter_groups(application.job.schema)
    if number >= len(groups):
        raise Http404
    confirm = Confirmation(
        title=_("Delete the filter %(title)s?") % {"title": groups[number].get("name") or number + 1},
        verb=_("Delete"),
        action=reverse("scope-delete", args=(application.pk, number)),
        back=reverse("scope", args=(application.pk,)),
        paragraphs=[_("Other people are then in scope than today. Everybody is decided anew in the next cycle.")],
        dangerous=True,
        hidden=[("version", str(application.job.schema_version))],
    )
    if request.method == "GET":
        return ask(request, confirm, application=application)
    try:
        mappings.save(
            application.job,
            schemas.without_filter(application.job.schema, number),
            by=request.user,
            version=version(request),
        )
    except ActionRefused as refused:
        return ask(request, confirm, application=application, problem=str(refused), status=422)
    messages.success(request, _("The filter was deleted."))
    return redirect("scope", application.pk)


def _in_words(clause: dict[str, Any]) -> str:
    attribute, operator, value = parts(clause)
    return " ".join(part for part in (attribute, operator.name if operator else "?", value) if part)


def _counted(application: Application, groups: list[dict[str, Any]]) -> dict[str, int] | None:
    """How many people of the mirror the filters let through; None where they cannot be judged."""
    people = DirectoryObject.objects.filter(tenant=application.tenant, kind=DirectoryObject.Kind.USER, removed="")
    try:
        compiled = compile_filter(groups)
        counted = count_in_scope(compiled, people.values_list("object_id", "attributes").iterator(chunk_size=2000))
    except MappingError:
        return None
    total = counted.passed.count + counted.kept_out.count + counted.failed.count
    return {"passed": counted.passed.count, "total": total, "failed": counted.failed.count}
