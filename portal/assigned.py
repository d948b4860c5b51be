"""Users and groups of one application: a page of its assignments, each with what became of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.directory import member_counts
from provisioning.models import Application, Assignment, DirectoryObject, Link, Membership
from provisioning.models.application import DEFAULT_ACCESS

PAGE = 25
LARGE = 1000
"""Members beyond which a group's own are not looked at one by one."""
DEFAULT_ACCESS_NAME = _("Default Access")


@dataclass(frozen=True)
class Assigned:
    assignment: Assignment
    role: str | Promise
    entitles: bool
    """Whether the role is one that gives an account."""
    subject: DirectoryObject | None
    link: Link | None
    members: int
    provisioned_members: int

    @property
    def large(self) -> bool:
        return self.members > LARGE

    @property
    def is_group(self) -> bool:
        return self.assignment.principal_kind.lower() == "group"

    @property
    def provisioned_at(self) -> datetime | None:
        return self.link.provisioned_at if self.link and self.link.account_id and not self.link.disabled_at else None


@dataclass(frozen=True)
class AssignedPage:
    rows: list[Assigned]
    total: int
    number: int
    pages: int


def assigned_page(application: Application, text: str, number: int) -> AssignedPage:
    """By name; a page costs the same however many there are before it, up to some ten thousand."""
    rows = Assignment.objects.filter(application=application, removed=False)
    if text:
        rows = rows.filter(Q(principal_name__icontains=text) | Q(principal_id=text))
    total = rows.count()
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    shown = list(rows.order_by("principal_name", "pk")[(number - 1) * PAGE : number * PAGE])
    return AssignedPage(_with_state(application, shown), total, number, pages)


def _with_state(application: Application, shown: list[Assignment]) -> list[Assigned]:
    roles = {role.role_id: role for role in application.roles.all()}
    default_entitles = application.template["rollcall"]["defaultAccessEntitles"]
    ids = [row.principal_id for row in shown]
    subjects = {
        row.object_id: row for row in DirectoryObject.objects.filter(tenant=application.tenant_id, object_id__in=ids)
    }
    links = {link.subject_id: link for link in Link.objects.filter(job=application.job, subject__in=subjects.values())}
    members, provisioned = _members(
        application, [row.principal_id for row in shown if row.principal_kind.lower() == "group"]
    )
    assigned = []
    for row in shown:
        role = roles.get(row.role_id)
        subject = subjects.get(row.principal_id)
        default = row.role_id == DEFAULT_ACCESS
        assigned.append(
            Assigned(
                row,
                DEFAULT_ACCESS_NAME if default else (role.display_name if role else row.role_id),
                default_entitles if default else bool(role and role.enabled),
                subject,
                links.get(subject.pk) if subject else None,
                members[row.principal_id],
                provisioned[row.principal_id],
            )
        )
    return assigned


def _members(application: Application, groups: list[str]) -> tuple[Counter[str], Counter[str]]:
    """Direct members of each group, and of those that are not large how many have an account."""
    total = member_counts(application.tenant_id, groups)
    members = Membership.objects.filter(
        tenant=application.tenant_id, group_id__in=[group for group in groups if total[group] <= LARGE], removed=False
    )
    link = Link.objects.filter(
        job=application.job,
        account__isnull=False,
        disabled_at=None,
        subject__tenant=application.tenant_id,
        subject__object_id=OuterRef("member_id"),
    )
    # As a condition of the count: PostgreSQL would otherwise first join every link to its person.
    provisioned = members.values_list("group_id").annotate(n=Count("id", filter=Exists(link))).order_by()
    return total, Counter(dict(provisioned))


def offered_roles(application: Application) -> list[tuple[str, str | Promise, bool]]:
    """(id, name, whether it gives an account) of every role that can be chosen; those that do first."""
    rows = [(role.role_id, role.display_name, True) for role in application.roles.all() if role.enabled]
    entitles = bool(application.template["rollcall"]["defaultAccessEntitles"])
    return [*rows, (DEFAULT_ACCESS, DEFAULT_ACCESS_NAME, entitles)]
