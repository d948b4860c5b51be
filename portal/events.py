"""What happened while nobody looked: the bell, and the page behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.models import AuditEntry, Cycle
from provisioning.wording import in_words

SEEN = "events_seen_at"
REMEMBERED = timedelta(days=30)
SHOWN = 50


@dataclass(frozen=True)
class Event:
    at: datetime
    tone: str
    fact: str
    text: str
    href: str
    unread: bool


def unread_count(request: HttpRequest) -> int:
    """Up to 99; asked for every 15 seconds, so it only counts."""
    since = seen_at(request)
    return min(99, _quarantines(since).count() + _cycles(since).count())


def events(request: HttpRequest) -> list[Event]:
    seen = seen_at(request)
    since = now() - REMEMBERED
    found = [*_of_quarantines(since, seen), *_of_cycles(since, seen)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:SHOWN]


def seen_at(request: HttpRequest) -> datetime:
    """When this person last opened the page; a new session begins with the last day."""
    parsed = parse_datetime(request.session.get(SEEN, ""))
    return parsed or now() - timedelta(days=1)


def mark_seen(request: HttpRequest) -> None:
    request.session[SEEN] = now().isoformat()


def _quarantines(since: datetime) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(activity=Activity.QUARANTINE, at__gt=since)


def _cycles(since: datetime) -> QuerySet[Cycle]:
    """What is worth telling: a first cycle that ended, and every one that did not end well."""
    told = Q(kind=Cycle.Kind.INITIAL) | Q(state__in=[Cycle.State.FAILED, Cycle.State.ENTRY_ERRORS])
    return Cycle.objects.filter(told, ended_at__gt=since)


def _of_quarantines(since: datetime, seen: datetime) -> Iterator[Event]:
    for entry in _quarantines(since).select_related("application")[:SHOWN]:
        reason = entry.changes[0]["new"] if entry.changes else ""
        href = reverse("overview", args=(entry.application_id,)) if entry.application_id else reverse("audit")
        fact = _("%(name)s is in quarantine") % {"name": entry.target}
        yield Event(entry.at, "danger", fact, in_words(reason), href, entry.at > seen)


def _of_cycles(since: datetime, seen: datetime) -> Iterator[Event]:
    for cycle in _cycles(since).select_related("job__application").order_by("-ended_at")[:SHOWN]:
        application = cycle.job.application
        href = f"{reverse('logs', args=(application.pk,))}?cycle={cycle.cycle_id}"
        name = {"name": application.display_name}
        assert cycle.ended_at is not None, "filtered by its end"
        unread = cycle.ended_at > seen
        if cycle.state == Cycle.State.FAILED:
            yield Event(
                cycle.ended_at, "danger", _("A cycle of %(name)s failed") % name, in_words(cycle.error), href, unread
            )
        elif cycle.state == Cycle.State.ENTRY_ERRORS:
            text = _("Some people could not be provisioned.")
            yield Event(cycle.ended_at, "warning", _("A cycle of %(name)s ended") % name, text, href, unread)
        else:
            yield Event(cycle.ended_at, "success", _("The first cycle of %(name)s ended") % name, "", href, unread)
