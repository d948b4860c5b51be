"""Source Object Scope: the scoping filters of one application."""

from typing import Any

from django.forms import formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import schemas
from portal.access import get_application
from portal.directory import present
from portal.forms.applications import add_problems
from portal.forms.mapping import CLAUSES, ClauseForm, FilterForm, initial_clauses
from portal.schema_changes import clause_in_words
from portal.views.impact import is_edited, opened_with, propose, typed
from provisioning.actions.errors import ActionRefused
from provisioning.errors import MappingError
from provisioning.mapping.filters import compile_filter
from provisioning.mapping.lab import count_in_scope
from provisioning.models import Application, DirectoryObject

JUDGED = 10_000
"""People of a larger directory that stand for all: the page counts them while somebody looks at it."""


@require_safe
def scope(request: HttpRequest, application_id: int) -> HttpResponse:
    return render(request, "scope/index.html", _context(get_application(request, application_id)))


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
    if number is not None and number >= len(groups) and request.method == "GET":
        raise Http404
    group: dict[str, Any] = groups[number] if number is not None and number < len(groups) else {}
    initial = initial_clauses(group)
    extra = max(CLAUSES - len(initial), 2)
    clauses = formset_factory(ClauseForm, extra=extra)(
        request.POST or None, initial=initial, prefix="clause", form_kwargs={"schema": schema}
    )
    form = FilterForm(
        request.POST or None,
        initial={"title": group.get("name") or _("Filter %(number)d") % {"number": len(groups) + 1}},
    )
    opened = opened_with(request, application.job)
    if request.method == "POST" and not is_edited(request) and form.is_valid() and clauses.is_valid():
        given = [each.clause() for each in clauses if each.cleaned_data.get("attribute")]
        title = form.cleaned_data["title"]
        changed = schemas.with_filter(schema, number, {**group, "name": title, "clauses": given})
        if not given:
            form.add_error(None, _("A filter needs at least one clause."))
        else:
            try:
                return propose(request, application, changed, "filter", name=title, fields=typed(request))
            except ActionRefused as refused:
                add_problems(form, refused.problems)
                opened = application.job.schema_version
    context = {"application": application, "version": opened, "form": form, "clauses": clauses, "number": number}
    wrong = bool(form.errors) or (clauses.is_bound and not clauses.is_valid())
    return render(request, "scope/edit.html", context, status=422 if wrong else 200)


@require_POST
def scope_delete(request: HttpRequest, application_id: int, number: int) -> HttpResponse:
    application = get_application(request, application_id)
    schema = application.job.schema
    groups = schemas.filter_groups(schema)
    if number >= len(groups):
        raise Http404
    name = groups[number].get("name") or str(number + 1)
    try:
        return propose(request, application, schemas.without_filter(schema, number), "filter-delete", name=name)
    except ActionRefused as refused:
        return render(request, "scope/index.html", {**_context(application), "problem": str(refused)}, status=422)


def _context(application: Application) -> dict[str, Any]:
    groups = schemas.filter_groups(application.job.schema)
    filters = [(each, [clause_in_words(clause) for clause in each.get("clauses") or ()]) for each in groups]
    return {"application": application, "version": application.job.schema_version, "filters": filters}


def _counted(application: Application, groups: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How many people of the mirror, up to JUDGED, the filters let through; None where they cannot be judged."""
    people = present(application.tenant, [DirectoryObject.Kind.USER])
    judged = people.order_by("pk").values_list("object_id", "attributes")[:JUDGED]
    try:
        compiled = compile_filter(groups)
        counted = count_in_scope(compiled, judged.iterator(chunk_size=2000))
    except MappingError:
        return None
    total = counted.passed.count + counted.kept_out.count + counted.failed.count
    more = people.count() > total
    return {"passed": counted.passed.count, "total": total, "failed": counted.failed.count, "more": more}
