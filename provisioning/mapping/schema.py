"""The schema document as text: exporting, and reading what an administrator uploads."""

import json
from collections.abc import Mapping
from typing import Any

from provisioning.errors import MappingError
from provisioning.sentences import Sentence

Document = dict[str, Any]
MAX_BYTES = 4_000_000

FAULTS = {
    "Expecting value": Sentence("a value is missing"),
    "Expecting property name enclosed in double quotes": Sentence(
        "a property name in double quotation marks is missing"
    ),
    "Expecting ':' delimiter": Sentence("a colon is missing"),
    "Expecting ',' delimiter": Sentence("a comma is missing"),
    "Unterminated string starting at": Sentence("this text has no closing quotation mark"),
    "Invalid control character at": Sentence("this character must be escaped"),
    "Invalid \\escape": Sentence("this escape does not exist"),
    "Extra data": Sentence("here the document ended already"),
}
"""What Python's reader says."""


class NotJson(MappingError):
    """`line` and `column` count from 1; `fault` says what is wrong there."""

    def __init__(self, fault: json.JSONDecodeError) -> None:
        self.line, self.column = fault.lineno, fault.colno
        self.fault = next((each for says, each in FAULTS.items() if fault.msg.startswith(says)), Sentence.of(fault.msg))
        super().__init__(
            Sentence(
                "This is not JSON: line %(line)s, column %(column)s: %(fault)s.",
                line=self.line,
                column=self.column,
                fault=self.fault,
            )
        )


def export(schema: Mapping[str, Any]) -> bytes:
    """The canonical text, in UTF-8: exporting what was imported from it gives the same bytes.

    Properties are sorted, since databases do not keep their order; nothing is added or left out.
    """
    text = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    return (text + "\n").encode()


def read(text: str | bytes) -> Document:
    """The document that an administrator uploads or types.

    Raises NotJson where it cannot be read further, MappingError when it is no schema otherwise. A byte order mark is
    taken off. Not JSON: NaN, characters that no database takes, more than a few megabytes.
    """
    if len(text) > MAX_BYTES:
        raise MappingError(
            Sentence(
                "A schema has at most %(most)s bytes; this one has %(count)s.",
                most=MAX_BYTES,
                count=len(text),
            )
        )
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        document = json.loads(decoded, parse_constant=refuse)
        json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as exc:
        raise NotJson(exc) from None
    except (ValueError, RecursionError) as exc:
        raise MappingError(Sentence("This is not JSON: %(fault)s", fault=exc)) from None
    if not isinstance(document, dict):
        raise MappingError(Sentence("A schema is one JSON object."))
    if "\\u0000" in decoded:
        raise MappingError(Sentence("A schema cannot hold the character U+0000."))
    return document


def refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
