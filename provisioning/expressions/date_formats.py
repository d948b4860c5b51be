"""Date and time formats of .NET, in the invariant culture: printing, and reading exactly.

Times are UTC throughout; .NET would call it the local time of a machine that runs in UTC.

Source: Microsoft .NET, "Custom date and time format strings" and "Standard date and time format strings".
"""

import re
from calendar import day_name, month_name
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from provisioning.expressions.dates import offset
from provisioning.expressions.errors import ExpressionError
from provisioning.sentences import Sentence

STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "o": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
    "O": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
    "r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}
PIECE = re.compile(
    r"(?P<field>d+|M+|y+|h+|H+|m+|s+|f+|F+|t+|z+|K|g+)"
    r"""|'(?P<single>[^']*)'|"(?P<double>[^"]*)"|\\(?P<escaped>.)|(?P<bare>[^'"\\])""",
    re.DOTALL,
)
DAYS = [str(name) for name in day_name]
MONTHS = [str(name) for name in month_name]
LAST_TWO_DIGIT_YEAR = 2049
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A field such as "yyyy", or a literal text."""

    text: str
    is_field: bool


@lru_cache(maxsize=512)
def pieces(form: str) -> tuple[Piece, ...]:
    """The fields and literals of a format. Raises ExpressionError where .NET would refuse it."""
    if len(form) == 1:
        if form not in STANDARD:
            raise refused(form)
        form = STANDARD[form]
    found, at = [], 0
    while at < len(form):
        if form[at] == "%" and at + 1 < len(form):
            at += 1
        match = PIECE.match(form, at)
        if match is None or (match["field"] or "").lower().count("f") > 7:
            raise refused(form)
        at = match.end()
        literal = match["single"] or match["double"] or match["escaped"] or match["bare"] or ""
        found.append(Piece(match["field"] or literal, match["field"] is not None))
    if not found:
        raise refused(form)
    return tuple(found)


def refused(form: str) -> ExpressionError:
    return ExpressionError("DateFormat", Sentence('"%(form)s" is not a date format that .NET knows.', form=form[:40]))


def print_as(value: datetime, form: str) -> str:
    """The moment, in UTC, as the format says.

    >>> print_as(datetime(2026, 3, 9, 14, 5, tzinfo=UTC), "ddd d MMM yyyy, h:mm tt")
    'Mon 9 Mar 2026, 2:05 PM'
    """
    utc = value.astimezone(UTC)
    made: list[str] = []
    for piece in pieces(form):
        text = PRINTERS[piece.text[0]](utc, len(piece.text)) if piece.is_field else piece.text
        if piece.is_field and piece.text[0] == "F" and not text and made[-1:] == ["."]:
            made.pop()  # .NET drops the point with the fraction
        made.append(text)
    return "".join(made)


def day(utc: datetime, width: int) -> str:
    return padded(utc.day, width) if width < 3 else shortened(DAYS[utc.weekday()], width)


def month(utc: datetime, width: int) -> str:
    return padded(utc.month, width) if width < 3 else shortened(MONTHS[utc.month], width)


def year(utc: datetime, width: int) -> str:
    return padded(utc.year % 100 if width < 3 else utc.year, width)


def fraction(utc: datetime, width: int) -> str:
    return f"{utc.microsecond:06}0"[:width]


def padded(number: int, width: int) -> str:
    return str(number).zfill(width)


def shortened(name: str, width: int) -> str:
    return name[:3] if width == 3 else name


def half(utc: datetime, width: int) -> str:
    return ("AM" if utc.hour < 12 else "PM")[:width]


def zone(utc: datetime, width: int) -> str:
    return ("+0", "+00", "+00:00")[min(width, 3) - 1]


PRINTERS: dict[str, Callable[[datetime, int], str]] = {
    "d": day,
    "M": month,
    "y": year,
    "h": lambda utc, width: padded(utc.hour % 12 or 12, min(width, 2)),
    "H": lambda utc, width: padded(utc.hour, min(width, 2)),
    "m": lambda utc, width: padded(utc.minute, min(width, 2)),
    "s": lambda utc, width: padded(utc.second, min(width, 2)),
    "f": fraction,
    "F": lambda utc, width: fraction(utc, width).rstrip("0"),
    "t": half,
    "z": zone,
    "K": lambda utc, width: "Z",
    "g": lambda utc, width: "A.D.",
}


def read_as(text: str, form: str, now: datetime) -> datetime:
    """The moment that `text` names in exactly this format; white space around it is allowed.

    A format without a date means today, one without a year this year, as in .NET: `now` says which.
    Raises ExpressionError.

    >>> print_as(read_as("20260309", "yyyyMMdd", datetime(2026, 1, 1, tzinfo=UTC)), "yyyy-MM-dd")
    '2026-03-09'
    """
    stripped = text.strip()
    reading = Reading(stripped)
    try:
        if len(stripped) > LONGEST:
            raise ValueError(text)
        for piece in pieces(form):
            reading.take(piece)
        if reading.at != len(stripped):
            raise ValueError(text)
        return reading.moment(now)
    except (ValueError, OverflowError):
        raise ExpressionError(
            "NotADate", Sentence('"%(text)s" is not a date of the form %(form)s.', text=text[:40], form=form[:40])
        ) from None


ZONE = re.compile(r"[+-][0-9]{1,2}(?::?[0-9]{2})?|[Zz]?")
DIGITS = re.compile(r"[0-9]+")


@dataclass
class Reading:
    """Reads one text, piece by piece, each as much as it can take; ValueError where one does not fit."""

    text: str
    at: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    zone: timedelta = timedelta(0)

    def take(self, piece: Piece) -> None:
        letter, width = piece.text[:1], len(piece.text)
        if not piece.is_field:
            self.literal(piece.text)
        elif letter in "dM" and width > 2:
            self.name(letter, width)
        elif letter == "t":
            self.half(width)
        elif letter in "zK":
            self.offset()
        elif letter in "fF":
            self.fraction(letter, width)
        elif letter == "g":
            self.literal("A.D.")
        else:
            self.number(letter, width)

    def literal(self, text: str) -> None:
        if not self.text.startswith(text, self.at):
            raise ValueError(text)
        self.at += len(text)

    def digits(self, least: int, most: int) -> str:
        found = DIGITS.match(self.text, self.at, self.at + most)
        if found is None or len(found[0]) < least:
            raise ValueError(self.text)
        self.at = found.end()
        return found[0]

    def number(self, letter: str, width: int) -> None:
        if letter == "y":
            self.year(width)
        else:
            self.fields[letter] = int(self.digits(min(width, 2), 2))

    def year(self, width: int) -> None:
        if width > 2:
            self.fields["y"] = int(self.digits(width, max(width, 4)))
            return
        short = int(self.digits(width, 2))
        century = LAST_TWO_DIGIT_YEAR // 100 * 100
        self.fields["y"] = century + short - (100 if century + short > LAST_TWO_DIGIT_YEAR else 0)

    def fraction(self, letter: str, width: int) -> None:
        if letter == "F" and not self.text[self.at : self.at + 1].isdigit():
            return
        found = self.digits(width if letter == "f" else 1, width)
        self.fields["f"] = int(found.ljust(6, "0")[:6])

    def name(self, letter: str, width: int) -> None:
        names = DAYS if letter == "d" else MONTHS[1:]
        rest = self.text[self.at :].lower()
        for index, name in enumerate(names):
            wanted = shortened(name, width)
            if rest.startswith(wanted.lower()):
                self.at += len(wanted)
                self.fields["M" if letter == "M" else "weekday"] = index + (letter == "M")
                return
        raise ValueError(rest)

    def half(self, width: int) -> None:
        found = self.text[self.at : self.at + min(width, 2)].upper()
        if found not in ("AM"[:width], "PM"[:width]):
            raise ValueError(found)
        self.at += len(found)
        self.fields["pm"] = int(found[0] == "P")

    def offset(self) -> None:
        found = ZONE.match(self.text, self.at)
        text = found[0] if found else ""
        self.at += len(text)
        if text and text not in "Zz":
            sign, digits = text[0], text[1:].replace(":", "")
            self.zone = offset(sign + (digits.zfill(2) if len(digits) < 3 else digits.zfill(4)))

    def moment(self, now: datetime) -> datetime:
        known = self.fields
        day_given = known.keys() & {"y", "M", "d"}
        local = datetime(
            known.get("y", now.year),
            known.get("M", 1 if day_given else now.month),
            known.get("d", 1 if day_given else now.day),
            self.hour(),
            known.get("m", 0),
            known.get("s", 0),
            known.get("f", 0),
            UTC,
        )
        if known.get("weekday", local.weekday()) != local.weekday():
            raise ValueError("weekday")
        return local - self.zone

    def hour(self) -> int:
        if "h" not in self.fields:
            return self.fields.get("H", 0)
        if not 1 <= self.fields["h"] <= 12:
            raise ValueError("hour")
        return self.fields["h"] % 12 + 12 * self.fields.get("pm", 0)
