"""Where in the text of a JSON document something stands, for whoever reads that text in an editor."""

import json
import re
from typing import NamedTuple

STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
BLANK = re.compile(r"[ \t\n\r]*")
DECODER = json.JSONDecoder()


class Place(NamedTuple):
    """Both count from 1, in characters."""

    line: int
    column: int


def place_of(text: str, path: str) -> Place:
    """Where the value of a path such as "directories[0].name" begins; of what is not there, where it is missed.

    `text` must be JSON.
    """
    position = blank(text, 0)
    for step in STEP.finditer(path):
        index, name = step.groups()
        inner = element(text, position, int(index)) if index else member(text, position, name)
        if inner is None:
            break
        position = inner
    return at(text, position)


def at(text: str, position: int) -> Place:
    return Place(text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))


def blank(text: str, position: int) -> int:
    found = BLANK.match(text, position)
    assert found is not None, "it matches nothing as well"
    return found.end()


def after(text: str, position: int) -> int:
    """Behind the value that begins here, and the blanks that follow it."""
    return blank(text, DECODER.raw_decode(text, position)[1])


def member(text: str, position: int, name: str) -> int | None:
    """The value of a property, the last of that name as in reading; None where there is no such object or property."""
    found = None
    if text[position] != "{":
        return None
    position = blank(text, position + 1)
    while text[position] == '"':
        key, end = DECODER.raw_decode(text, position)
        position = blank(text, blank(text, end) + 1)
        if key == name:
            found = position
        position = after(text, position)
        if text[position] == ",":
            position = blank(text, position + 1)
    return found


def element(text: str, position: int, index: int) -> int | None:
    if text[position] != "[":
        return None
    position = blank(text, position + 1)
    while text[position] != "]":
        if index == 0:
            return position
        index -= 1
        position = after(text, position)
        if text[position] == ",":
            position = blank(text, position + 1)
    return None
