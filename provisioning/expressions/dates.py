"""Dates as the language prints and reads them: `M/d/yyyy h:mm:ss tt`, always in UTC.

Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings": CDate, Now, DateAdd.
"""

import re
from datetime import UTC, datetime, timedelta

from provisioning.expressions.errors import ExpressionError
from provisioning.sentences import Sentence

ISO = re.compile(
    r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r"\s*([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?\s*"
)
PRINTED = re.compile(
    r"\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})"
    r"(?:\s+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:\s*([AaPp])[Mm])?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?\s*"
)


LONGEST = 64


def print_date(value: datetime) -> str:
    """The invariant culture's general long form, in UTC.

    >>> print_date(datetime(2026, 3, 9, 0, 5, 7, tzinfo=UTC))
    '3/9/2026 12:05:07 AM'
    """
    utc = value.astimezone(UTC) if value.tzinfo else value
    half = "AM" if utc.hour < 12 else "PM"
    return f"{utc.month}/{utc.day}/{utc.year:04} {utc.hour % 12 or 12}:{utc.minute:02}:{utc.second:02} {half}"


def read_date(text: str) -> datetime:
    """The moment that an ISO 8601 text or a printed date names; without an offset it is UTC.

    >>> print_date(read_date("2024-05-01+02:00"))
    '4/30/2024 10:00:00 PM'
    """
    if len(text) > LONGEST:
        raise unreadable(text)
    if found := ISO.fullmatch(text):
        year, month, day, hour, minute, second, fraction, zone = found.groups()
    elif found := PRINTED.fullmatch(text):
        month, day, year, hour, minute, second, half, zone = found.groups()
        hour, fraction = twenty_four(hour, half, text), None
    else:
        raise unreadable(text)
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), microsecond, UTC
        )
        return local - offset(zone)
    except (ValueError, OverflowError):
        raise unreadable(text) from None


def twenty_four(hour: str | None, half: str | None, text: str) -> str:
    if hour is None or half is None:
        return hour or "0"
    if not 1 <= int(hour) <= 12:
        raise unreadable(text)
    return str(int(hour) % 12 + (12 if half in "Pp" else 0))


def offset(zone: str | None) -> timedelta:
    """How far a zone such as `+02:00` is ahead of UTC. Raises ValueError beyond 14 hours."""
    if not zone or zone in "Zz":
        return timedelta(0)
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:].removeprefix(":") or 0))
    if ahead > timedelta(hours=14):
        raise ValueError(zone)
    return ahead if zone[0] == "+" else -ahead


def unreadable(text: str) -> ExpressionError:
    start = text if len(text) <= 40 else text[:40] + "…"
    return ExpressionError(
        "NotADate",
        Sentence('"%(start)s" is not a date such as 2026-03-09T08:30:00Z or 3/9/2026 8:30:00 AM.', start=start),
    )
