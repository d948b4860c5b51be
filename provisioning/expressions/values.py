"""The values that flow through an expression, and how each is read as another kind.

A source object is `{attribute: Value}`. An attribute without a value is null (None, or absent), which is not the
same as the empty text, although several functions treat the two alike.
"""

import re
from datetime import UTC, datetime
from enum import Enum

from provisioning.expressions.dates import print_date, read_date
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.limits import MAX_TEXT, MAX_VALUES
from provisioning.sentences import Sentence

Value = str | bool | int | datetime | list[str] | None


class Drop(Enum):
    """Results that are no value: leave this attribute, or this whole object, as it is."""

    IGNORE_ATTRIBUTE = "IgnoreAttributeFlow"
    IGNORE_OBJECT = "IgnoreObjectFlow"


IGNORE_ATTRIBUTE = Drop.IGNORE_ATTRIBUTE
IGNORE_OBJECT = Drop.IGNORE_OBJECT
Result = Value | Drop


class Dropped(Exception):
    """A drop met where a value was wanted; it becomes the result of the whole expression."""

    def __init__(self, drop: Drop) -> None:
        super().__init__(drop.value)
        self.drop = drop


INTEGER = re.compile(r"\s{0,9}([+-]?[0-9]{1,19})\s{0,9}", re.ASCII)
HEXADECIMAL = re.compile(r"\s{0,9}&[Hh]([0-9A-Fa-f]{1,16})\s{0,9}")
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def as_text(value: object) -> str | None:
    """One text, or None for null. A list of one value is that value; of several, an error."""
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ExpressionError("ValueTooLong", Sentence("A value has more than %(most)s characters.", most=MAX_TEXT))
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return str(within(value))
    if isinstance(value, datetime):
        return print_date(value)
    if isinstance(value, list):
        return as_text(single(value))
    raise unusable(value)


def as_integer(value: object) -> int | None:
    """A whole number of 64 bits, or None for null or an empty text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return within(value)
    text = as_text(value)
    if not text:
        return None
    if found := INTEGER.fullmatch(text):
        return within(int(found[1]))
    if found := HEXADECIMAL.fullmatch(text):
        return within(int(found[1], 16))
    raise ExpressionError("NotANumber", Sentence("%(text)s is not a whole number.", text=shown(text)))


def within(number: int) -> int:
    if SMALLEST <= number <= LARGEST:
        return number
    raise ExpressionError("NumberOutOfRange", Sentence("A number does not fit into 64 bits."))


def as_boolean(value: object) -> bool:
    """True or False; numbers are true unless 0; null and the empty text are false."""
    if isinstance(value, bool):
        return value
    text = (as_text(value) or "").strip()
    match text.lower():
        case "true":
            return True
        case "false" | "":
            return False
    if INTEGER.fullmatch(text) or HEXADECIMAL.fullmatch(text):
        return as_integer(text) != 0
    raise ExpressionError("NotABoolean", Sentence("%(text)s is neither True nor False.", text=shown(text)))


def as_date(value: object) -> datetime | None:
    """An aware date and time in UTC, or None for null or an empty text."""
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        except (OverflowError, ValueError):
            raise ExpressionError("DateOutOfRange", Sentence("A date is outside the years 1 to 9999.")) from None
    text = as_text(value)
    return read_date(text) if text else None


def as_list(value: object) -> list[str]:
    """All values of an attribute: none for null, one for a single value; nulls within a list are passed over."""
    if isinstance(value, list):
        if len(value) > MAX_VALUES:
            raise ExpressionError(
                "TooManyValues", Sentence("An attribute has more than %(most)s values.", most=MAX_VALUES)
            )
        return [text for text in map(as_member, value) if text is not None]
    text = as_text(value)
    return [] if text is None else [text]


def as_member(value: object) -> str | None:
    if isinstance(value, list):
        raise unusable(value)
    return as_text(value)


def as_value(value: object) -> Value:
    """The value as it is, once it is known to be one."""
    if isinstance(value, list):
        return as_list(value)
    if isinstance(value, bool | datetime) or value is None:
        return value
    if isinstance(value, int):
        return within(value)
    return as_text(value)


def is_empty(value: object) -> bool:
    """Null, the empty text, or a list without values. Raises Dropped for a drop."""
    if isinstance(value, Drop):
        raise Dropped(value)
    return value is None or value == "" or value == []


def single(values: list[object]) -> object:
    if len(values) > 1:
        message = Sentence(
            "One value is wanted, but there are %(count)s: take one with Item, or join them with Join.",
            count=len(values),
        )
        raise ExpressionError("SchemaPropertyCanOnlyAcceptValue", message)
    first = values[0] if values else None
    if isinstance(first, list):
        raise unusable(first)
    return first


def unusable(value: object) -> Exception:
    if isinstance(value, Drop):
        return Dropped(value)
    return ExpressionError(
        "UnsupportedValue",
        Sentence("A value of type %(kind)s cannot be used in an expression.", kind=type(value).__name__),
    )


def shown(text: str) -> str:
    """A value as messages quote it: short, so that no message grows with its data."""
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
