"""Looking people and groups up in the mirror of the directory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, When
from django.utils.functional import Promise

from portal.columns import unindexed
from portal.states import CHANGES, OFF, ON, STOPPED, State
from provisioning.engine import steps
from provisioning.models import Application, Assignment, Change, DirectoryObject, Link, Membership, Tenant

KINDS = tuple(DirectoryObject.Kind.values)


def find(
    text: str, *, tenant: Tenant | None = None, kinds: Sequence[str] = (), limit: int = 10
) -> list[DirectoryObject]:
    """Whoever's name or address begins with the text, then whoever has it anywhere; by id as well."""
    if not text:
        return _first(tenant, kinds or KINDS, limit)
    begins = Q(display_name__istartswith=text) | Q(user_principal_name__istartswith=text) | Q(object_id=text)
    contains = Q(display_name__icontains=text) | Q(user_principal_name__icontains=text) | Q(mail__icontains=text)
    # Every row has to be looked at: in the order in which they lie, that is three times as quick as by an index.
    objects = DirectoryObject.objects.alias(
        of=unindexed("tenant_id"), is_a=unindexed("kind", ""), gone=unindexed("removed", "")
    ).filter(gone=DirectoryObject.Removed.NO)
    objects = objects.filter(of=tenant.pk) if tenant else objects
    objects = objects.filter(is_a__in=kinds) if kinds else objects
    place = Case(When(begins, then=0), default=1)
    return list(objects.filter(contains | Q(object_id=text)).order_by(place, "display_name", "pk")[:limit])


def _first(tenant: Tenant | None, kinds: Sequence[str], limit: int) -> list[DirectoryObject]:
    """By name. Each kind by itself, as the index has them."""
    found = [row for kind in kinds for row in present(tenant, [kind]).order_by("display_name", "pk")[:limit]]
    return sorted(found, key=lambda row: (row.display_name, row.pk))[:limit]


def present(tenant: Tenant | None, kinds: Sequence[str] = KINDS) -> QuerySet[DirectoryObject]:
    """Who is not deleted. An index counts them, so long as the kinds are named."""
    objects = DirectoryObject.objects.filter(kind__in=kinds, removed=DirectoryObject.Removed.NO)
    return objects.filter(tenant=tenant) if tenant else objects


def member_counts(tenant: int, groups: Sequence[str]) -> Counter[str]:
    """Direct members of each group: of all rows, which an index counts, those that left are taken off."""
    rows = Membership.objects.filter(tenant=tenant, group_id__in=groups)
    everybody, left = (
        Counter(dict(each.values_list("group_id").annotate(n=Count("*")).order_by()))
        for each in (rows, rows.filter(removed=True))
    )
    everybody.subtract(left)
    return everybody


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
