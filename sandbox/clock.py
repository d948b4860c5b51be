"""The sandbox's time: the machine's, plus what a test has added."""

import time
from datetime import UTC, datetime


class Clock:
    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead
        """Seconds."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += seconds


def iso(moment: float) -> str:
    """As Graph writes it: 2026-01-05T09:00:00Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
