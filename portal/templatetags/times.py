"""Times and durations as an administrator reads them: relative under a day, absolute with the zone on hover."""

from datetime import date, datetime, timedelta

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone, localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

DAY = timedelta(days=1)


@register.filter
def moment(at: datetime | None) -> str:
    """24 Nov 2026 14:03, in the reader's zone."""
    # Translators: a date format of Django, such as 24 Nov 2026 14:03
    return date_format(localtime(at), _("j M Y H:i")) if at else ""


@register.filter
def exact(at: datetime | None) -> SafeString | str:
    """With seconds, for logs."""
    if at is None:
        return ""
    local = localtime(at)
    # Translators: a date format of Django, such as 24 Nov 2026 14:03:22
    text = date_format(local, _("j M Y H:i:s"))
    return format_html('<time datetime="{}" title="{} {}">{}</time>', at.isoformat(), text, zone(local), text)


@register.filter
def day(on: date | None) -> str:
    # Translators: a date format of Django, such as 24 Nov 2026
    return date_format(on, _("j M Y")) if on else ""


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """`<time>`: "5 minutes ago", "in 36 minutes", or the date when it is more than a day away."""
    if at is None:
        return ""
    local = localtime(at)
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>', at.isoformat(), moment(at), zone(local), relative(at, now())
    )


@register.filter
def upcoming(at: datetime | None) -> SafeString | str:
    """As `ago` for what is still to come; what is due already is no longer promised for a moment that has passed."""
    return _("as soon as possible") if at is not None and at <= now() else ago(at)


def zone(local: datetime) -> str:
    return local.tzname() or str(get_current_timezone())


def relative(at: datetime, here: datetime) -> str:
    """
    >>> from datetime import timezone
    >>> noon = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
    >>> [relative(noon + timedelta(seconds=s), noon) for s in (-7200, -90, -5, 40, 2160)]
    ['2 hours ago', '1 minute ago', 'just now', 'in less than a minute', 'in 36 minutes']
    """
    distance = at - here
    if abs(distance) >= DAY:
        return moment(at)
    seconds = abs(distance.total_seconds())
    if seconds < 60:
        return _("in less than a minute") if distance > timedelta(0) else _("just now")
    if seconds < 3600:
        count = round(seconds / 60) if distance > timedelta(0) else int(seconds // 60)
        words = ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    else:
        count = int(seconds // 3600)
        words = ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    pattern = _("in %(time)s") if distance > timedelta(0) else _("%(time)s ago")
    return pattern % {"time": words}


@register.filter
def lasted(length: timedelta | float | None) -> str:
    """
    >>> [lasted(s) for s in (0.34, 4.2, 72, 3725)]
    ['340 ms', '4.2 s', '1 min 12 s', '1 h 2 min']
    """
    if length is None:
        return ""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 1:
        return _("%(count)d ms") % {"count": round(seconds * 1000)}
    if seconds < 60:
        return _("%(count)s s") % {"count": number_format(round(seconds, 1))}
    if seconds < 3600:
        left = int(seconds % 60)
        pattern = _("%(minutes)d min %(seconds)d s") if left else _("%(minutes)d min")
        return pattern % {"minutes": seconds // 60, "seconds": left}
    return _("%(hours)d h %(minutes)d min") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}
