"""A person or group of the directory, as the mirror has it, and how it stands with every application."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from portal.directory import standings
from provisioning.models import DirectoryObject, Membership


@require_safe
def directory_object(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(DirectoryObject.objects.select_related("tenant"), pk=pk)
    is_group = person.kind == DirectoryObject.Kind.GROUP
    members = Membership.objects.filter(tenant=person.tenant, group_id=person.object_id, removed=False)
    context = {
        "person": person,
        "is_group": is_group,
        "members": members.count() if is_group else None,
        "standings": [] if is_group else standings(person),
        "attributes": sorted(person.attributes.items()),
    }
    return render(request, "directory_object.html", context)
