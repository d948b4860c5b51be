"""Functions that draw a value: the same for the same seed at the same place of an expression, another elsewhere."""

import hashlib
import string
import uuid
from collections.abc import Iterator

from provisioning.expressions.context import Context
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.signatures import CallSite, Evaluate, Source, Type, form, integer, text
from provisioning.sentences import Sentence

LONGEST = 256
SPECIAL = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
CLASSES = (string.digits, SPECIAL, string.ascii_uppercase, string.ascii_lowercase)
CREATION_ONLY = Sentence("It draws a new value each time: map it “only during object creation”.")


class Draws:
    """Numbers derived from a seed by SHA-256: as hard to guess as the seed, and the same for the same seed."""

    def __init__(self, seed: str | int, position: int) -> None:
        self.key = f"{position}/{seed}".encode("utf-8", "surrogatepass")
        self.bytes = self.stream()

    def stream(self) -> Iterator[int]:
        block = 0
        while True:
            yield from hashlib.sha256(block.to_bytes(8, "big") + self.key).digest()
            block += 1

    def below(self, limit: int) -> int:
        """A number from 0 up to but not including `limit` (at most 256), each as likely as the others."""
        fair = 256 - 256 % limit
        return next(byte for byte in self.bytes if byte < fair) % limit

    def pick(self, characters: str) -> str:
        return characters[self.below(len(characters))]

    def shuffle(self, characters: list[str]) -> None:
        for last in range(len(characters) - 1, 0, -1):
            other = self.below(last + 1)
            characters[last], characters[other] = characters[other], characters[last]


@form("Guid", returns=Type.TEXT, uses_random=True, caution=CREATION_ONLY)
def guid(call: CallSite) -> Evaluate:
    """Guid(): a new random GUID.

    >>> evaluate('Len(Guid())')
    36

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Guid.
    """

    def run(source: Source, context: Context) -> str:
        draws = Draws(context.seed, call.position).bytes
        return str(uuid.UUID(bytes=bytes(next(draws) for _ in range(16)), version=4))

    return run


@form(
    "RandomString",
    integer("length"),
    integer("minimumNumbers"),
    integer("minimumSpecialCharacters"),
    integer("minimumCapital"),
    integer("minimumLower"),
    text("charactersToAvoid", required=False),
    returns=Type.TEXT,
    uses_random=True,
    caution=CREATION_ONLY,
)
def random_string(call: CallSite) -> Evaluate:
    """RandomString(length, minNumbers, minSpecial, minCapital, minLower, [avoid]): a random text, such as a password.

    It has at least so many characters of each kind; the rest is filled from all four kinds, which are those of the
    Windows rules for passwords. The length is at most 256 and at least the sum of the four minimums. Characters in
    avoid are not used.

    >>> evaluate('Len(RandomString(16, 3, 2, 3, 3, "0O"))')
    16

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", RandomString.
    """
    length_of, *minimums_of, avoid_of = call.arguments

    def run(source: Source, context: Context) -> str:
        numbers = [argument(source, context) for argument in (length_of, *minimums_of)]
        if None in numbers:
            raise ExpressionError("NumberMissing", Sentence("RandomString needs a length and four minimums."))
        length, *minimums = numbers
        check(length, minimums)
        context.spend(10 * length)
        avoid = set(avoid_of(source, context) or "")
        classes = ["".join(each for each in characters if each not in avoid) for characters in CLASSES]
        return drawn(Draws(context.seed, call.position), length, minimums, classes)

    return run


def check(length: int, minimums: list[int]) -> None:
    if not 1 <= length <= LONGEST:
        raise ExpressionError(
            "ArgumentRange",
            Sentence("RandomString makes 1 to %(most)s characters, not %(length)s.", most=LONGEST, length=length),
        )
    if min(minimums) < 0:
        raise ExpressionError("ArgumentRange", Sentence("The minimums of RandomString cannot be negative."))
    if sum(minimums) > length:
        message = Sentence(
            "RandomString cannot fit %(least)s characters of its minimums into a length of %(length)s.",
            least=sum(minimums),
            length=length,
        )
        raise ExpressionError("ArgumentRange", message)


def drawn(draws: Draws, length: int, minimums: list[int], classes: list[str]) -> str:
    everything = "".join(classes)
    if not everything or any(minimum and not characters for minimum, characters in zip(minimums, classes, strict=True)):
        raise ExpressionError(
            "ArgumentRange", Sentence("RandomString may not use any character of a kind that it needs.")
        )
    made = [
        draws.pick(characters) for minimum, characters in zip(minimums, classes, strict=True) for _ in range(minimum)
    ]
    made += [draws.pick(everything) for _ in range(length - len(made))]
    draws.shuffle(made)
    return "".join(made)
