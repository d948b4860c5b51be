"""Which rounds a tenant needs, and how fresh they are."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime

from django.db.models import Q

from provisioning.errors import ConfigurationError
from provisioning.mapping import compile_mapping
from provisioning.models import Application, Assignment, Feed, Job, Question, Tenant

GROUPS_A_FEED = 50
"""What one `$filter=id eq …` of groups/delta takes. Source: Microsoft Graph v1.0, "group: delta"."""

ALWAYS_READ = frozenset({"objectId", "userPrincipalName", "displayName", "mail", "accountEnabled", "userType"})
"""What deciding, searching and the pages need, whatever the mappings say."""
COMPUTED = frozenset({"IsSoftDeleted", "appRoleAssignments"})
"""What the engine adds to the attributes that the directory keeps."""
GROUP_ATTRIBUTES = ["displayName", "mail", "objectId", "securityEnabled"]


def source_attributes(tenant: Tenant) -> list[str]:
    """The union of what the mappings of the tenant's jobs need: several applications share one reading.

    With what a mapping needs that is not saved yet, where somebody asked for it to be read.
    """
    needed = set(ALWAYS_READ)
    for schema in Job.objects.filter(application__tenant=tenant).values_list("schema", flat=True):
        needed |= compile_mapping(schema).source_attributes
    asked = Question.objects.filter(tenant=tenant, kind=Question.Kind.IMPACT, arguments__read=True)
    for schema in asked.values_list("arguments__schema", flat=True):
        with suppress(ConfigurationError):
            needed |= compile_mapping(schema).source_attributes
    return sorted(needed - COMPUTED)


def ensure_feeds(tenant: Tenant) -> None:
    """The feeds of objects and assignments; a feed whose selection grew starts again with a full round."""
    users, _ = Feed.objects.get_or_create(tenant=tenant, kind=Feed.Kind.USERS)
    _select(users, source_attributes(tenant))
    groups, _ = Feed.objects.get_or_create(tenant=tenant, kind=Feed.Kind.GROUPS)
    _select(groups, GROUP_ATTRIBUTES)
    for application in tenant.applications.exclude(service_principal_id=""):
        Feed.objects.get_or_create(tenant=tenant, kind=Feed.Kind.ASSIGNMENTS, application=application)


def _select(feed: Feed, attributes: list[str]) -> None:
    """Unread attributes lead to a full round, also when the selection grew while a round of the old one was read."""
    unread = set(attributes) - set(feed.read_select)
    if feed.select == attributes and not (unread and feed.delta_link):
        return
    feed.select = attributes
    if unread:
        feed.delta_link, feed.began_at = "", None
    feed.save(update_fields=["select", "delta_link", "began_at"])


def allot_groups(tenant: Tenant) -> None:
    """Spread the assigned groups over feeds of fifty; a feed that gets other groups starts again with a full round."""
    assigned = Assignment.objects.filter(application__tenant=tenant, removed=False, principal_kind="group")
    wanted = sorted(set(assigned.values_list("principal_id", flat=True)))
    feeds = list(Feed.objects.filter(tenant=tenant, kind=Feed.Kind.MEMBERS).order_by("pk"))
    read_already = {group for feed in feeds for group in feed.group_ids}
    newcomers = [group for group in wanted if group not in read_already]
    for feed in feeds:
        kept = [group for group in feed.group_ids if group in wanted]
        room = GROUPS_A_FEED - len(kept)
        added, newcomers = newcomers[:room], newcomers[room:]
        if not kept and not added:
            feed.delete()
        elif added or len(kept) < len(feed.group_ids) // 2:
            _set_groups(feed, kept + added)
    while newcomers:
        Feed.objects.create(tenant=tenant, kind=Feed.Kind.MEMBERS, group_ids=newcomers[:GROUPS_A_FEED])
        newcomers = newcomers[GROUPS_A_FEED:]


def _set_groups(feed: Feed, group_ids: list[str]) -> None:
    feed.group_ids, feed.delta_link, feed.began_at = group_ids, "", None
    feed.save(update_fields=["group_ids", "delta_link", "began_at"])


def feeds_of(application: Application) -> Iterable[Feed]:
    """The feeds that this application's plans are made from."""
    groups = set(
        application.assignments.filter(removed=False, principal_kind="group").values_list("principal_id", flat=True)
    )
    own = Feed.objects.filter(tenant=application.tenant).filter(Q(application=None) | Q(application=application))
    return [feed for feed in own if feed.kind != Feed.Kind.MEMBERS or groups & set(feed.group_ids)]


def is_fresh(application: Application, since: datetime) -> bool:
    """Whether everything this application needs was read by a round begun at `since` or later."""
    feeds = list(feeds_of(application))
    kinds = {feed.kind for feed in feeds}
    needed = {Feed.Kind.USERS, Feed.Kind.GROUPS}
    if not application.kept_here:
        needed.add(Feed.Kind.ASSIGNMENTS)
    if not needed <= kinds:
        return False
    covered = {group for feed in feeds for group in feed.group_ids}
    assigned = application.assignments.filter(removed=False, principal_kind="group")
    if not set(assigned.values_list("principal_id", flat=True)) <= covered:
        return False
    return all(feed.began_at and feed.began_at >= since for feed in feeds) and not needs_full_round(application)


def needs_full_round(application: Application) -> bool:
    """Whether a mapping needs an attribute that no finished round has asked for: unread is not null."""
    return bool(unread(application.tenant, compile_mapping(application.job.schema).source_attributes | ALWAYS_READ))


def unread(tenant: Tenant, names: Collection[str]) -> frozenset[str]:
    """Those of `names` that no finished round has asked for of people; all of them before the first round."""
    users = Feed.objects.filter(tenant=tenant, kind=Feed.Kind.USERS).first()
    return frozenset(names) - COMPUTED - {"objectId"} - set(users.read_select if users else ())


def forget_links(tenant: Tenant) -> None:
    """Restart: the next round of every feed is a full one."""
    Feed.objects.filter(tenant=tenant).update(delta_link="", began_at=None)
