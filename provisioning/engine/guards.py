"""What may not be sent without an administrator's word. Pure rules over the planned rows."""

from dataclasses import dataclass

from provisioning.sentences import Sentence


@dataclass(frozen=True)
class Verdict:
    """`stage_removals` holds every disable and delete of this plan back."""

    stage_removals: bool
    removals: int
    reason: Sentence = Sentence("")


def weigh_removals(planned: int, staged: int, *, threshold: int | None, allowed: bool) -> Verdict:
    """The accidental-deletion guard: more removals than the threshold, and none of them is sent.

    Removals that are staged already count too, so that a mishap spread over several cycles is still one mishap.
    Exactly the threshold passes. Source: Microsoft Entra ID, "Enable accidental deletions prevention" (which says both
    "meets" and "exceeds"; the choice is ours).

    >>> weigh_removals(13, 0, threshold=12, allowed=False).stage_removals
    True
    >>> weigh_removals(12, 0, threshold=12, allowed=False).stage_removals
    False
    """
    total = planned + staged
    if threshold is None or allowed or total <= threshold or not planned:
        return Verdict(False, total)
    return Verdict(
        True,
        total,
        Sentence(
            "%(total)s people would be disabled or deleted, and the limit is %(threshold)s. Nothing was removed. "
            "Look at them in the provisioning logs, then allow the removals, or repair the assignments and restart.",
            total=total,
            threshold=threshold,
        ),
    )
