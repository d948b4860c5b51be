"""Enterprise applications: added from the gallery, renamed, deleted."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from provisioning import gallery
from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.differences import record_changes, set_fields
from provisioning.actions.errors import refuse, refuse_if_any
from provisioning.engine.reading_directory.roles import proposed_grant
from provisioning.models import Application, AppRole, AuditEntry, Installation, Job, Tenant


@dataclass(frozen=True)
class ServicePrincipal:
    """An enterprise application of the tenant, as a worker was told of it."""

    id: str
    app_id: str
    display_name: str
    roles: tuple[Mapping[str, Any], ...] = ()
    """[{"id", "value", "displayName", "enabled"}]"""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "ServicePrincipal":
        """From an answer to the questions service_principals and instantiate."""
        return cls(answer["id"], answer["appId"], answer["displayName"], tuple(answer["roles"]))


def add(
    tenant: Tenant,
    template_id: str,
    *,
    display_name: str,
    by: Actor,
    service_principal: ServicePrincipal | None = None,
) -> Application:
    """Add an application of the gallery, with a provisioning job that is off.

    Args:
        service_principal: the tenant's own enterprise application; None keeps roles and assignments in the portal. For
            a new one in the tenant, ask `questions.instantiate` first.
    """
    if template_id not in gallery.stored():
        raise refuse(_("The gallery has no application %(id)s.") % {"id": template_id}, "template_id")
    template = gallery.template(template_id)
    name = display_name.strip()
    problems = _name_problems(tenant, name)
    if service_principal and (taken := _provisioned_by(tenant, service_principal.id)):
        problems.append(
            (
                "service_principal",
                _("%(application)s is connected to this enterprise application already.") % {"application": taken},
            )
        )
    refuse_if_any(problems)
    with transaction.atomic():
        application = Application.objects.create(
            tenant=tenant,
            template_id=template_id,
            connector=template["rollcall"]["connector"],
            display_name=name,
            service_principal_id=service_principal.id if service_principal else "",
            app_id=service_principal.app_id if service_principal else "",
        )
        _add_roles(application, service_principal)
        subject = service_principal.id if service_principal else str(uuid.uuid4())
        Job.objects.create(
            application=application,
            job_id=f"{template_id}.{tenant.tenant_id.replace('-', '')}.{subject}",
            schema=template["schema"],
            interval=Installation.in_force().interval,
        )
        where = service_principal.display_name if service_principal else None
        changes = [
            {"name": "template", "old": None, "new": template_id},
            {"name": "service_principal", "old": None, "new": where},
        ]
        AuditEntry.record(by, Activity.ADD_APPLICATION, application=application, changes=changes)
    return application


def rename(application: Application, display_name: str, *, by: Actor) -> bool:
    """Returns whether the name differs."""
    name = display_name.strip()
    refuse_if_any(_name_problems(application.tenant, name, application))
    with transaction.atomic():
        changes = set_fields(application, display_name=name)
        return record_changes(by, Activity.UPDATE_APPLICATION, changes, application=application)


def delete(application: Application, *, by: Actor) -> None:
    """Forget an application with its job, links, logs and mirrors. Accounts and assignments stay as they are.

    Refused while provisioning is on or a worker has the job in hand.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(application=application).first()
        if job and job.enabled:
            raise refuse(_("Stop provisioning first."))
        if job and Job.objects.filter(pk=job.pk, leased_until__gt=Now()).exists():
            raise refuse(_("A worker is still ending its work on this application. Try again in half a minute."))
        AuditEntry.record(by, Activity.REMOVE_APPLICATION, tenant=application.tenant, target=application.display_name)
        application.delete()


def _add_roles(application: Application, service_principal: ServicePrincipal | None) -> None:
    """The tenant's roles as they are; kept here: the template's."""
    if service_principal:
        rows = [{**role, **proposed_grant(application, role["value"])} for role in service_principal.roles]
    else:
        rows = [{**role, "id": str(uuid.uuid4())} for role in application.template["rollcall"]["roles"]]
    AppRole.objects.bulk_create(
        AppRole(
            application=application,
            role_id=row["id"],
            value=row["value"],
            display_name=row["displayName"],
            enabled=row["enabled"],
            products=row["products"],
            admin_roles=row["adminRoles"],
        )
        for row in rows
    )


def _provisioned_by(tenant: Tenant, service_principal_id: str) -> Application | None:
    return Application.objects.filter(tenant=tenant, service_principal_id=service_principal_id).first()


def _name_problems(tenant: Tenant, name: str, itself: Application | None = None) -> list[tuple[str, str]]:
    if not 1 <= len(name) <= 200:
        return [("display_name", _("The name has 1 to 200 characters."))]
    others = Application.objects.filter(tenant=tenant, display_name__iexact=name)
    if itself is not None:
        others = others.exclude(pk=itself.pk)
    if others.exists():
        return [("display_name", _("The tenant has an application of this name already."))]
    return []
