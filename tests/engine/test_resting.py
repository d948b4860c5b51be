"""When removals are held back, a job rests, a failed person is tried again, and how fast requests may leave. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioning.engine.guards import weigh_removals
from provisioning.engine.pacing import HEADROOM, SLOWEST, LearnedPace
from provisioning.engine.quarantine import back_off, judge, retry_at
from provisioning.errors import Halted

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("planned", "staged", "threshold", "allowed", "held"),
    [
        (3, 0, 3, False, False),
        (4, 0, 3, False, True),
        (1, 3, 3, False, True),
        (0, 4, 3, False, False),
        (4, 0, 3, True, False),
        (4, 0, None, False, False),
        (1, 0, 0, False, True),
        (0, 0, 0, False, False),
    ],
)
def test_removals_are_held_back(planned: int, staged: int, threshold: int | None, allowed: bool, held: bool) -> None:
    verdict = weigh_removals(planned, staged, threshold=threshold, allowed=allowed)

    assert (verdict.stage_removals, bool(verdict.reason)) == (held, held)
    assert verdict.removals == planned + staged


@pytest.mark.parametrize(
    ("failed", "succeeded", "reason"),
    [
        (4_999, 0, ""),
        (5_000, 0, "EncounteredEscrowProportionThreshold"),
        (5_000, 7_500, ""),
        (5_001, 7_500, "EncounteredEscrowProportionThreshold"),
        (40_001, 1_000_000, "EncounteredBaseEscrowThreshold"),
        (60_001, 1_000_000, "EncounteredTotalEscrowThreshold"),
    ],
)
def test_when_too_many_people_fail(failed: int, succeeded: int, reason: str) -> None:
    assert judge(failed, succeeded) == reason


def test_the_rest_doubles_up_to_a_day() -> None:
    rests = [back_off(count, timedelta(minutes=40)) for count in range(1, 9)]

    assert [rest / timedelta(minutes=40) for rest in rests] == [1, 2, 4, 8, 16, 32, 36, 36]


@pytest.mark.parametrize(
    ("code", "after", "expected"),
    [
        ("EntryConflict", timedelta(0), timedelta(hours=6)),
        ("EntryConflict", timedelta(hours=6), timedelta(hours=12)),
        ("EntryConflict", timedelta(hours=12), timedelta(hours=24)),
        ("EntryConflict", timedelta(hours=24), timedelta(hours=48)),
        ("EntryConflict", timedelta(days=27), timedelta(days=28)),
        ("EntryConflict", timedelta(days=28), None),
        ("InternalServerError", timedelta(hours=1), timedelta(hours=1)),
        ("InternalServerError", timedelta(days=28), None),
        ("LicenseLimitExceeded", timedelta(days=3), timedelta(days=3)),
    ],
)
def test_when_a_failed_person_is_tried_again(code: str, after: timedelta, expected: timedelta | None) -> None:
    assert retry_at(code, NOW, NOW + after) == (None if expected is None else NOW + expected)


# --- pace -------------------------------------------------------------------------------------------------------


def allow() -> None:
    """Nobody has stopped the writer."""


def test_the_pace_halves_once_for_answers_that_were_on_their_way_together() -> None:
    pace = LearnedPace(8.0, 10.0, allow)

    for _ in range(5):
        pace.throttled(0)

    assert pace.per_second == 4.0


def test_the_pace_never_falls_to_a_standstill_and_never_exceeds_the_ceiling() -> None:
    slow, fast = LearnedPace(SLOWEST, 10.0, allow), LearnedPace(100.0, 10.0, allow)

    slow.throttled(0)
    for _ in range(1000):
        fast.succeeded()

    assert slow.per_second == SLOWEST
    assert fast.per_second == 10.0 * HEADROOM


def test_the_pace_grows_back() -> None:
    pace = LearnedPace(8.0, 10.0, allow)
    pace.throttled(0)

    for _ in range(100):
        pace.succeeded()

    assert pace.per_second == 10.0 * HEADROOM


def test_who_is_told_to_stop_sends_nothing_more() -> None:
    def stop() -> None:
        raise Halted("Provisioning was stopped.")

    pace = LearnedPace(100.0, 100.0, stop)

    with pytest.raises(Halted):
        pace.wait()
    assert pace.sent == 0
