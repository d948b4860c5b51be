"""Attribute mappings of one application: the object mapping, one attribute mapping, restoring the defaults."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import schemas
from portal.access import get_application
from portal.confirmation import Confirmation, ask
from portal.forms.applications import add_problems
from portal.forms.mapping import AttributeForm
from provisioning.actions import mappings
from provisioning.actions.errors import ActionRefused
from provisioning.errors import ConfigurationError
from provisioning.mapping import AttributeMapping, compile_mapping
from provisioning.models import Application


@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, application_id: int) -> HttpResponse:
    """Enabled, target object actions, the filters and the table of attribute mappings."""
    application = get_application(request, application_id)
    problem = ""
    if request.method == "POST":
        actions = {name: name in request.POST for name in mappings.ACTIONS}
        changed = schemas.with_flags(application.job.schema, enabled="enabled" in request.POST, **actions)
        try:
            return _saved(
                request, application, mappings.save(application.job, changed, by=request.user, version=version(request))
            )
        except ActionRefused as refused:
            problem = str(refused)
            application.job.refresh_from_db()
    return render(request, "mapping/index.html", _context(application, problem), status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def attribute(request: HttpRequest, application_id: int) -> HttpResponse:
    """One attribute mapping: beside the list where a script asks. Without ?target= a new one."""
    application = get_application(request, application_id)
    schema = application.job.schema
    target = request.GET.get("target")
    current = _compiled(application, target) if target else None
    form = AttributeForm(request.POST or None, schema=schema, mapping=current)
    if request.method == "POST" and form.is_valid():
        changed = schemas.with_attribute(schema, target, form.attribute())
        try:
            return _saved(
                request, application, mappings.save(application.job, changed, by=request.user, version=version(request))
            )
        except ActionRefused as refused:
            add_problems(form, refused.problems)
            application.job.refresh_from_db()
    part = request.headers.get("HX-Request") == "true"
    context = {**_context(application, ""), "form": form, "current": current}
    return render(
        request,
        "mapping/_attribute.html" if part else "mapping/attribute.html",
        context,
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def attribute_delete(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    target = request.GET.get("target") or request.POST.get("target", "")
    current = _compiled(application, target)
    confirm = Confirmation(
        title=_("Delete the mapping of %(target)s?") % {"target": current.target},
        verb=_("Delete"),
        action=reverse("attribute-delete", args=(application.pk,)),
        back=reverse("mapping", args=(application.pk,)),
        paragraphs=[_("Its values stay in the accounts as they are. Everybody is decided anew in the next cycle.")],
        dangerous=True,
        hidden=[("target", target), ("version", str(application.job.schema_version))],
    )
    if request.method == "GET":
        return ask(request, confirm, application=application)
    changed = schemas.without_attribute(application.job.schema, target)
    try:
        return _saved(
            request, application, mappings.save(application.job, changed, by=request.user, version=version(request))
        )
    except ActionRefused as refused:
        return ask(request, confirm, application=application, problem=str(refused), status=422)


@require_http_methods(["GET", "POST"])
def restore_defaults(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    confirm = Confirmation(
        title=_("Restore default mappings?"),
        verb=_("Restore default mappings"),
        action=reverse("restore-defaults", args=(application.pk,)),
        back=reverse("mapping", args=(application.pk,)),
        paragraphs=[
            _("All mappings and scoping filters become as in a freshly added application. Everybody is decided anew.")
        ],
        dangerous=True,
    )
    if request.method == "GET":
        return ask(request, confirm, application=application)
    try:
        return _saved(request, application, mappings.restore_defaults(application.job, by=request.user))
    except ActionRefused as refused:
        return ask(request, confirm, application=application, problem=str(refused), status=422)


def version(request: HttpRequest) -> int | None:
    """Of the schema that the form was opened with: two people who edit at once do not overwrite each other."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _saved(request: HttpRequest, application: Application, changed: bool) -> HttpResponse:
    messages.success(
        request, _("Saved. Everybody is decided anew in the next cycle.") if changed else _("Nothing was changed.")
    )
    return redirect("mapping", application.pk)


def _compiled(application: Application, target: str) -> AttributeMapping:
    """404 for a target that is not mapped."""
    found = compile_mapping(application.job.schema).by_target.get(target)
    if found is None:
        raise Http404
    return found


def _context(application: Application, problem: str) -> dict[str, Any]:
    schema = application.job.schema
    try:
        compiled = compile_mapping(schema)
    except ConfigurationError as error:
        compiled, problem = None, problem or str(error)
    return {
        "application": application,
        "job": application.job,
        "mapping": compiled,
        "actions": schemas.actions_of(schema),
        "filters": schemas.filter_groups(schema),
        "problem": problem,
    }
