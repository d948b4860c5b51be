"""Where a real set-up goes wrong: said on the overview before anybody has to ask."""

from django.db.models import F
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.assigned import DEFAULT_ACCESS_NAME
from portal.directory import member_counts
from portal.signs_of_life import Sign
from portal.surroundings import Caution, Disk, of_connection, of_machine
from provisioning.models import Application, DirectoryObject, Job, Link
from provisioning.models.application import DEFAULT_ACCESS

MANY = 50
"""Welcome mails of which an administrator should have heard before."""
SUPPRESS = "suppressEmail"
LOOKED_AT = 2000
"""People whose addresses are compared: the overview asks every two seconds, and where addresses differ, many do."""


def cautions(
    application: Application, missing: list[Sign], *, assigned: int, disk: Disk | None = None
) -> list[Caution]:
    """The most important first. `assigned`: how many assignments there are; a `disk` of None is not looked at."""
    tenant = application.tenant
    found = [*of_machine(missing, disk, [tenant]), *of_connection(tenant, now().date()), *_of_microsoft(application)]
    if application.job.scope == Job.Scope.ASSIGNED:
        found += _of_assignments(application, assigned)
    return [*found, *_of_welcome_mails(application), *_of_addresses(application)]


def _of_microsoft(application: Application) -> list[Caution]:
    if not application.microsoft_provisions:
        return []
    fact = _("Microsoft's own provisioning of this application is on as well.")
    text = _("Two services would write the same accounts. Stop it in the Entra admin center, under Provisioning.")
    return [Caution(fact, text, "", "")]


def _of_assignments(application: Application, assigned: int) -> list[Caution]:
    users, label = reverse("users", args=(application.pk,)), _("Users and groups")
    if not assigned:
        if not application.job.enabled:
            return []
        text = _("Only who is assigned is provisioned. Begin with one person.")
        return [Caution(_("Nobody is assigned yet."), text, users, label)]
    entitles = application.template["rollcall"]["defaultAccessEntitles"]
    with_role = application.assignments.filter(removed=False).exclude(role_id=DEFAULT_ACCESS)
    if entitles or with_role.exists():
        return []
    fact = _("Everybody is assigned with %(role)s only.") % {"role": DEFAULT_ACCESS_NAME}
    return [Caution(fact, _("Nobody is provisioned until a role of the application is chosen."), users, label)]


def _of_welcome_mails(application: Application) -> list[Caution]:
    """Before the first cycle: later ones create few. Groups are counted by their members, so it is the most there can
    be.
    """
    job = application.job
    if job.steady_first_at is not None or _mapped(job).get(SUPPRESS) != "False":
        return []
    live = application.assignments.filter(removed=False)
    groups = list(live.filter(principal_kind="group").values_list("principal_id", flat=True))
    members = member_counts(application.tenant_id, groups)
    count = live.filter(principal_kind="user").count() + members.total()
    if count < MANY:
        return []
    fact = _("The first cycle sends up to %(count)s people a welcome mail.") % {
        "count": number_format(count, force_grouping=True)
    }
    text = _("The constant of the mapping suppressEmail decides: True sends none.")
    return [Caution(fact, text, reverse("mapping", args=(application.pk,)), _("Attribute Mappings"))]


def _mapped(job: Job) -> dict[str, str | None]:
    """Target attribute → the name of its source, or its constant."""
    return {
        row["targetAttributeName"]: (row.get("source") or {}).get("name")
        for rule in job.schema["synchronizationRules"]
        for mapping in rule["objectMappings"]
        for row in mapping["attributeMappings"]
    }


def _of_addresses(application: Application) -> list[Caution]:
    """GoTo signs people in by their mail address; the mapping proposes the user principal name."""
    links = Link.objects.filter(job=application.job, account__isnull=False, disabled_at=None)
    people = DirectoryObject.objects.filter(pk__in=links.values("subject")[:LOOKED_AT])
    differing = people.exclude(mail="").exclude(mail__iexact=F("user_principal_name"))[:100].count()
    if not differing or _mapped(application.job).get("userName") != "userPrincipalName":
        return []
    fact = ngettext(
        "%(count)d person's mail address is not their user principal name.",
        "%(count)d people's mail addresses are not their user principal names.",
        differing,
    ) % {"count": differing}
    text = _("If single sign-on uses the mail address, map mail to userName instead.")
    return [Caution(fact, text, reverse("mapping", args=(application.pk,)), _("Attribute Mappings"))]
