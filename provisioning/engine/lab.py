"""The lab on the mirrors: an expression for one person, and for everybody. No request, nothing is written.

Random values are drawn from a seed of the lab's own: what will be sent stays unknown until it is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import orjson
from django.db.models import QuerySet

from provisioning.engine.accounts import default_grant
from provisioning.engine.planning.people import Assignments
from provisioning.engine.planning.unique import taken
from provisioning.engine.reading_directory import feeds
from provisioning.expressions import Context, Expression, Result, Value
from provisioning.mapping import AttributeDefinition, ObjectMapping
from provisioning.mapping.attribute_mapping import compile_attribute_mapping
from provisioning.mapping.lab import Findings, Keyed, try_on_everybody
from provisioning.models import Account, Change, DirectoryObject, Job, Membership
from provisioning.models.extracts import MOST, Extract

SEED = "lab"
ROLES = "appRoleAssignments"
ADDED = feeds.COMPUTED | {"objectId"}
"""What `computed` adds to the attributes that the mirror keeps."""
PATIENCE = timedelta(seconds=20)
"""How long somebody waits for everybody; only an expression with slow patterns takes so long."""
CHUNK = 5_000

Roles = Callable[[str], list[str]]


def try_out(
    job: Job,
    mapping: ObjectMapping,
    expression: Expression,
    target: str,
    now: datetime,
    *,
    patience: timedelta = PATIENCE,
    limit: int = 5,
) -> Findings:
    """Evaluate for everybody in the mirrored directory, against what `mapping` gives `target` today."""
    today = mapping.by_target.get(target)
    names = expression.attributes | (today.attributes if today else frozenset())
    asks = expression.unique or (today is not None and today.expression is not None and today.expression.unique)
    context = Context(now, SEED, known_values(job)) if asks else Context(now, SEED)
    definition = mapping.definitions.get(target)
    until = monotonic() + patience.total_seconds()
    return try_on_everybody(
        expression,
        people(job, names),
        context,
        definition=definition,
        fitted=fitting(definition) if definition else None,
        today=today.evaluate if today else None,
        limit=limit,
        enough=lambda: monotonic() > until,
    )


def fitting(definition: AttributeDefinition) -> Callable[[Result], Value] | None:
    """Everything reads as a text; what does not read as a number, or as true or false, fails."""
    if definition.multivalued or definition.type not in ("Boolean", "Integer"):
        return None
    return compile_attribute_mapping({"source": None}, definition).fitted


def context_of(job: Job, person: DirectoryObject, now: datetime) -> Context:
    return Context(now, f"{SEED}/{person.object_id}", taken(job))


def source_of(job: Job, person: DirectoryObject) -> dict[str, Any]:
    """One person with everything that an expression may read."""
    return {**person.attributes, **computed(person.object_id, roles_of_one(job, person.object_id))}


def people(job: Job, names: Collection[str]) -> Iterator[Keyed]:
    """Everybody as (object id, attributes), with no more attributes than `names`."""
    stored = sorted(set(names) - ADDED)
    users = DirectoryObject.objects.filter(
        tenant=job.application.tenant_id, kind=DirectoryObject.Kind.USER, removed=DirectoryObject.Removed.NO
    ).order_by("pk")
    rows = read(users, stored) if stored else without_attributes(users)
    if set(names).isdisjoint(ADDED):
        return rows
    roles = roles_of_all(job) if ROLES in names else no_roles
    return ((key, {**attributes, **computed(key, roles(key))}) for key, attributes in rows)


def read(users: QuerySet[DirectoryObject], names: list[str]) -> Iterator[Keyed]:
    if len(names) > MOST or any('"' in name for name in names):
        yield from users.values_list("object_id", "attributes").iterator(chunk_size=CHUNK)
        return
    asked = names if len(names) > 1 else names * 2
    for key, values in users.values_list("object_id", Extract("attributes", asked)).iterator(chunk_size=CHUNK):
        yield key, dict(zip(asked, orjson.loads(values), strict=True))


def without_attributes(users: QuerySet[DirectoryObject]) -> Iterator[Keyed]:
    for key in users.values_list("object_id", flat=True).iterator(chunk_size=CHUNK):
        yield key, {}


def computed(object_id: str, roles: list[str]) -> dict[str, Any]:
    return {"objectId": object_id, "IsSoftDeleted": "False", ROLES: roles}


def no_roles(object_id: str) -> list[str]:
    return []


def roles_of_one(job: Job, object_id: str) -> list[str]:
    memberships = Membership.objects.filter(tenant=job.application.tenant_id, member_id=object_id, removed=False)
    groups = list(memberships.values_list("group_id", flat=True))
    assignments = Assignments.of(job.application, [object_id, *groups])
    return granted(
        assignments, object_id, [each for each in groups if each in assignments.groups], everybodys_role(job)
    )


def roles_of_all(job: Job) -> Roles:
    """What gives anybody's roles, as expressions see them."""
    assignments, otherwise = Assignments.of(job.application), everybodys_role(job)
    memberships = Membership.objects.filter(
        tenant=job.application.tenant_id, group_id__in=list(assignments.groups), removed=False
    )
    groups: dict[str, list[str]] = defaultdict(list)
    for group, member in memberships.values_list("group_id", "member_id").iterator(chunk_size=CHUNK):
        groups[member].append(group)
    return lambda object_id: granted(assignments, object_id, groups.get(object_id, ()), otherwise)


def granted(assignments: Assignments, object_id: str, groups: Iterable[str], otherwise: list[str]) -> list[str]:
    grants = assignments.entitlement(object_id, groups).grants
    return [grant.value for grant in grants] or otherwise


def everybodys_role(job: Job) -> list[str]:
    """Of those who are in scope without an assignment."""
    return [default_grant(job.application).value] if job.scope == Job.Scope.ALL else []


def known_values(job: Job) -> Callable[[str], bool]:
    """As `unique.taken`, asked a hundred thousand times: all values at once."""
    accounts = Account.objects.filter(application=job.application_id, removed=False).values_list("user_name", flat=True)
    claims = Change.objects.filter(job=job, status__in=Change.OPEN).exclude(claim="").values_list("claim", flat=True)
    known = {*accounts.iterator(chunk_size=CHUNK), *claims.iterator(chunk_size=CHUNK)}
    return lambda value: value.lower() in known
