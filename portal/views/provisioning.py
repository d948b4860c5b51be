"""Provisioning of one application: credentials, notification, mappings, settings, status; one form, one Save."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import get_application
from portal.forms.applications import add_problems
from portal.forms.provisioning import MODE, ON, PREFIX, ProvisioningForm
from portal.views.questions import asked, question_context
from portal.views.testing import testing_context
from provisioning.actions import credentials, jobs, mappings, questions
from provisioning.actions import settings as settings_actions
from provisioning.actions.errors import ActionRefused
from provisioning.errors import ConfigurationError
from provisioning.mapping import compile_mapping
from provisioning.models import Application, Credential


@require_http_methods(["GET", "POST"])
def provisioning(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    credential = credentials.saved(application)
    form = _form(request, application, credential)
    if request.method == "POST" and form.is_valid():
        try:
            return _save(request, application, form)
        except ActionRefused as refused:
            renamed = {each.name: PREFIX + each.name for each in form.asked}
            add_problems(form, refused.problems, **renamed)
            application.job.refresh_from_db()
    context = _context(request, application, form, credential)
    started = credential is not None or request.method == "POST" or "edit" in request.GET
    template = "provisioning/edit.html" if started else "provisioning/get_started.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def test_connection(request: HttpRequest, application_id: int) -> HttpResponse:
    """With what stands on the form, saved or not; a script gets the checks alone."""
    application = get_application(request, application_id)
    stored = credentials.saved(application)
    form = _form(request, application, stored)
    form.is_valid()
    try:
        tried = _tried_before(request, application) or credentials.draft(
            application, values=form.values(), secrets=form.secrets(), by=request.user
        )
    except ActionRefused as refused:
        if request.headers.get("HX-Request") == "true":
            return render(request, "provisioning/_refused.html", {"problems": refused.problems})
        add_problems(form, refused.problems, **{each.name: PREFIX + each.name for each in form.asked})
        return render(request, "provisioning/edit.html", _context(request, application, form, stored), status=422)
    if request.headers.get("HX-Request") == "true":
        return render(request, "shared/_checks.html", testing_context(tried))
    return render(request, "provisioning/edit.html", _context(request, application, form, tried))


def _tried_before(request: HttpRequest, application: Application) -> Credential | None:
    """The draft whose checks are looked at again, where no script asks for them."""
    wanted = request.POST.get("tried", "")
    if not (wanted.isdecimal() and len(wanted) < 19):
        return None
    return Credential.objects.filter(application=application, draft=True, pk=wanted).first()


@require_POST
def test_message(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    try:
        question = questions.send_test_message(request.POST.get("notification_email", ""), by=request.user)
    except ActionRefused as refused:
        return render(request, "provisioning/_refused.html", {"problems": refused.problems, "part": "question"})
    if request.headers.get("HX-Request") == "true":
        return render(request, "questions/_question.html", question_context(question))
    return redirect(f"{reverse('provisioning', args=(application.pk,))}?question={question.question_id}")


def _form(request: HttpRequest, application: Application, credential: Credential | None) -> ProvisioningForm:
    data = request.POST if request.method == "POST" else None
    return ProvisioningForm(data, job=application.job, asked=credentials.fields(application), credential=credential)


def _save(request: HttpRequest, application: Application, form: ProvisioningForm) -> HttpResponse:
    """All of the form or nothing of it. On is asked for once more, with the preview. Raises ActionRefused."""
    job, by = application.job, request.user
    was_on, wanted_on = job.enabled and not job.halted, form.cleaned_data["status"] == ON
    with transaction.atomic():
        before = credentials.saved(application)
        typed = {name: value for name, value in form.values().items() if value or before is not None}
        if before is not None or any(form.secrets().values()) or any(v for k, v in typed.items() if k != MODE):
            _choose_account(credentials.save(application, values=typed, secrets=form.secrets(), by=by), application, by)
        settings_actions.update(job, by=by, **form.settings())
        if form.cleaned_data["restore_defaults"]:
            mappings.restore_defaults(job, by=by)
        if was_on and not wanted_on:
            jobs.turn_off(job, by=by)
        if wanted_on and not was_on and (reasons := jobs.unready(job)):
            raise ActionRefused([("status", sentence) for sentence in reasons])
    if wanted_on and not was_on:
        question = questions.preview(job, by=by)
        return redirect(f"{reverse('preview', args=(application.pk,))}?question={question.question_id}&then=on")
    messages.success(request, _("Saved."))
    return redirect("provisioning", application.pk)


def _choose_account(credential: Credential, application: Application, by: Any) -> None:
    """Of the accounts that Test Connection found; another one than before starts with an empty mirror."""
    key = credential.values.get("account_key", "")
    if key in credential.accounts and key != application.account_key:
        credentials.choose_account(application, key, by=by)


def _context(
    request: HttpRequest, application: Application, form: ProvisioningForm, credential: Credential | None
) -> dict[str, Any]:
    try:
        mapping = compile_mapping(application.job.schema)
    except ConfigurationError as error:
        mapping, mapping_error = None, str(error)
    else:
        mapping_error = ""
    return {
        "application": application,
        "job": application.job,
        "form": form,
        "mapping": mapping,
        "mapping_error": mapping_error,
        "unready": jobs.unready(application.job),
        "on": application.job.enabled and not application.job.halted,
        **testing_context(credential),
        **question_context(asked(request)),
    }
