"""What each role of an application gives: the rows of its role table."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.differences import record_changes, set_fields
from provisioning.actions.errors import refuse_if_any
from provisioning.actions.jobs import run_now
from provisioning.models import Application, AppRole


def update(
    role: AppRole,
    *,
    by: Actor,
    products: Collection[str] | None = None,
    admin_roles: Collection[str] | None = None,
    enabled: bool | None = None,
) -> bool:
    """Change what a role gives; None keeps. Everybody is decided anew. Returns whether anything differs.

    Whether a role may be assigned is the tenant's to say, except where the application is kept in the portal.
    """
    application = role.application
    problems = []
    if products is not None and (unknown := set(products) - set(known_products(application))):
        problems.append(("products", _("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))}))
    if admin_roles is not None and (unknown := set(admin_roles) - set(known_admin_roles(application))):
        problems.append(("admin_roles", _("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))}))
    if enabled is not None and enabled != role.enabled and not application.kept_here:
        problems.append(("enabled", _("Roles are switched on and off in the tenant.")))
    refuse_if_any(problems)
    wanted: dict[str, object] = {}
    for name, names in (("products", products), ("admin_roles", admin_roles)):
        if names is not None and set(names) != set(getattr(role, name)):
            wanted[name] = sorted(names)
    if enabled is not None:
        wanted["enabled"] = enabled
    with transaction.atomic():
        changes = set_fields(role, **wanted)
        if changes:
            application.job.decide_everybody_anew()
            run_now(application.job)
        return record_changes(by, Activity.UPDATE_ROLE, changes, application=application, target=str(role))


def known_products(application: Application) -> list[str]:
    """The products that a role can give: those of the template, and those that the account has licences for."""
    proposed = {name for row in application.template["rollcall"]["roles"] for name in row["products"]}
    licensed = {name for licence in application.licences for name in licence["products"]}
    return sorted(proposed | licensed)


def known_admin_roles(application: Application) -> list[str]:
    return sorted({name for row in application.template["rollcall"]["roles"] for name in row["adminRoles"]})
