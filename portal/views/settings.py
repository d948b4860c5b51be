"""Settings of the installation: what can be changed here, and what is set outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings as deployment
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal.forms.applications import add_problems
from portal.forms.settings import SettingsForm
from portal.views.questions import asked, question_context
from provisioning.actions import installation, questions
from provisioning.actions.errors import ActionRefused
from provisioning.models import Installation


@dataclass(frozen=True)
class Setting:
    label: str | Promise
    variable: str
    value: str
    set_outside: bool


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    waits = "question" in request.POST  # without scripts, for the test message; what was typed stays
    if request.method == "POST" and not waits and form.is_valid():
        try:
            changed = installation.update(by=request.user, **form.changes())
        except ActionRefused as refused:
            add_problems(form, refused.problems)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
            return redirect("settings")
    return _page(request, form, question_context(asked(request)), status=422 if form.errors and not waits else 200)


@require_POST
def test_message(request: HttpRequest) -> HttpResponse:
    """Through the mail server that stands on the form, saved or not; a script gets the answer alone."""
    form = _form(request)
    form.is_valid()
    try:
        typed = installation.candidate(Installation.saved(), **_of_mail(form))
        question = questions.send_test_message(request.POST.get("recipient", ""), by=request.user, typed=typed)
    except ActionRefused as refused:
        context: dict[str, Any] = {"problems": refused.problems, "part": "question"}
        if request.headers.get("HX-Request") == "true":
            return render(request, "provisioning/_refused.html", context)
        return _page(request, form, context, status=422)
    if request.headers.get("HX-Request") == "true":
        return render(request, "questions/_question.html", question_context(question))
    return _page(request, form, question_context(question))


def _form(request: HttpRequest) -> SettingsForm:
    data = request.POST if request.method == "POST" else None
    return SettingsForm(data, saved=Installation.saved(), recipient=getattr(request.user, "email", ""))


def _of_mail(form: SettingsForm) -> dict[str, Any]:
    """Raises ActionRefused with what is wrong about the fields themselves."""
    wrong = [(name, str(problem)) for name, found in form.errors.items() if name in form.MAIL for problem in found]
    if wrong:
        raise ActionRefused(wrong)
    return {name: form.cleaned_data[name] for name in form.MAIL if name in form.changed_data}


def _page(
    request: HttpRequest, form: SettingsForm, context: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    return render(request, "settings.html", {"form": form, "outside": set_outside(), **context}, status=status)


def set_outside() -> list[Setting]:
    """What only the environment or rollcall.env says. Never a secret: of the GoTo client only its id."""
    none = _("none")
    rows: list[tuple[str | Promise, str, object]] = [
        (gettext_lazy("Host names"), "ALLOWED_HOSTS", ", ".join(deployment.ALLOWED_HOSTS)),
        (gettext_lazy("Database"), "DATABASE_URL", deployment.DATABASES["default"]["ENGINE"].rpartition(".")[2]),
        (gettext_lazy("Data folder"), "DATA_DIR", deployment.DATA_DIR),
        (gettext_lazy("GoTo API"), "GOTO_API_URL", deployment.GOTO_API_URL),
        (gettext_lazy("GoTo sign-in"), "GOTO_AUTH_URL", deployment.GOTO_AUTH_URL),
        (gettext_lazy("GoTo client"), "GOTO_CLIENT_ID", deployment.GOTO_CLIENT_ID or none),
        (gettext_lazy("Requests a second to GoTo"), "GOTO_REQUESTS_PER_SECOND", deployment.GOTO_REQUESTS_PER_SECOND),
        (gettext_lazy("Proxy"), "HTTPS_PROXY_URL", _("set") if deployment.HTTPS_PROXY_URL else none),
    ]
    return [Setting(label, name, str(value), name in deployment.SET_OUTSIDE) for label, name, value in rows]
