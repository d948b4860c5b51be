"""Rows of a checked round → the mirror, a thousand at a time. Safe to repeat: what does not differ is not touched."""

from collections.abc import Iterable, Sequence
from typing import Any

from provisioning.models import Assignment, DirectoryObject, Membership, Tenant, bulk

OBJECT_FIELDS = [
    "kind",
    "display_name",
    "user_principal_name",
    "mail",
    "attributes",
    "enabled",
    "removed",
    "reading",
]


def objects(tenant: Tenant, kind: str, rows: Sequence[tuple[str, dict[str, Any]]], *, whole: bool) -> None:
    """People or groups that are there.

    Args:
        rows: (object id, attributes); the same id may occur again, later ones win.
        whole: the attributes are all there are (a full round), so that what is absent has no value;
            otherwise absent means unchanged, and None means cleared.
    """
    told: dict[str, dict[str, Any]] = {}
    for object_id, attributes in rows:
        told[object_id] = {**told.get(object_id, {}), **attributes}
    with tenant.numbered() as number:
        mirrored = DirectoryObject.objects.filter(tenant=tenant, object_id__in=list(told))
        known = {row.object_id: row for row in mirrored}
        changed = []
        for object_id, attributes in told.items():
            row = known.get(object_id)
            merged = attributes if whole or row is None else {**row.attributes, **attributes}
            merged = {name: value for name, value in merged.items() if value not in (None, [])}
            if row is not None and row.attributes == merged and not row.removed:
                continue
            changed.append(_object(tenant, kind, object_id, merged, number))
        bulk.upsert(changed, unique=["tenant", "object_id"], update=OBJECT_FIELDS)


def _object(tenant: Tenant, kind: str, object_id: str, attributes: dict[str, Any], number: int) -> DirectoryObject:
    def text(name: str) -> str:
        return str(attributes.get(name) or "")[:300]

    return DirectoryObject(
        tenant=tenant,
        object_id=object_id,
        kind=kind,
        display_name=text("displayName"),
        user_principal_name=text("userPrincipalName"),
        mail=text("mail"),
        attributes=attributes,
        enabled=str(attributes.get("accountEnabled", True)).lower() != "false",
        removed=DirectoryObject.Removed.NO,
        reading=number,
    )


def removals(tenant: Tenant, reasons: dict[str, str]) -> None:
    """Object id → "changed" or "deleted". What was never mirrored needs no tombstone; the last attributes are kept."""
    if not reasons:
        return
    with tenant.numbered() as number:
        for row in DirectoryObject.objects.filter(tenant=tenant, object_id__in=list(reasons)):
            reason = reasons[row.object_id]
            if row.removed != reason:
                DirectoryObject.objects.filter(pk=row.pk).update(removed=reason, reading=number)


def memberships(tenant: Tenant, rows: Iterable[tuple[str, str, bool]]) -> None:
    """(group id, member id, removed); later ones win. A membership that was never there needs no tombstone."""
    told = {(group_id, member_id): removed for group_id, member_id, removed in rows}
    groups, members = {pair[0] for pair in told}, {pair[1] for pair in told}
    with tenant.numbered() as number:
        mirrored = Membership.objects.filter(tenant=tenant, group_id__in=groups, member_id__in=members)
        known = {(row.group_id, row.member_id): row.removed for row in mirrored}
        changed = [
            Membership(tenant=tenant, group_id=group, member_id=member, removed=removed, reading=number)
            for (group, member), removed in told.items()
            if known.get((group, member), True) != removed
        ]
        bulk.upsert(changed, unique=["tenant", "group_id", "member_id"], update=["removed", "reading"])


ASSIGNMENT_FIELDS = ["principal_id", "principal_kind", "principal_name", "role_id", "removed", "reading"]


def assignments(tenant: Tenant, rows: Sequence[Assignment], removed: Sequence[str]) -> None:
    """Args:
    rows: unsaved rows of one application that are new or differ; their reading number is given here.
    removed: assignment ids that are proven to be gone.
    """
    if not rows and not removed:
        return
    with tenant.numbered() as number:
        for row in rows:
            row.reading = number
        bulk.upsert(rows, unique=["application", "assignment_id"], update=ASSIGNMENT_FIELDS)
        gone = Assignment.objects.filter(application__tenant=tenant, assignment_id__in=list(removed), removed=False)
        gone.update(removed=True, reading=number)
