"""People of the portal: administrators and readers; invited, changed, switched off."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.confirmation import Confirmation, ask
from portal.forms.applications import add_problems
from portal.forms.people import InvitationForm, PersonForm
from portal.tasks import send_password_link_soon
from provisioning.actions import people as actions
from provisioning.actions.errors import ActionRefused


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    rows = User.objects.prefetch_related("groups").order_by("username")
    return render(request, "people/index.html", {"rows": [(person, _role(person)) for person in rows]})


@require_http_methods(["GET", "POST"])
def person_invite(request: HttpRequest) -> HttpResponse:
    """They set their own password by the link that is mailed."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invited = actions.create(**form.cleaned_data, password=None, by=request.user)
        except ActionRefused as refused:
            add_problems(form, refused.problems)
        else:
            send_password_link_soon(invited)
            messages.success(request, _("%(name)s was invited by mail.") % {"name": invited.get_username()})
            return redirect("people")
    return render(request, "people/form.html", {"form": form, "person": None}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    found = get_object_or_404(User, pk=person_id)
    initial = {"name": found.get_full_name(), "email": found.email, "role": actions.role_of(found)}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update(found, **form.cleaned_data, by=request.user)
        except ActionRefused as refused:
            add_problems(form, refused.problems)
        else:
            messages.success(request, _("Saved."))
            return redirect("people")
    return render(request, "people/form.html", {"form": form, "person": found}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def person_deactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    found = get_object_or_404(User, pk=person_id)
    confirm = Confirmation(
        title=_("Switch off the account of %(name)s?") % {"name": found.get_username()},
        verb=_("Switch off"),
        action=reverse("person-deactivate", args=(found.pk,)),
        back=reverse("people"),
        paragraphs=[_("They are signed out everywhere at once. What they did stays in the audit logs.")],
        dangerous=True,
    )
    base: dict[str, Any] = {"base_template": "base.html"}
    if request.method == "GET":
        return ask(request, confirm, **base)
    try:
        actions.deactivate(found, by=request.user)
    except ActionRefused as refused:
        return ask(request, confirm, problem=str(refused), status=422, **base)
    messages.success(request, _("The account of %(name)s was switched off.") % {"name": found.get_username()})
    return redirect("people")


@require_POST
def person_activate(request: HttpRequest, person_id: int) -> HttpResponse:
    found = get_object_or_404(User, pk=person_id)
    actions.activate(found, by=request.user)
    messages.success(request, _("%(name)s may sign in again.") % {"name": found.get_username()})
    return redirect("people")


@require_POST
def person_link(request: HttpRequest, person_id: int) -> HttpResponse:
    """The mail with the link once more."""
    found = get_object_or_404(User, pk=person_id)
    send_password_link_soon(found)
    messages.success(request, _("A link to set the password was mailed to %(email)s.") % {"email": found.email})
    return redirect("person", found.pk)


def _role(person: User) -> str:
    """From what was fetched along with the person."""
    names = {group.name for group in person.groups.all()}
    if person.is_superuser or actions.ADMINISTRATORS in names:
        return _("Administrator")
    return _("Reader") if actions.READERS in names else _("None")
