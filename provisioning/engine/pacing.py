"""How fast the application lets us go, learned from its answers: additive increase, multiplicative decrease."""

import threading
import time
from collections.abc import Callable

NAP = 0.2
"""Seconds between two looks at whether the writer was told to stop."""
HEADROOM = 0.93
"""Of the ceiling: requests do not arrive as evenly as they leave, and one too many costs a whole second of rest."""
SLOWEST = 0.2


class LearnedPace:
    """Spreads requests evenly at `per_second`, from any number of threads.

    A throttled answer halves the pace and rests everybody; every second of untroubled sending lets it grow again,
    up to a little below `ceiling`. Requests a second. `check` raises Halted when nothing more may be sent.
    """

    def __init__(self, per_second: float, ceiling: float, check: Callable[[], None]) -> None:
        self.ceiling = ceiling * HEADROOM
        self.per_second = min(per_second, self.ceiling)
        self.check = check
        self.sent = 0
        self._lock = threading.Lock()
        self._next = 0.0
        self._lowered_at = 0.0
        self._rest_until = 0.0

    def wait(self) -> None:
        moment = self._turn()
        while (left := moment - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, NAP))
            if moment < self._rest_until:  # somebody was throttled meanwhile: everybody rests, and takes another turn
                moment = self._turn()
        self.check()
        with self._lock:
            self.sent += 1

    def _turn(self) -> float:
        with self._lock:
            moment = max(self._next, self._rest_until, time.monotonic())
            self._next = moment + 1 / self.per_second
            return moment

    def succeeded(self) -> None:
        with self._lock:
            self.per_second = min(self.ceiling, self.per_second + 0.5 / max(self.per_second, 1.0))

    def throttled(self, retry_after: float | None) -> None:
        """Answers to requests that were on their way together count once."""
        now = time.monotonic()
        with self._lock:
            if now - self._lowered_at > 1.0:
                self._lowered_at = now
                self.per_second = max(SLOWEST, self.per_second / 2)
            self._rest_until = max(self._rest_until, now + (1.0 if retry_after is None else retry_after))
