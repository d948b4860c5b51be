"""Looking people and groups up in the mirror of the directory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from portal.states import CHANGES, OFF, ON, STOPPED, State
from provisioning.engine import steps
from provisioning.models import Application, Assignment, Change, DirectoryObject, Link, Membership, Tenant


def find(
    text: str, *, tenant: Tenant | None = None, kinds: Sequence[str] = (), limit: int = 10
) -> list[DirectoryObject]:
    """Whoever's name or address begins with the text, then whoever has it anywhere; by id as well.

    The first are found through an index; the second only fill up what is left.
    """
    objects = DirectoryObject.objects.filter(removed=DirectoryObject.Removed.NO)
    objects = objects.filter(tenant=tenant) if tenant else objects
    objects = objects.filter(kind__in=kinds) if kinds else objects
    if not text:
        return list(objects.order_by("display_name", "pk")[:limit])
    begins = Q(display_name__istartswith=text) | Q(user_principal_name__istartswith=text) | Q(object_id=text)
    found = list(objects.filter(begins).order_by("display_name", "pk")[:limit])
    if len(found) < limit:
        contains = Q(display_name__icontains=text) | Q(user_principal_name__icontains=text) | Q(mail__icontains=text)
        others = objects.filter(contains).exclude(pk__in=[row.pk for row in found])
        found += others.order_by("display_name", "pk")[: limit - len(found)]
    return found


@dataclass(frozen=True)
class Standing:
    """How one person stands with one application."""

    application: Application
    ways: list[str]
    link: Link | None
    last: Change | None

    @property
    def state(self) -> State:
        if self.link and self.link.failure_code:
            return CHANGES[Change.Status.FAILURE]
        if self.link and self.link.account_id and not self.link.disabled_at:
            return ON
        return STOPPED if self.link and self.link.disabled_at else OFF

    @property
    def why(self) -> str | Promise:
        return steps.why(self.last) if self.last else ""


def standings(person: DirectoryObject) -> list[Standing]:
    """Every application of the tenant, in a fixed number of queries."""
    applications = list(Application.objects.filter(tenant=person.tenant_id).select_related("job"))
    groups: dict[str, Any] = dict.fromkeys(
        Membership.objects.filter(tenant=person.tenant_id, member_id=person.object_id, removed=False).values_list(
            "group_id", flat=True
        )
    )
    assigned = Assignment.objects.filter(
        application__in=applications, removed=False, principal_id__in=[person.object_id, *groups]
    )
    ways: dict[int, list[str]] = {}
    for row in assigned:
        ways.setdefault(row.application_id, []).append(row.principal_name)
    links = {link.job_id: link for link in Link.objects.filter(subject=person)}
    last: dict[int, Change] = {}
    for change in Change.objects.filter(subject=person, status__in=Change.SETTLED).order_by("-pk")[:50]:
        last.setdefault(change.job_id, change)
    return [
        Standing(each, ways.get(each.pk, []), links.get(each.job.pk), last.get(each.job.pk)) for each in applications
    ]
