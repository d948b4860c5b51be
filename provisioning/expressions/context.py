"""What an expression may know besides the source object: the time, a seed, and which values are taken."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import thread_time

from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.limits import MAX_TEXT, MAX_WORK, PATTERN_SECONDS
from provisioning.sentences import Sentence


def measure(values: list[str]) -> int:
    """Characters of a list; each value costs some of its own."""
    return sum(map(len, values)) + 4 * len(values)


def nothing_taken(value: str) -> bool:
    return False


@dataclass(slots=True)
class Context:
    """Given to every evaluation; one object serves one thread.

    Args:
        now: aware; what Now() answers.
        seed: RandomString and Guid give the same values for the same seed at the same place of an expression. They are
            as hard to guess as the seed; without one, a fresh secret is drawn.
        taken: asked by SelectUniqueValue whether the target already uses a value.
        default_domain: what DefaultDomain() answers.
    """

    now: datetime
    seed: str | int = field(default_factory=lambda: secrets.token_hex(16))
    taken: Callable[[str], bool] = nothing_taken
    default_domain: str = ""
    work: int = field(default=0, init=False, repr=False)
    pattern_seconds: float = field(default=PATTERN_SECONDS, init=False, repr=False)

    def begin(self) -> None:
        """Give the next evaluation its whole allowance."""
        self.work = 0
        self.pattern_seconds = PATTERN_SECONDS

    def charge(self, made: str | list[str]) -> None:
        """Count what a call has made; long texts and lists only, so that the usual ones cost nothing."""
        self.expect(len(made) if isinstance(made, str) else measure(made))

    def expect(self, size: int) -> None:
        """Refuse a result of so many characters before it is made, or count it."""
        if size > MAX_TEXT:
            raise ExpressionError(
                "OutputTooLarge",
                Sentence("The result would have more than %(most)s characters.", most=MAX_TEXT),
            )
        self.spend(size)

    def spend(self, work: int) -> None:
        self.work += work
        if self.work > MAX_WORK:
            message = Sentence(
                "The expression reads and makes more than %(most)s characters on its way.", most=MAX_WORK
            )
            raise ExpressionError("TooMuchWork", message)

    def timed(self, search: Callable[[float], object]) -> object:
        """Run a regular expression within what is left of the time for all of them.

        `search` is given that time in seconds and raises TimeoutError when it was not enough.
        """
        started = thread_time()
        try:
            if self.pattern_seconds <= 0:
                raise TimeoutError
            return search(self.pattern_seconds)
        except TimeoutError:
            message = Sentence("The regular expression takes too long on this value: it backtracks too much.")
            raise ExpressionError("PatternTimeout", message) from None
        finally:
            self.pattern_seconds -= thread_time() - started
