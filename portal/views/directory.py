"""A person or group as mirrored from the directory, how it stands with every application, and erasing a person."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from portal.confirmation import Confirmation, ask, is_typed
from portal.directory import member_counts, standings
from portal.navigation import Command
from provisioning.actions import erasure
from provisioning.actions.errors import ActionRefused
from provisioning.models import DirectoryObject


@require_safe
def directory_object(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(DirectoryObject.objects.select_related("tenant"), pk=pk)
    is_group = person.kind == DirectoryObject.Kind.GROUP
    erase = Command(gettext_lazy("Erase person"), "delete", reverse("person-erase", args=(pk,)), dialog=True)
    context = {
        "person": person,
        "is_group": is_group,
        "members": member_counts(person.tenant_id, [person.object_id])[person.object_id] if is_group else None,
        "standings": [] if is_group else standings(person),
        "attributes": sorted(person.attributes.items()),
        "commands": [] if is_group else [erase],
    }
    return render(request, "directory_object.html", context)


@require_http_methods(["GET", "POST"])
def person_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes, what stays and whether the person comes back is said first; the address has to be typed."""
    people = DirectoryObject.objects.select_related("tenant").filter(kind=DirectoryObject.Kind.USER)
    person = get_object_or_404(people, pk=pk)
    confirm = Confirmation(
        title=_("Erase %(name)s?") % {"name": person},
        verb=_("Erase person"),
        action=reverse("person-erase", args=(pk,)),
        back=reverse("directory-object", args=(pk,)),
        paragraphs=[_what_goes(person), *_what_stays(person)],
        typed=person.user_principal_name or person.object_id,
        dangerous=True,
    )
    base: dict[str, Any] = {"base_template": "base.html"}
    if request.method == "GET":
        return ask(request, confirm, **base)
    if not is_typed(request, confirm):
        problem = _("Type %(typed)s to confirm.") % {"typed": confirm.typed}
        return ask(request, confirm, problem=problem, status=422, **base)
    try:
        gone = erasure.erase(person, by=request.user)
    except ActionRefused as refused:
        return ask(request, confirm, problem=str(refused), status=422, **base)
    told = ngettext(
        "The person was erased, with %(count)d log row.",
        "The person was erased, with %(count)d log rows.",
        gone.log_rows,
    )
    messages.success(request, told % {"count": gone.log_rows})
    return redirect("home")


def _what_goes(person: DirectoryObject) -> str:
    counted = erasure.traces(person)
    rows = ngettext("%(count)d log row", "%(count)d log rows", counted.log_rows) % {"count": counted.log_rows}
    applications = ngettext("%(count)d application", "%(count)d applications", counted.applications)
    where = applications % {"count": counted.applications}
    accounts = ngettext("%(count)d mirrored account", "%(count)d mirrored accounts", counted.accounts)
    return _(
        "Gone for good: %(rows)s in %(applications)s, %(accounts)s, the mirror of the person, of their groups and "
        "assignments, and every preview and answer that names them. Where other rows or the audit logs name them, "
        "“[erased]” takes the place of the name."
    ) % {"rows": rows, "applications": where, "accounts": accounts % {"count": counted.accounts}}


def _what_stays(person: DirectoryObject) -> list[str]:
    told = []
    if names := erasure.still_enabled(person):
        told.append(
            _("The account in %(names)s stays as it is, enabled, and Rollcall no longer looks after it.")
            % {"names": ", ".join(names)}
        )
    match person.removed:
        case DirectoryObject.Removed.NO:
            told.append(
                _(
                    "The directory still has this person: they come back with its next reading, which is a full one, "
                    "as somebody new, without their history. Delete them there first if they are to stay away."
                )
            )
        case DirectoryObject.Removed.SOFT:
            told.append(_("The person is in the directory's recycle bin: if they are restored there, they come back."))
    told.append(
        _(
            "What remains is an entry of the audit logs that somebody was erased, not who. Copies that you made, such "
            "as downloads and backups, are yours to delete."
        )
    )
    return told
