"""A thousand people with all that deciding needs, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from provisioning.connectors.base import RoleGrant
from provisioning.engine.entitlement import NOT_ASSIGNED, Entitlement, Role, entitle
from provisioning.engine.matching import MirroredAccount
from provisioning.engine.processing import Person
from provisioning.models import Account, Application, DirectoryObject, Job, Link, Membership


@dataclass(slots=True)
class Subject:
    """A person of the directory with their row numbers and what the job remembers."""

    pk: int
    reading: int
    identity: str
    person: Person
    link: Link | None


@dataclass
class Assignments:
    """Who is assigned to an application, in memory for the length of a plan."""

    direct: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Person's object id → role ids."""
    groups: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    group_names: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    default_access_entitles: bool = False

    @classmethod
    def of(cls, application: Application, principals: Collection[str] | None = None) -> "Assignments":
        """`principals`: only what is assigned to these people and groups."""
        told = cls(default_access_entitles=application.template["rollcall"]["defaultAccessEntitles"])
        for role in application.roles.all():
            grant = RoleGrant(role.value or role.role_id, tuple(role.products), tuple(role.admin_roles))
            told.roles[role.role_id] = Role(role.display_name, grant, role.enabled)
        live = application.assignments.filter(removed=False)
        if principals is not None:
            live = live.filter(principal_id__in=principals)
        gone = _removed_groups(application)
        for kind, principal, role_id, name in live.values_list(
            "principal_kind", "principal_id", "role_id", "principal_name"
        ):
            if kind == "user":
                told.direct[principal].append(role_id)
            elif kind == "group" and principal not in gone:
                told.groups[principal].append(role_id)
                told.group_names[principal] = name
        return told

    def entitlement(self, object_id: str, groups: Iterable[str]) -> Entitlement:
        reached = [(role_id, "directly") for role_id in self.direct.get(object_id, ())]
        for group in groups:
            reached += [(role_id, self.group_names[group]) for role_id in self.groups[group]]
        if not reached:
            return NOT_ASSIGNED
        return entitle(reached, self.roles, default_access_entitles=self.default_access_entitles)


def _removed_groups(application: Application) -> set[str]:
    """Groups in the recycle bin: their assignment may still be listed, but it reaches nobody."""
    gone = DirectoryObject.objects.filter(tenant=application.tenant, kind=DirectoryObject.Kind.GROUP).exclude(
        removed=""
    )
    return set(gone.values_list("object_id", flat=True))


def load(job: Job, pks: Sequence[int], assignments: Assignments, seen_since: datetime) -> list[Subject]:
    """Args:
    seen_since: accounts read at this moment or later count as evidence.
    """
    people = DirectoryObject.objects.filter(pk__in=pks).values_list(
        "pk", "object_id", "attributes", "enabled", "removed", "reading", "display_name", "user_principal_name"
    )
    rows = sorted(people, key=lambda row: row[0])
    groups = _groups_of(job, [row[1] for row in rows], assignments)
    links = {
        link.subject_id: link for link in Link.objects.filter(job=job, subject_id__in=pks).select_related("account")
    }
    subjects = []
    for pk, object_id, attributes, enabled, removed, reading, name, upn in rows:
        link = links.get(pk)
        account = link.account if link and link.account and not link.account.removed else None
        person = Person(
            object_id=object_id,
            attributes=attributes,
            enabled=enabled,
            removed=removed,
            entitlement=assignments.entitlement(object_id, groups.get(object_id, ())),
            linked=mirrored(account, seen_since) if account else None,
            written=link.written if link else {},
            replaced=link.replaced if link else {},
        )
        subjects.append(Subject(pk, reading, _identity(name, upn, object_id), person, link))
    return subjects


def _identity(name: str, upn: str, object_id: str) -> str:
    return " · ".join(part for part in (name, upn) if part)[:300] or object_id


def _groups_of(job: Job, object_ids: list[str], assignments: Assignments) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    if assignments.groups:
        memberships = Membership.objects.filter(
            tenant=job.application.tenant,
            member_id__in=object_ids,
            group_id__in=list(assignments.groups),
            removed=False,
        )
        for group, member in memberships.values_list("group_id", "member_id"):
            found[member].append(group)
    return found


def mirrored(account: Account, seen_since: datetime) -> MirroredAccount:
    seen = account.read_at is not None and account.read_at >= seen_since
    return MirroredAccount(account.pk, account.key, account.attributes, account.number, seen)
