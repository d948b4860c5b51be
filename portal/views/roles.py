"""Roles of one application as the tenant has them, and what each gives: the editable role table."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import get_application
from provisioning.actions import roles as actions
from provisioning.actions.errors import ActionRefused
from provisioning.models import AppRole

PRODUCTS = {"G2M": "GoToMeeting", "G2W": "GoToWebinar", "G2T": "GoToTraining", "OPENVOICE": "OpenVoice"}
"""Names of product codes; a code that is not here is shown as it is."""


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class RoleRow:
    role: AppRole
    products: list[Choice]
    admin_roles: list[Choice]


@require_http_methods(["GET", "POST"])
def roles(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    table = list(application.roles.all())
    problem = ""
    if request.method == "POST":
        try:
            changed = _save(request, table)
        except ActionRefused as refused:
            problem = str(refused)
        else:
            if changed:
                messages.success(request, _("Saved. Everybody is decided anew in the next cycle."))
            return redirect("roles", application.pk)
    products, admin_roles = actions.known_products(application), actions.known_admin_roles(application)
    rows = [
        RoleRow(
            role,
            [Choice(each, PRODUCTS.get(each, each), each in role.products) for each in products],
            [Choice(each, each, each in role.admin_roles) for each in admin_roles],
        )
        for role in table
    ]
    context = {"application": application, "rows": rows, "problem": problem}
    return render(request, "roles.html", context, status=422 if problem else 200)


def _save(request: HttpRequest, table: list[AppRole]) -> bool:
    """All of the table or nothing. Raises ActionRefused."""
    changed = False
    with transaction.atomic():
        for role in table:
            enabled = f"enabled-{role.pk}" in request.POST if role.application.kept_here else None
            changed |= actions.update(
                role,
                by=request.user,
                products=request.POST.getlist(f"products-{role.pk}"),
                admin_roles=request.POST.getlist(f"admin-{role.pk}"),
                enabled=enabled,
            )
    return changed
