"""Which account belongs to a person who has none yet. Pure.

Matching attributes are tried in their order of precedence, each alone; the first that finds something decides.
Source: Microsoft Entra ID, "Customize attribute mappings", matching attributes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from provisioning.connectors.base import Attributes
from provisioning.errors import ObjectError
from provisioning.sentences import Sentence


@dataclass(slots=True)
class MirroredAccount:
    """An account as the mirror holds it. `number` grows with every change of the mirror's row."""

    pk: int
    key: str
    attributes: Attributes
    number: int
    seen: bool = False
    """Read in this cycle: the evidence that a create, disable, enable or delete needs."""


@dataclass(frozen=True, slots=True)
class Match:
    account: MirroredAccount | None
    attribute: str
    """The matching attribute that found it, or the last one tried."""
    value: str


def match(candidates: Iterable[tuple[str, str | None, list[MirroredAccount]]]) -> Match:
    """Args:
        candidates: (target attribute, the person's value, accounts that have it), in order of precedence.

    Raises:
        ObjectError: no matching attribute has a value (ImportSkipped), or several accounts have it
            (DuplicateTargetEntries); change the data, nothing is written.
    """
    tried: tuple[str, str] | None = None
    for attribute, value, accounts in candidates:
        if not value:
            continue
        tried = (attribute, value)
        if len(accounts) > 1:
            raise ObjectError(
                Sentence(
                    "%(count)s accounts have %(attribute)s “%(value)s”. Remove all but one, or change the matching "
                    "attribute.",
                    count=len(accounts),
                    attribute=attribute,
                    value=value,
                ),
                code="DuplicateTargetEntries",
            )
        if accounts:
            return Match(accounts[0], attribute, value)
    if tried is None:
        raise ObjectError(
            Sentence("None of the matching attributes has a value for this person. Fill it in the directory."),
            code="ImportSkipped",
        )
    return Match(None, *tried)
