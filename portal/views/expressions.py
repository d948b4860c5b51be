"""The expression builder: what is wrong while typing, the result for one person, and the lab over everybody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from portal import expressions, schemas
from portal.access import get_application
from portal.directory import find
from portal.editor import with_editor
from portal.forms.expressions import ExpressionForm, carried, one_line_breaks
from portal.forms.mapping import AttributeForm
from portal.views.impact import opened_with
from provisioning.engine.lab import source_of, try_out
from provisioning.engine.reading_directory.feeds import unread
from provisioning.mapping import compile_mapping
from provisioning.models import Application, DirectoryObject, Job


@with_editor
@require_http_methods(["GET", "POST"])
def builder(request: HttpRequest, application_id: int) -> HttpResponse:
    """?target= is the mapping that is edited, if any; a mapping form that is posted here is carried along."""
    application = get_application(request, application_id)
    return render(request, "expressions/builder.html", _context(request, application))


@require_POST
def verdict(request: HttpRequest, application_id: int) -> HttpResponse:
    """What is wrong and what comes out, while somebody types."""
    application = get_application(request, application_id)
    return render(request, "expressions/_verdict.html", _verdict(request, application))


@require_POST
def attributes(request: HttpRequest, application_id: int) -> HttpResponse:
    """The attributes with the values of another person."""
    application = get_application(request, application_id)
    return render(request, "expressions/_attributes.html", _attributes(application.job, _person(request, application)))


@with_editor
@require_POST
def lab(request: HttpRequest, application_id: int) -> HttpResponse:
    """Everybody at once: the part where a script asks, else the whole page with it."""
    application = get_application(request, application_id)
    verdict = _verdict(request, application)
    expression, everybody = verdict["judgement"].expression, None
    if expression is not None:
        findings = try_out(
            application.job, compile_mapping(application.job.schema), expression, verdict["target"], now()
        )
        everybody = expressions.Everybody(findings, application.tenant)
    if request.headers.get("HX-Request") == "true":
        return render(request, "expressions/_lab.html", {**verdict, "everybody": everybody})
    context = {**_context(request, application), "everybody": everybody, "tried": True}
    return render(request, "expressions/builder.html", context)


def _context(request: HttpRequest, application: Application) -> dict[str, Any]:
    job, edited = application.job, request.GET.get("target", "")
    current = compile_mapping(job.schema).by_target.get(edited)
    attribute_form = AttributeForm(None, schema=job.schema, mapping=current)
    back = reverse("attribute", args=(application.pk,))
    verdict = _verdict(request, application)
    sample = _attributes(job, verdict["person"])
    looked_for = request.POST.get("text", "").replace("\0", "").strip()[:200]
    return {
        **verdict,
        **sample,
        "form": ExpressionForm(initial={"expression": verdict["text"]}),
        "hidden": [("version", opened_with(request, job)), *carried(request.POST, attribute_form, edited)],
        "edited": edited,
        "current": current,
        "targets": _targets(job) if request.method == "GET" or not verdict["target"] else [],
        "functions": expressions.functions(),
        "words": expressions.words(sample["attributes"]),
        "looked_for": looked_for,
        "people": find(looked_for, tenant=application.tenant, kinds=["User"]) if "find" in request.POST else [],
        "back": f"{back}?{request.GET.urlencode()}" if current else back,
    }


def _verdict(request: HttpRequest, application: Application) -> dict[str, Any]:
    job = application.job
    mapping, target = compile_mapping(job.schema), request.POST.get("target") or request.GET.get("target", "")
    today = mapping.by_target.get(target)
    text = today.source if today and today.expression else ""
    text = one_line_breaks(request.POST.get("expression", text))
    judgement = expressions.judge(text, schemas.source_definitions(job.schema))
    person, definition = _person(request, application), mapping.definitions.get(target)
    found = before = None
    if person is not None and judgement.expression is not None:
        found = expressions.outcome_for(judgement.expression.evaluate, job, person, now(), definition)
    if person is not None and today is not None:
        before = expressions.outcome_for(today.evaluate, job, person, now(), definition)
    names = judgement.expression.attributes if judgement.expression else ()
    return {
        "application": application,
        "text": text,
        "target": target,
        "judgement": judgement,
        "person": person,
        "found": found,
        "before": before,
        "unread": ", ".join(sorted(unread(job.application.tenant, names))),
    }


def _attributes(job: Job, person: DirectoryObject | None) -> dict[str, Any]:
    sources = schemas.source_definitions(job.schema)
    sample = source_of(job, person) if person else {}
    not_yet = unread(job.application.tenant, sources)
    return {"attributes": expressions.attributes(sources, sample, not_yet), "person": person}


def _person(request: HttpRequest, application: Application) -> DirectoryObject | None:
    """Whoever was chosen here; somebody, for whoever comes from elsewhere."""
    if "builder" not in request.POST:
        return expressions.first_person(application.job)
    ids = request.POST.getlist("object")[-1:]
    users = DirectoryObject.objects.filter(tenant=application.tenant, kind=DirectoryObject.Kind.USER)
    return users.filter(object_id__in=ids).first()


def _targets(job: Job) -> list[str]:
    """Everything that can be written, mapped or not."""
    return [name for name, each in schemas.target_definitions(job.schema).items() if each.mutability != "ReadOnly"]
