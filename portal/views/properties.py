"""Properties of one application: its name, where it lives, its ids, deleting it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal.access import get_application
from portal.confirmation import Confirmation, ask, is_typed
from portal.forms.applications import PropertiesForm, add_problems
from provisioning.actions import applications
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Link


@require_http_methods(["GET", "POST"])
def properties(request: HttpRequest, application_id: int) -> HttpResponse:
    application = get_application(request, application_id)
    form = PropertiesForm(request.POST or None, initial={"display_name": application.display_name})
    if request.method == "POST" and form.is_valid():
        try:
            applications.rename(application, form.cleaned_data["display_name"], by=request.user)
        except ActionRefused as refused:
            add_problems(form, refused.problems)
            application.refresh_from_db()
        else:
            messages.success(request, _("Saved."))
            return redirect("properties", application.pk)
    context = {"application": application, "form": form, "template": application.template["rollcall"]}
    return render(request, "properties.html", context, status=422 if form.errors else 200)


def _whole_log(application: Application) -> str:
    return f"{reverse('log-download', args=(application.pk, 'ProvisioningLogs.json'))}?status=all&range=all"


@require_http_methods(["GET", "POST"])
def application_delete(request: HttpRequest, application_id: int) -> HttpResponse:
    """What happens to accounts is said first, with their number; the name has to be typed."""
    application = get_application(request, application_id)
    name = application.display_name
    count = Link.objects.filter(job=application.job, account__isnull=False, disabled_at=None).count()
    accounts = ngettext(
        "%(count)d account stays in %(name)s as it is, and is no longer kept in step.",
        "%(count)d accounts stay in %(name)s as they are, and are no longer kept in step.",
        count,
    ) % {"count": count, "name": name}
    confirm = Confirmation(
        title=_("Delete %(name)s from Rollcall?") % {"name": name},
        verb=_("Delete"),
        action=reverse("application-delete", args=(application.pk,)),
        back=reverse("properties", args=(application.pk,)),
        paragraphs=[
            accounts,
            _(
                "Its links, credentials and provisioning logs are deleted here; the audit logs stay, and so does the "
                "enterprise application in the tenant."
            ),
        ],
        links=[(_("Download the provisioning logs first"), _whole_log(application))],
        typed=name,
        dangerous=True,
    )
    if request.method == "GET":
        return ask(request, confirm, application=application)
    if not is_typed(request, confirm):
        problem = _("Type %(typed)s to confirm.") % {"typed": confirm.typed}
        return ask(request, confirm, application=application, problem=problem, status=422)
    try:
        applications.delete(application, by=request.user)
    except ActionRefused as refused:
        return ask(request, confirm, application=application, problem=str(refused), status=422)
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("applications")
