"""Where a real set-up goes wrong: said on the overview before anybody has to ask."""

from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.assigned import DEFAULT_ACCESS_NAME
from portal.signs_of_life import Sign
from provisioning.models import Application, DirectoryObject, Job, Link
from provisioning.models.application import DEFAULT_ACCESS

LOOKED_AT = 2000
"""People whose addresses are compared: the overview asks every two seconds, and where addresses differ, many do."""


@dataclass(frozen=True)
class Caution:
    fact: str
    text: str
    href: str
    label: str


def cautions(application: Application, missing: list[Sign], *, assigned: int) -> list[Caution]:
    """The most important first. `assigned`: how many assignments there are."""
    found = [Caution(sign.fact, str(sign.remedy), reverse("health"), _("Health")) for sign in missing]
    if application.job.scope == Job.Scope.ASSIGNED:
        found += _of_assignments(application, assigned)
    return [*found, *_of_addresses(application)]


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


def _of_addresses(application: Application) -> list[Caution]:
    """GoTo signs people in by their mail address; the mapping proposes the user principal name."""
    links = Link.objects.filter(job=application.job, account__isnull=False, disabled_at=None)
    people = DirectoryObject.objects.filter(pk__in=links.values("subject")[:LOOKED_AT])
    differing = people.exclude(mail="").exclude(mail__iexact=F("user_principal_name"))[:100].count()
    mapped = {
        row["targetAttributeName"]: (row.get("source") or {}).get("name")
        for rule in application.job.schema["synchronizationRules"]
        for mapping in rule["objectMappings"]
        for row in mapping["attributeMappings"]
    }
    if not differing or mapped.get("userName") != "userPrincipalName":
        return []
    fact = ngettext(
        "%(count)d person's mail address is not their user principal name.",
        "%(count)d people's mail addresses are not their user principal names.",
        differing,
    ) % {"count": differing}
    text = _("If single sign-on uses the mail address, map mail to userName instead.")
    return [Caution(fact, text, reverse("mapping", args=(application.pk,)), _("Attribute Mappings"))]
