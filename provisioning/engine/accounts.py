"""What the application's own account looks like: licences, protected accounts; kept on the application between
cycles.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from provisioning.connectors.base import AccountContext, Licence, RoleGrant, Target
from provisioning.errors import ConfigurationError
from provisioning.models import Account, Application, Job
from provisioning.sentences import Sentence


def account_context(job: Job, target: Target, now: datetime, *, fresh_since: datetime | None = None) -> AccountContext:
    """As stored, or read anew when older than `fresh_since`.

    A licence that came, went or changed its products makes the whole job dirty: what roles give may mean something
    else now.
    """
    application = job.application
    read_at = application.licences_read_at
    if fresh_since is None or (read_at is not None and read_at >= fresh_since):
        return stored_context(application)
    context = target.context()
    if application.account_key != context.account_key:
        _move(job, context.account_key)
    if _meaning(context.licences.values()) != _meaning(stored_context(application).licences.values()):
        job.decide_everybody_anew()
    _keep(application, context, now)
    context.managed_products, context.managed_admin_roles = managed(application)
    return context


def managed(application: Application) -> tuple[frozenset[str], frozenset[str]]:
    """Products and admin rights that the application's roles give: whatever else an account holds is left to it."""
    products = {product for role in application.roles.all() for product in role.products}
    rights = {right for role in application.roles.all() for right in role.admin_roles}
    return frozenset(products | {"G2M"}), frozenset(rights)


def _move(job: Job, account_key: str) -> None:
    """The credentials open another account than before: its accounts are listed and matched anew.

    Raises ConfigurationError when another application writes to that account already.
    """
    application = job.application
    others = Application.objects.filter(connector=application.connector, account_key=account_key)
    if other := others.exclude(pk=application.pk).first():
        raise ConfigurationError(
            Sentence(
                "%(other)s provisions this account already, and two applications must not fight over one. Delete one "
                "of the two, or enter the credentials of another account.",
                other=other,
            ),
            code="AccountInUse",
        )
    if application.account_facts.get("account_key", account_key) != account_key:
        Account.objects.filter(application=application).delete()
        job.accounts_listed_at = job.accounts_total = None
        job.save(update_fields=["accounts_listed_at", "accounts_total"])
        job.decide_everybody_anew()


def _keep(application: Application, context: AccountContext, now: datetime) -> None:
    application.licences = [asdict(licence) for licence in context.licences.values()]
    application.account_key = context.account_key
    application.account_facts = {
        "account_key": context.account_key,
        "own_key": context.own_key,
        "protected_keys": context.protected_keys,
        "groups": context.groups,
    }
    application.licences_read_at = now
    application.save(update_fields=["licences", "account_facts", "licences_read_at", "account_key"])


def stored_context(application: Application) -> AccountContext:
    """As last read, without a request: for explaining and previewing."""
    licences = [Licence(**{**row, "products": tuple(row["products"])}) for row in application.licences]
    products, rights = managed(application)
    return AccountContext(
        managed_products=products,
        managed_admin_roles=rights,
        licences={licence.key: licence for licence in licences},
        **application.account_facts,
    )


def _meaning(licences: Iterable[Licence]) -> set[tuple[str, tuple[str, ...], bool]]:
    return {(licence.key, licence.products, licence.enabled) for licence in licences}


def default_grant(application: Application) -> RoleGrant:
    """What somebody gets who is in scope without an assignment (Sync all): the template's preselected role."""
    row = next(row for row in application.template["rollcall"]["roles"] if row["preselected"])
    return RoleGrant(row["value"], tuple(row["products"]), tuple(row["adminRoles"]))
