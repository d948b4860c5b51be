"""The people and groups that a form names by their ids: known from the mirror, or from what the tenant just told."""

from collections.abc import Sequence

from provisioning.actions.assignments import Principal
from provisioning.models import DirectoryObject, Question, Tenant

MOST = 500
"""At once; more would be a list that nobody has read."""


def chosen_principals(tenant: Tenant, ids: Sequence[str]) -> list[Principal]:
    """In their order, each once; an id that nobody told us of is left out."""
    wanted = list(dict.fromkeys(ids))[:MOST]
    known = {
        row.object_id: Principal.of(row)
        for row in DirectoryObject.objects.filter(tenant=tenant, object_id__in=wanted, removed="")
    }
    if len(known) < len(wanted):
        known = {**_just_told(tenant), **known}
    return [known[each] for each in wanted if each in known]


def _just_told(tenant: Tenant) -> dict[str, Principal]:
    answered = Question.objects.filter(tenant=tenant, kind=Question.Kind.SEARCH, answer__isnull=False)
    return {
        each["id"]: Principal(each["id"], each["kind"], each["displayName"] or each["userPrincipalName"])
        for question in answered.order_by("-pk")[:20]
        for each in question.answer
    }
