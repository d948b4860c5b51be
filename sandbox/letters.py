"""Letters: those that arrived by SMTP, and those that GoTo would have sent."""

from typing import Literal

import msgspec

KEPT_LETTERS = 2000


class Letter(msgspec.Struct):
    number: int
    time: float
    """Seconds since 1970."""
    via: Literal["smtp", "goto"]
    sender: str
    recipients: list[str]
    subject: str
    text: str = ""
    html: str = ""
    kind: str = ""
    """Of GoTo's letters: "welcome", "transfer invitation" or "roles changed"."""


class Mailbox(msgspec.Struct):
    letters: list[Letter] = []
    number: int = 0

    def take(self, letter: Letter) -> None:
        self.number += 1
        letter.number = self.number
        self.letters.append(letter)
        del self.letters[:-KEPT_LETTERS]
