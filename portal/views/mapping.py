"""Attribute mappings of one application: the object mapping, one attribute mapping, restoring the defaults."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from portal import schemas
from portal.access import get_application
from portal.expressions import samples
from portal.forms.applications import add_problems
from portal.forms.mapping import AttributeForm
from portal.views.impact import is_edited, opened_with, propose, typed
from provisioning.actions import mappings
from provisioning.actions.errors import ActionRefused
from provisioning.errors import ConfigurationError
from provisioning.mapping import compile_mapping
from provisioning.models import Application
from provisioning.wording import in_words


@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, application_id: int) -> HttpResponse:
    """Enabled, target object actions, the filters and the table of attribute mappings."""
    application = get_application(request, application_id)
    context = {**_context(application), "version": opened_with(request, application.job)}
    if request.method == "POST":
        switches = {"enabled": "enabled" in request.POST, **{name: name in request.POST for name in mappings.ACTIONS}}
        context |= {"enabled": switches["enabled"], "actions": switches, "edited": True}
        if not is_edited(request):
            try:
                changed = schemas.with_flags(application.job.schema, **switches)
                return propose(request, application, changed, "mapping", fields=typed(request))
            except ActionRefused as refused:
                context |= {"problem": str(refused), "version": application.job.schema_version}
    return render(request, "mapping/index.html", context, status=422 if context["problem"] else 200)


@require_http_methods(["GET", "POST"])
def attribute(request: HttpRequest, application_id: int) -> HttpResponse:
    """One attribute mapping: beside the list where a script asks. Without ?target= a new one.

    What somebody else deleted while it was edited here is refused like any older version; nothing typed is lost.
    """
    application = get_application(request, application_id)
    schema = application.job.schema
    target = request.GET.get("target")
    current = compile_mapping(schema).by_target.get(target) if target else None
    if target and current is None and request.method == "GET":
        raise Http404
    form = AttributeForm(request.POST or None, schema=schema, mapping=current, samples=samples(application.job))
    opened = opened_with(request, application.job)
    if request.method == "POST" and not is_edited(request) and form.is_valid():
        changed = schemas.with_attribute(schema, target, form.attribute())
        name = form.cleaned_data["target"]
        try:
            return propose(request, application, changed, "attribute", name=name, fields=typed(request))
        except ActionRefused as refused:
            add_problems(form, refused.problems)
            opened = application.job.schema_version
    part = request.headers.get("HX-Request") == "true"
    context = {**_context(application), "version": opened, "form": form, "current": current}
    return render(
        request,
        "mapping/_attribute.html" if part else "mapping/attribute.html",
        context,
        status=422 if form.errors else 200,
    )


@require_POST
def attribute_delete(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    target = request.POST.get("target", "")
    changed = schemas.without_attribute(application.job.schema, target)
    return _propose_from_list(request, application, changed, "attribute-delete", name=target)


@require_POST
def precedence(request: HttpRequest, application_id: int) -> HttpResponse:
    """The matching attribute `target` is tried before the one that was before it."""
    application = get_application(request, application_id)
    changed = schemas.tried_earlier(application.job.schema, request.POST.get("target", ""))
    return _propose_from_list(request, application, changed, "precedence")


@require_POST
def restore_defaults(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    return _propose_from_list(request, application, mappings.defaults(application.job), "defaults")


def _propose_from_list(
    request: HttpRequest, application: Application, changed: schemas.Schema, saving: str, *, name: str = ""
) -> HttpResponse:
    try:
        return propose(request, application, changed, saving, name=name)
    except ActionRefused as refused:
        context = {**_context(application), "version": application.job.schema_version, "problem": str(refused)}
        return render(request, "mapping/index.html", context, status=422)


def _context(application: Application) -> dict[str, Any]:
    schema, problem = application.job.schema, ""
    try:
        compiled = compile_mapping(schema)
    except ConfigurationError as error:
        compiled, problem = None, in_words(error.message)
    return {
        "application": application,
        "job": application.job,
        "mapping": compiled,
        "enabled": compiled is None or compiled.enabled,
        "actions": schemas.actions_of(schema),
        "filters": schemas.filter_groups(schema),
        "problem": problem,
    }
