"""Users and groups: who is assigned to an application, with which role.

The directory is the truth: for an enterprise application of the tenant a worker writes them through Graph, and the rows
appear by reading. Only what is kept in the portal is written here.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.errors import refuse
from provisioning.models import Application, Assignment, AuditEntry, DirectoryObject, Question
from provisioning.models.application import DEFAULT_ACCESS
from provisioning.tasks.messages import ask_soon

ADDED = {"user": Activity.ASSIGN_USER, "group": Activity.ASSIGN_GROUP}
TAKEN = {"user": Activity.UNASSIGN_USER, "group": Activity.UNASSIGN_GROUP}


@dataclass(frozen=True)
class Principal:
    """Somebody to assign: `kind` is "user" or "group", `id` the object id in the directory."""

    id: str
    kind: str
    name: str

    @classmethod
    def of(cls, row: DirectoryObject) -> "Principal":
        return cls(row.object_id, row.kind.lower(), str(row))


def assign(application: Application, principals: Sequence[Principal], role_id: str, *, by: Actor) -> Question | None:
    """Give several people and groups a role. Whoever has it already stays as they are.

    Returns the question whose answer tells how it ended in the tenant; None when nothing had to be asked there.
    """
    role = _role_name(application, role_id)
    with transaction.atomic():
        held = _live(application).filter(role_id=role_id).values_list("principal_id", flat=True)
        new = [principal for principal in principals if principal.id not in set(held)]
        if not new:
            return None
        for principal in new:
            _record(by, ADDED, application, principal.kind, principal.name, None, role)
        if application.kept_here:
            _write(application, new, role_id)
            return None
        return _ask(application, by, add=[_wanted(principal.id, principal.name, role_id) for principal in new])


def change_role(assignments: Sequence[Assignment], role_id: str, *, by: Actor) -> Question | None:
    """Give other rows of one application this role; nobody is without one in between. Returns as `assign`."""
    rows = [row for row in assignments if row.role_id != role_id]
    if not rows:
        return None
    application = _application(rows)
    role = _role_name(application, role_id)
    with transaction.atomic():
        for row in rows:
            old = _role_name(application, row.role_id, known=False)
            _record(by, ADDED, application, row.principal_kind, row.principal_name, old, role)
        if not application.kept_here:
            return _ask(
                application,
                by,
                add=[_wanted(row.principal_id, row.principal_name, role_id) for row in rows],
                remove=[row.assignment_id for row in rows],
            )
        _bury(application, rows)
        held = set(_live(application).filter(role_id=role_id).values_list("principal_id", flat=True))
        principals = [Principal(row.principal_id, row.principal_kind, row.principal_name) for row in rows]
        _write(application, {each.id: each for each in principals if each.id not in held}.values(), role_id)
    return None


def remove(assignments: Sequence[Assignment], *, by: Actor) -> Question | None:
    """Take rows of one application away. Returns as `assign`."""
    if not assignments:
        return None
    application = _application(assignments)
    with transaction.atomic():
        for row in assignments:
            role = _role_name(application, row.role_id, known=False)
            _record(by, TAKEN, application, row.principal_kind, row.principal_name, role, None)
        if not application.kept_here:
            return _ask(application, by, remove=[row.assignment_id for row in assignments])
        _bury(application, assignments)
    return None


def _live(application: Application) -> Any:
    return Assignment.objects.filter(application=application, removed=False)


def _application(assignments: Sequence[Assignment]) -> Application:
    applications = {row.application_id for row in assignments}
    if len(applications) != 1:
        raise ValueError("the assignments of one application at a time")
    return assignments[0].application


def _role_name(application: Application, role_id: str, *, known: bool = True) -> str:
    """Raises ActionRefused for a role that cannot be given, unless it is only to be named (`known` False)."""
    if role_id == DEFAULT_ACCESS:
        return "Default Access"
    role = application.roles.filter(role_id=role_id).first()
    if role is None:
        if known:
            raise refuse(_("The application has no such role."), "role_id")
        return role_id
    if known and not role.enabled:
        raise refuse(_("The role %(role)s is switched off.") % {"role": role}, "role_id")
    return str(role)


def _wanted(principal_id: str, name: str, role_id: str) -> dict[str, str]:
    return {"principalId": principal_id, "principalName": name, "roleId": role_id}


def _ask(application: Application, by: Actor, **arguments: Any) -> Question:
    question = Question.objects.create(
        kind=Question.Kind.ASSIGN,
        tenant=application.tenant,
        application=application,
        arguments=arguments,
        asked_by=by.get_username() if by else "",
    )
    ask_soon(question.pk)
    return question


def _write(application: Application, principals: Iterable[Principal], role_id: str) -> None:
    with application.tenant.numbered() as number:
        Assignment.objects.bulk_create(
            Assignment(
                application=application,
                assignment_id=str(uuid.uuid4()),
                principal_id=principal.id,
                principal_kind=principal.kind,
                principal_name=principal.name[:300],
                role_id=role_id,
                reading=number,
            )
            for principal in principals
        )


def _bury(application: Application, assignments: Iterable[Assignment]) -> None:
    """As tombstones, so that those who lose access are known to have had it."""
    with application.tenant.numbered() as number:
        rows = Assignment.objects.filter(pk__in=[row.pk for row in assignments], removed=False)
        rows.update(removed=True, reading=number)


def _record(
    by: Actor,
    activities: dict[str, Activity],
    application: Application,
    kind: str,
    name: str,
    old: str | None,
    new: str | None,
) -> None:
    AuditEntry.record(
        by,
        activities.get(kind, activities["user"]),
        application=application,
        target=f"{name} · {application}"[:300],
        changes=[{"name": "role", "old": old, "new": new}],
    )
