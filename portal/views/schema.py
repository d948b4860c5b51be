"""Review your schema: the mapping of one application as one JSON document, on the page or as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import get_application, is_administrator
from portal.editor import with_editor
from portal.forms.applications import add_problems
from portal.forms.schema import SchemaForm
from portal.views.impact import is_edited, opened_with, propose
from provisioning.actions.errors import ActionRefused
from provisioning.mapping.schema import export


@with_editor
@require_http_methods(["GET", "POST"])
def schema(request: HttpRequest, application_id: int) -> HttpResponse:
    """POST with the text of the document, or with a file."""
    application = get_application(request, application_id)
    job = application.job
    may_change = is_administrator(request.user)
    form = SchemaForm(request.POST or None, request.FILES or None, stored=job.schema, may_change=may_change)
    opened = opened_with(request, job)
    if request.method == "POST" and not is_edited(request) and form.is_valid():
        kept = [("document", form.cleaned_data["document"])]
        try:
            return propose(request, application, form.schema, "schema", fields=kept)
        except ActionRefused as refused:
            add_problems(form, refused.problems)
            opened = job.schema_version
    context = {"application": application, "job": job, "form": form, "version": opened}
    return render(request, "schema/index.html", context, status=422 if form.errors else 200)


@require_safe
def schema_download(request: HttpRequest, application_id: int) -> HttpResponse:
    """The same bytes for the same schema, so that files can be compared."""
    application = get_application(request, application_id)
    response = HttpResponse(export(application.job.schema), content_type="application/json")
    name = slugify(application.display_name) or "application"
    response["Content-Disposition"] = f'attachment; filename="{name}-schema.json"'
    return response
