"""Tenants: the list, connecting one, its connection and what became of the last test."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.confirmation import Confirmation, ask
from portal.forms.applications import add_problems
from portal.forms.tenants import TenantForm, initial_of
from portal.permissions import PERMISSIONS, consent_link
from portal.surroundings import of_connection
from portal.views.testing import testing_context
from provisioning.actions import credentials
from provisioning.actions import tenants as actions
from provisioning.actions.errors import ActionRefused
from provisioning.models import DirectoryObject, Tenant


@require_safe
def tenants(request: HttpRequest) -> HttpResponse:
    return render(request, "tenants/index.html", {"tenants": Tenant.objects.all()})


@require_http_methods(["GET", "POST"])
def tenant_connect(request: HttpRequest) -> HttpResponse:
    form = TenantForm(request.POST or None, initial={"cloud": "public"})
    if request.method == "POST" and form.is_valid():
        try:
            connected = actions.connect(**_fields(form), tenant_id=form.cleaned_data["tenant_id"], by=request.user)
        except ActionRefused as refused:
            add_problems(form, refused.problems)
        else:
            messages.success(request, _("Saved. The connection is being tested."))
            return redirect("tenant", connected.pk)
    context = {"form": form, "permissions": PERMISSIONS}
    return render(request, "tenants/connect.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def tenant(request: HttpRequest, tenant_id: int) -> HttpResponse:
    connected = get_object_or_404(Tenant, pk=tenant_id)
    data = {**request.POST.dict(), "tenant_id": connected.tenant_id} if request.method == "POST" else None
    form = TenantForm(data, initial=initial_of(connected))
    form.fields["tenant_id"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.update(connected, by=request.user, **_fields(form))
        except ActionRefused as refused:
            add_problems(form, refused.problems)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
            return redirect("tenant", connected.pk)
    return render(request, "tenants/tenant.html", _context(connected, form), status=422 if form.errors else 200)


@require_POST
def tenant_test(request: HttpRequest, tenant_id: int) -> HttpResponse:
    """Test with what is stored; the checks appear on the page."""
    connected = get_object_or_404(Tenant, pk=tenant_id)
    credential = credentials.saved(connected)
    if credential is not None:
        credentials.request_test(credential, by=request.user)
    return redirect("tenant", connected.pk)


@require_http_methods(["GET", "POST"])
def tenant_disconnect(request: HttpRequest, tenant_id: int) -> HttpResponse:
    connected = get_object_or_404(Tenant, pk=tenant_id)
    confirm = Confirmation(
        title=_("Disconnect %(name)s?") % {"name": connected.name},
        verb=_("Disconnect"),
        action=reverse("tenant-disconnect", args=(connected.pk,)),
        back=reverse("tenant", args=(connected.pk,)),
        paragraphs=[
            _("Its credentials and everything read from it are deleted here. Nothing is changed in the tenant.")
        ],
        dangerous=True,
    )
    base: dict[str, Any] = {"base_template": "base.html"}
    if request.method == "GET":
        return ask(request, confirm, **base)
    try:
        actions.disconnect(connected, by=request.user)
    except ActionRefused as refused:
        return ask(request, confirm, problem=str(refused), status=422, **base)
    messages.success(request, _("%(name)s was disconnected.") % {"name": connected.name})
    return redirect("tenants")


def _fields(form: TenantForm) -> dict[str, Any]:
    given = form.cleaned_data
    authority, graph_url = form.addresses()
    return {
        "name": given["name"],
        "client_id": given["client_id"],
        "secrets": form.secrets(),
        "authority": authority,
        "graph_url": graph_url,
        "ca_file": given["ca_file"],
        "secret_expires_on": given["secret_expires_on"],
    }


def _context(connected: Tenant, form: TenantForm) -> dict[str, Any]:
    credential = credentials.saved(connected)
    return {
        "tenant": connected,
        "form": form,
        "permissions": PERMISSIONS,
        "consent": consent_link(connected),
        "people": DirectoryObject.objects.filter(tenant=connected, kind="User", removed="").count(),
        "groups": DirectoryObject.objects.filter(tenant=connected, kind="Group", removed="").count(),
        "feeds": connected.feeds.select_related("application").order_by("kind", "pk"),
        "stored": sorted(credential.stored) if credential else [],
        "secrets_changed_at": credential.secrets_changed_at if credential else None,
        "cautions": of_connection(connected, now().date()),
        **testing_context(credential),
    }
