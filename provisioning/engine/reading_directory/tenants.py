"""One reading of a tenant for all of its applications."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from provisioning.connectors.graph.names import graph_select
from provisioning.connectors.graph.source import GraphSource
from provisioning.engine import trouble
from provisioning.engine.holding import Holding
from provisioning.engine.reading_directory import feeds, rounds, taking_in
from provisioning.errors import Halted, ProvisioningError, ReadingRefused
from provisioning.models import Assignment, DirectoryObject, Feed, Membership, Tenant

log = logging.getLogger(__name__)

READ_BY_OTHERS = ["select", "read_select", "group_ids", "delta_link", "began_at", "full_round_at"]

ASKED_AT_ONCE = 200
"""People that assignments or memberships name and no round has told of yet: asked for one by one, this many a
reading.
"""


def read_tenant(
    tenant: Tenant, open_source: Callable[[Tenant], GraphSource], *, since: datetime, now: datetime
) -> bool:
    """Read every feed whose last good round was begun before `since`. False: some are being read by another worker.

    Trouble is recorded on the feed and the tenant, mailed once; the mirror stands as it was. Whatever concerns one feed
    alone leaves the others to be read, so that an application without trouble goes on; anything else ends this reading.
    """
    refused: list[ReadingRefused] = []
    try:
        source = open_source(tenant)
        feeds.ensure_feeds(tenant)
        before = tenant.reading_number
        done = _read(Feed.objects.filter(tenant=tenant).exclude(kind=Feed.Kind.MEMBERS), source, since, now, refused)
        feeds.allot_groups(tenant)
        done = _read(Feed.objects.filter(tenant=tenant, kind=Feed.Kind.MEMBERS), source, since, now, refused) and done
        _ask_for_strangers(tenant, source, before)
        if refused:
            raise refused[0]
    except Halted:
        return False
    except ProvisioningError as error:
        log.warning("The directory of %s could not be read: %s", tenant, error)
        trouble.record(tenant, error, now)
        return True
    trouble.clear(tenant, now)
    return done


def _read(
    wanted: QuerySet[Feed], source: GraphSource, since: datetime, now: datetime, refused: list[ReadingRefused]
) -> bool:
    """`refused` collects why a feed could not be believed."""
    done = True
    for pk in list(wanted.order_by("pk").values_list("pk", flat=True)):
        feed = Feed.objects.select_related("tenant", "application").filter(pk=pk).first()
        if feed is None or (feed.began_at and feed.began_at >= since):
            continue
        if (token := feed.claim(settings.LEASE)) is None:
            done = False
            continue
        with Holding(feed, token, settings.LEASE) as holding:
            feed.refresh_from_db(fields=READ_BY_OTHERS)  # who held it until now may have read it
            try:
                rounds.read(feed, source, holding, now)
            except ReadingRefused as error:
                _record(feed, error, now)
                refused.append(error)
            except ProvisioningError as error:
                _record(feed, error, now)
                raise
    return done


def _record(feed: Feed, error: ProvisioningError, now: datetime) -> None:
    Feed.objects.filter(pk=feed.pk).update(error_code=error.code, error=error.message, error_at=now)


def _ask_for_strangers(tenant: Tenant, source: GraphSource, before: int) -> None:
    """People that this reading's assignments and memberships name, but no round has told of: a new user may come
    late.
    """
    named = set(
        Assignment.objects.filter(
            application__tenant=tenant, removed=False, principal_kind="user", reading__gt=before
        ).values_list("principal_id", flat=True)
    ) | set(
        Membership.objects.filter(tenant=tenant, removed=False, reading__gt=before).values_list("member_id", flat=True)
    )
    known = set(DirectoryObject.objects.filter(tenant=tenant).values_list("object_id", flat=True)) if named else set()
    users = Feed.objects.get(tenant=tenant, kind=Feed.Kind.USERS)
    strangers = sorted(named - known)[:ASKED_AT_ONCE]
    rows = [source.user(object_id, graph_select(users.select)) for object_id in strangers]
    found = [(row.id, row.attributes) for row in rows if not row.removed]
    if found:
        taking_in.objects(tenant, DirectoryObject.Kind.USER, found, whole=True)
