"""One feed: read a round to its end, check it, take it in."""

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction

from provisioning.connectors.graph.names import graph_select
from provisioning.connectors.graph.records import Kind, Page
from provisioning.connectors.graph.source import GraphSource
from provisioning.engine.holding import Holding
from provisioning.engine.reading_directory import roles, suspicion, taking_in
from provisioning.engine.reading_directory.kinds import OBJECT_KIND
from provisioning.engine.spool import Spool
from provisioning.errors import DeltaLinkExpired
from provisioning.models import Assignment, Feed

log = logging.getLogger(__name__)

BATCH = 1000

FULL_ROUND_EVERY = timedelta(days=7)
"""News that an answer left out without anybody being able to tell arrive with the next full round."""

PROGRESS = ["delta_link", "read_select", "began_at", "read_at", "full_round_at", "error_code", "error", "error_at"]


def read(feed: Feed, source: GraphSource, holding: Holding, now: datetime) -> None:
    """Bring the mirror up to date from one feed.

    Raises ReadingRefused when the round was broken or not believable; the mirror is then as it was. `now` is the time
    before
    the first request: changes made earlier are in the mirror afterwards.
    """
    asked = _asked(feed)
    if not feed.full_round_at or now - feed.full_round_at > FULL_ROUND_EVERY:
        feed.delta_link = ""
    if feed.kind == Feed.Kind.ASSIGNMENTS:
        _read_assignments(feed, source)
        feed.full_round_at = now
    else:
        try:
            _read_round(feed, source, holding, now)
        except DeltaLinkExpired as expired:
            log.info("The delta link of %s is no longer good (%s); reading from the start", feed, expired)
            feed.delta_link = ""
            _read_round(feed, source, holding, now)
    feed.began_at = feed.read_at = now
    feed.error_code, feed.error, feed.error_at = "", "", None
    with transaction.atomic():
        if _asked(Feed.objects.select_for_update().get(pk=feed.pk)) == asked:
            feed.save(update_fields=PROGRESS)
        else:  # Restart, or other groups or attributes, while this round was read: the link belongs to what was asked
            log.info("Something else is asked of %s by now; reading again", feed)


def _asked(feed: Feed) -> list[Any]:
    return [feed.began_at, feed.select, feed.group_ids]


def _read_round(feed: Feed, source: GraphSource, holding: Holding, now: datetime) -> None:
    full = not feed.delta_link
    select, groups = list(feed.select), list(feed.group_ids)
    kind = cast(Kind, feed.kind)
    with Spool() as spool:
        properties = graph_select(select, kind) if select else []
        for page in source.round(kind, feed.delta_link or None, properties, groups):
            holding.check()
            spool.add(_member_rows(page) if feed.kind == Feed.Kind.MEMBERS else _object_rows(page))
            delta_link = page.delta_link
        assert delta_link, "a round that ends without a delta link is refused by the source"
        if feed.kind == Feed.Kind.MEMBERS:
            _take_members(feed, spool, source, holding, full=full)
        else:
            _take_objects(feed, spool, source, holding, full=full)
    feed.delta_link = delta_link
    if full:
        feed.read_select, feed.full_round_at = select, now


def _object_rows(page: Page) -> list[list[Any]]:
    return [[row.id, row.attributes, row.removed] for row in page.objects]


def _member_rows(page: Page) -> list[list[Any]]:
    """The groups of the page are told by a feed of their own."""
    return [[row.group_id, row.member_id, row.removed, row.member_kind] for row in page.members]


def _take_objects(feed: Feed, spool: Spool, source: GraphSource, holding: Holding, *, full: bool) -> None:
    """Removals last: a page that tells of a removal may come before one that tells of a move."""
    gone: dict[str, str] = {}
    seen: set[str] = set()
    for object_id, _, removed in spool:
        seen.add(object_id)
        if removed:
            gone[object_id] = removed
        else:
            gone.pop(object_id, None)
    if full:
        gone.update(suspicion.missing_objects(feed, seen, source))
    kind = OBJECT_KIND[feed.kind]
    for batch in spool.batches(BATCH):
        holding.check()
        taking_in.objects(
            feed.tenant, kind, [(row[0], row[1]) for row in batch if not row[2] and row[0] not in gone], whole=full
        )
    holding.check()
    taking_in.removals(feed.tenant, gone)


def _take_members(feed: Feed, spool: Spool, source: GraphSource, holding: Holding, *, full: bool) -> None:
    """Only people count: an assigned group's nested groups and devices are not provisioned."""
    last: dict[tuple[str, str], bool] = {}
    for group_id, member_id, removed, member_kind in spool:
        if member_kind in ("", "user"):
            last[group_id, member_id] = removed
    if full:
        last.update(suspicion.missing_members(feed, {pair for pair, removed in last.items() if not removed}, source))
    ordered = sorted(last.items(), key=lambda item: item[1])
    for start in range(0, len(ordered), BATCH):
        holding.check()
        taking_in.memberships(feed.tenant, [(*pair, removed) for pair, removed in ordered[start : start + BATCH]])


def _read_assignments(feed: Feed, source: GraphSource) -> None:
    """The whole list each time: no delta can be relied on for assignments."""
    application = feed.application
    assert application is not None, "a feed of assignments belongs to an application"
    roles.refresh(application, source)
    told = {row.id: row for row in source.assignments(application.service_principal_id)}
    mirrored = {row.assignment_id: row for row in application.assignments.all()}
    missing = [row for row in mirrored.values() if not row.removed and row.assignment_id not in told]
    removed = suspicion.missing_assignments(application, missing, source)
    changed = []
    for row in told.values():
        known = mirrored.get(row.id)
        if known and not known.removed and (known.role_id, known.principal_name) == (row.role_id, row.principal_name):
            continue
        changed.append(
            Assignment(
                application=application,
                assignment_id=row.id,
                principal_id=row.principal_id,
                principal_kind=row.principal_kind,
                principal_name=row.principal_name[:300],
                role_id=row.role_id,
                removed=False,
            )
        )
    taking_in.assignments(feed.tenant, changed, removed)
