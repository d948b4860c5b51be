"""Text → tokens.

Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings": syntax, strings and escapes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.expressions.errors import ExpressionError
from provisioning.sentences import Sentence

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*+")
      | (?P<attribute>\[[^\]]*\])
      | (?P<number>&[Hh][0-9A-Fa-f]+|-?[0-9]+)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<comparison><>|<=|>=|=|<|>)
      | (?P<mark>[(),])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
PREFIX = re.compile(r"\A\s*(?:user\.\s*)*")
ESCAPE = re.compile(r'\\(["\\])')

HINTS = {
    '"': Sentence("This text has no closing quotation mark."),
    "[": Sentence("This attribute has no closing bracket."),
    "'": Sentence('Texts are written in double quotation marks: "text".'),
    "“": Sentence('Use straight quotation marks: "text".'),
    "”": Sentence('Use straight quotation marks: "text".'),
    "&": Sentence("Texts are joined with Join or Append; & is not part of this language."),
    "+": Sentence("Texts are joined with Join or Append; + is not part of this language."),
    ";": Sentence("Arguments are separated by commas."),
}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a group name of TOKEN; `value` is unescaped and without quotes or brackets; `column` counts from 1."""

    kind: str
    value: str
    column: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text`, the last of kind "end". Raises ExpressionError at the first character that is none."""
    position = 0
    while True:
        found = TOKEN.match(text, position)
        if found is None:
            raise unreadable(text, position)
        kind = found.lastgroup or "end"
        yield Token(kind, meaning(kind, found.group(kind)), found.start(kind) + 1)
        if kind == "end":
            return
        position = found.end()


def meaning(kind: str, raw: str) -> str:
    if kind == "text":
        # A backslash before anything but a quote or a backslash stands for itself, as published samples need.
        return ESCAPE.sub(r"\1", raw[1:-1])
    if kind == "attribute":
        # "user." belongs to claims and group rules; accepted, never stored.
        return PREFIX.sub("", raw[1:-1]).strip()
    return raw


def unreadable(text: str, position: int) -> ExpressionError:
    while text[position].isspace():
        position += 1
    character = text[position]
    message = HINTS.get(character, Sentence("The character %(character)s cannot stand here.", character=character))
    return ExpressionError("Syntax", message, text=text, column=position + 1)
