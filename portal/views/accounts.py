"""Signing in and out, one's own password and preferences, the first administrator."""

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, views
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import first_run
from portal.forms.accounts import FirstAdministratorForm, PasswordLostForm, SignInForm
from portal.preferences import COOKIE_LIFE, LETTERS, THEME, THEMES
from portal.tasks import send_password_link_soon
from provisioning.actions import people
from provisioning.actions.errors import ActionRefused

log = logging.getLogger(__name__)


class SignIn(views.LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if first_run.needed():
            return redirect("welcome")
        return super().dispatch(request, *args, **kwargs)


class Password(views.PasswordChangeView):
    """Django ends every other session of the person, because they were signed with the old password."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password was changed. Other sessions of yours have ended."))
        return super().form_valid(form)


sign_in = SignIn.as_view()
sign_out = views.LogoutView.as_view()
password = Password.as_view()


@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Create the first administrator. Open only while there is nobody, and only with the code of the console."""
    if not first_run.needed():
        return redirect("sign-in")
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "GET":
        log.warning("Create the first administrator with the one-time code %s", first_run.code())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person = people.create_first(
                username=given["username"], name=given["name"], email=given["email"], password=given["password"]
            )
        except ActionRefused as refused:
            for field, sentence in refused.problems:
                form.add_error(field or None, sentence)
        else:
            first_run.forget()
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("home")
    context = {"form": form, "data_dir": settings.DATA_DIR}
    return render(request, "accounts/welcome.html", context, status=422 if form.errors else 200)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """The browser's theme, and whether shortcuts of a single letter work."""
    response = redirect(safe_next(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(THEME, theme, max_age=COOKIE_LIFE, samesite="Lax", secure=settings.SECURE)
    letters = request.POST.get("letters", "")
    if letters in ("on", "off"):
        response.set_cookie(LETTERS, letters, max_age=COOKIE_LIFE, samesite="Lax", secure=settings.SECURE)
    return response


def safe_next(request: HttpRequest) -> str:
    """Where the form stood; never another site."""
    wanted = request.POST.get("next", "")
    fits = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if fits else "/"


@require_http_methods(["GET", "POST"])
def password_lost(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether there is such a person or not."""
    form = PasswordLostForm(request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent:
        found = User.objects.filter(email__iexact=form.cleaned_data["email"], is_active=True).exclude(email="")
        for person in found[:3]:
            send_password_link_soon(person)
    context = {"form": form, "sent": sent}
    return render(request, "accounts/password_lost.html", context, status=422 if form.errors else 200)


class PasswordSet(views.PasswordResetConfirmView):
    template_name = "accounts/password_set.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password was set. Sign in with it."))
        return super().form_valid(form)


password_set = PasswordSet.as_view()
