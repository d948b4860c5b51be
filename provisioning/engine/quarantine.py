"""When a job must rest, when it and a failed person are tried again. Pure.

Source: Microsoft Entra ID, "Application provisioning in quarantine status".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_REST = timedelta(days=1)
GIVE_UP_AFTER = timedelta(days=28)

TOO_MANY_DELETES = "TooManyDeletes"

RETRIED_NEXT_CYCLE = frozenset(
    {
        "TooManyRequests",
        "InternalServerError",
        "Timeout",
        "WebExceptionProtocolError",
        "InternalError",
        "LicenseLimitExceeded",
        "InvalidAnchor",
        "WaitsForValue",
    }
)
"""Causes that may be gone in forty minutes; everything else waits for a change or the longer series."""


@dataclass(frozen=True)
class Thresholds:
    """Microsoft's figures; a small installation may want smaller ones."""

    looked_at_from: int = 5_000
    proportion: float = 0.40
    base: int = 40_000
    total: int = 60_000


def judge(failed: int, succeeded: int, thresholds: Thresholds = Thresholds()) -> str:
    """The quarantine reason for this many failing people, or "".

    >>> judge(4_000, 0), judge(45_000, 500_000), judge(30_000, 5_000), judge(20_000, 100_000)
    ('', 'EncounteredBaseEscrowThreshold', 'EncounteredEscrowProportionThreshold', '')
    """
    if failed < thresholds.looked_at_from:
        return ""
    if failed > thresholds.total:
        return "EncounteredTotalEscrowThreshold"
    if failed > thresholds.base:
        return "EncounteredBaseEscrowThreshold"
    if failed > thresholds.proportion * (failed + succeeded):
        return "EncounteredEscrowProportionThreshold"
    return ""


def back_off(failures: int, interval: timedelta) -> timedelta:
    """How long a quarantined job rests before its next cycle: doubles, up to one day. `failures` counts from 1.

    >>> [str(back_off(n, timedelta(minutes=40))) for n in (1, 2, 3, 9)]
    ['0:40:00', '1:20:00', '2:40:00', '1 day, 0:00:00']
    """
    return min(interval * 2 ** min(failures - 1, 30), LONGEST_REST)


def retry_at(code: str, failed_at: datetime, now: datetime) -> datetime | None:
    """When a failed person is tried again; None: given up 28 days after the first failure.

    Six, twelve and twenty-four hours after the first failure, then daily; with the next cycle, which is a little less
    than an interval away, where the cause may pass by itself.
    """
    if now - failed_at >= GIVE_UP_AFTER:
        return None
    if code in RETRIED_NEXT_CYCLE:
        return now
    for hours in (6, 12, 24):
        if failed_at + timedelta(hours=hours) > now:
            return failed_at + timedelta(hours=hours)
    return now + LONGEST_REST
