"""Settings of the deployment, as they are in force. They come from the environment, which is said at each."""

from dataclasses import dataclass
from os import environ

from django.conf import settings as deployment
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from portal.forms.settings import TestMessageForm
from portal.templatetags.times import lasted
from portal.views.questions import asked, question_context
from provisioning.actions import questions
from provisioning.models.job import INTERVAL


@dataclass(frozen=True)
class Setting:
    label: str | Promise
    variable: str
    value: str
    in_environment: bool


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    form = TestMessageForm(request.POST or None, initial={"recipient": getattr(request.user, "email", "")})
    if request.method == "POST" and form.is_valid():
        question = questions.send_test_message(form.cleaned_data["recipient"], by=request.user)
        return redirect(f"{reverse('settings')}?question={question.question_id}")
    context = {"settings": shown_settings(), "form": form, **question_context(asked(request))}
    return render(request, "settings.html", context, status=422 if form.errors else 200)


def shown_settings() -> list[Setting]:
    """Never a secret: of the mail server only host and port, of the GoTo client only its id."""
    mail = f"{deployment.EMAIL_HOST}:{deployment.EMAIL_PORT}" if getattr(deployment, "EMAIL_HOST", "") else _("console")
    rows: list[tuple[str | Promise, str, object]] = [
        (_("Public address"), "PUBLIC_URL", deployment.PUBLIC_URL),
        (_("Language"), "LANGUAGE_CODE", dict(deployment.LANGUAGES).get(deployment.LANGUAGE_CODE, "")),
        (_("Time zone"), "TIME_ZONE", deployment.TIME_ZONE),
        (_("Mail server"), "EMAIL_URL", mail),
        (_("Sender of mail"), "DEFAULT_FROM_EMAIL", deployment.DEFAULT_FROM_EMAIL),
        (_("Database"), "DATABASE_URL", deployment.DATABASES["default"]["ENGINE"].rpartition(".")[2]),
        (_("Data folder"), "DATA_DIR", deployment.DATA_DIR),
        (_("GoTo API"), "GOTO_API_URL", deployment.GOTO_API_URL),
        (_("GoTo sign-in"), "GOTO_AUTH_URL", deployment.GOTO_AUTH_URL),
        (_("GoTo client"), "GOTO_CLIENT_ID", deployment.GOTO_CLIENT_ID or _("none")),
        (_("Requests a second to GoTo"), "GOTO_REQUESTS_PER_SECOND", deployment.GOTO_REQUESTS_PER_SECOND),
        (_("Proxy"), "HTTPS_PROXY_URL", _("set") if deployment.HTTPS_PROXY_URL else _("none")),
        (_("Interval of a new application"), "", lasted(INTERVAL)),
    ]
    return [Setting(label, name, str(value), bool(name) and name in environ) for label, name, value in rows]
