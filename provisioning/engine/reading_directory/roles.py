"""The application's roles as the tenant has them; what each gives is the application's own, editable table."""

from django.db import transaction

from provisioning.connectors.graph.records import AppRole as ToldRole
from provisioning.connectors.graph.source import GraphSource
from provisioning.engine.reading_directory import suspicion
from provisioning.errors import ReadingRefused
from provisioning.models import Application, AppRole
from provisioning.sentences import Sentence


def refresh(application: Application, source: GraphSource) -> None:
    """Import the service principal's roles. A changed set makes the whole job dirty.

    Raises ReadingRefused when the enterprise application is gone, or its roles are left out: nobody is removed for
    that.
    """
    principal = source.service_principal(application.service_principal_id)
    if principal is None:
        raise ReadingRefused(
            Sentence(
                "The enterprise application of %(application)s no longer exists in the tenant. Restore it there, or "
                "connect this application to another one.",
                application=application,
            ),
            code="ServicePrincipalNotFound",
        )
    told = {role.id: role for role in principal.roles if "User" in role.member_types}
    known = {role.role_id: role for role in application.roles.all()}
    changed = [role for role_id, role in told.items() if _differs(known.get(role_id), role)]
    dropped = [role for role_id, role in known.items() if role_id not in told and role.enabled]
    suspicion.missing_roles(application, dropped, source)
    with transaction.atomic():
        for role in changed:
            _import(application, known.get(role.id), role)
        for gone in dropped:
            gone.enabled = False
            gone.save(update_fields=["enabled"])
        if changed or dropped:
            application.job.decide_everybody_anew()


def _differs(known: AppRole | None, told: ToldRole) -> bool:
    return known is None or (known.value, known.display_name, known.enabled) != (
        told.value,
        told.display_name,
        told.enabled,
    )


def _import(application: Application, known: AppRole | None, told: ToldRole) -> None:
    role = known or AppRole(application=application, role_id=told.id)
    role.value, role.display_name, role.enabled = told.value, told.display_name, told.enabled
    if known is None:
        proposal = proposed_grant(application, role.value)
        role.products, role.admin_roles = proposal["products"], proposal["adminRoles"]
    role.save()


def proposed_grant(application: Application, value: str) -> dict[str, list[str]]:
    """What a fresh role table gives this role: the template's row of the same value, else its row for unknown roles."""
    ours = application.template["rollcall"]
    rows = (row for row in ours["roles"] if row["value"].lower() == value.lower())
    found = next(rows, ours["unknownRole"])
    return {"products": found["products"], "adminRoles": found["adminRoles"]}
