"""Functions over dates. A date is a moment in UTC; it prints as `M/d/yyyy h:mm:ss tt`."""

import calendar
from datetime import UTC, datetime, timedelta

from provisioning.expressions.context import Context
from provisioning.expressions.date_formats import pieces, print_as, read_as
from provisioning.expressions.dates import read_date
from provisioning.expressions.errors import ExpressionError, at
from provisioning.expressions.nodes import Missing, Text
from provisioning.expressions.signatures import (
    CallSite,
    Evaluate,
    Source,
    Type,
    anything,
    date,
    form,
    function,
    integer,
    text,
)
from provisioning.expressions.values import as_date, as_text, shown
from provisioning.sentences import Sentence

INTERVALS = ("yyyy", "m", "d", "ww", "h", "n", "s")
SECONDS = {"ww": 7 * 86400, "d": 86400, "h": 3600, "n": 60, "s": 1}
FILE_TIME_START = datetime(1601, 1, 1, tzinfo=UTC)
NEVER = 2**63 - 1
STYLES = {
    "none",
    "allowleadingwhite",
    "allowtrailingwhite",
    "allowinnerwhite",
    "allowwhitespaces",
    "nocurrentdatedefault",
    "adjusttouniversal",
    "assumelocal",
    "assumeuniversal",
    "roundtripkind",
}


@form("Now", returns=Type.DATETIME, uses_time=True)
def now(call: CallSite) -> Evaluate:
    """Now(): the current date and time in UTC.

    >>> evaluate('FormatDateTime(Now(), , , "yyyy")')
    '2026'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Now.
    """
    return lambda source, context: as_date(context.now)


@function("CDate", date("expression"), returns=Type.DATETIME)
def cdate(expression: datetime | None) -> datetime | None:
    """CDate(expression): the date and time that a text names, in UTC.

    Takes ISO 8601 with or without a time and an offset, and the form in which dates print. Without an offset it is
    UTC. A text that is no date is an error; no value stays without one (our choices where the page is silent).

    >>> evaluate('CStr(CDate("2024-05-01+02:00"))')
    '4/30/2024 10:00:00 PM'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", CDate.
    """
    return expression


@function("DateAdd", text("interval", choices=INTERVALS), integer("value"), date("dateTime"), returns=Type.DATETIME)
def date_add(interval: str | None, value: int, moment: datetime | None) -> datetime | None:
    """DateAdd(interval, value, dateTime): the date moved by so many intervals, backwards when negative.

    The intervals are yyyy (years), m (months), ww (weeks), d (days), h (hours), n (minutes) and s (seconds). Where the
    month that is reached has no such day, it is its last (our choice where the page is silent).

    >>> evaluate('FormatDateTime(DateAdd("m", 1, CDate("2024-01-31")), , , "yyyy-MM-dd")')
    '2024-02-29'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", DateAdd.
    """
    known_interval(interval)
    if moment is None:
        return None
    try:
        if interval in SECONDS:
            return moment + timedelta(seconds=value * SECONDS[interval])
        return months_later(moment, value * (12 if interval == "yyyy" else 1))
    except (OverflowError, ValueError):
        raise ExpressionError("DateOutOfRange", Sentence("The date would be outside the years 1 to 9999.")) from None


def known_interval(interval: str | None) -> None:
    if interval not in INTERVALS:
        raise ExpressionError(
            "ArgumentType",
            Sentence(
                "%(interval)s is none of the intervals %(names)s.",
                interval=shown(interval or ""),
                names=", ".join(INTERVALS),
            ),
        )


def months_later(moment: datetime, months: int) -> datetime:
    """Raises ValueError beyond the calendar."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(year)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


@function("DateDiff", text("interval", choices=INTERVALS), date("date1"), date("date2"), returns=Type.INTEGER)
def date_diff(interval: str | None, first: datetime | None, second: datetime | None) -> int | None:
    """DateDiff(interval, date1, date2): how many intervals date2 is after date1; negative when it is before.

    Years and months count how often the calendar turns; weeks count Sundays; days, hours, minutes and seconds count
    whole ones that have passed. A date without a value gives null.

    >>> evaluate('DateDiff("yyyy", "2023-12-31", "2024-01-01")')
    1
    >>> evaluate('DateDiff("d", "2024-01-01T12:00:00Z", "2024-01-03T11:00:00Z")')
    1

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", DateDiff; the counting
    agrees with its figures and with Visual Basic.
    """
    known_interval(interval)
    if first is None or second is None:
        return None
    match interval:
        case "yyyy":
            return second.year - first.year
        case "m":
            return (second.year - first.year) * 12 + second.month - first.month
        case "ww":
            return (week(second) - week(first)) // 7
    seconds = (
        (second - first) // timedelta(seconds=1) if second >= first else -((first - second) // timedelta(seconds=1))
    )
    whole, unit = abs(seconds) // SECONDS[interval or "s"], 1 if seconds >= 0 else -1
    return whole * unit


def week(moment: datetime) -> int:
    """The day number of the Sunday that begins the week."""
    return moment.toordinal() - moment.isoweekday() % 7


@form(
    "FormatDateTime",
    anything("source"),
    text("dateTimeStyles", required=False),
    text("inputFormat", required=False),
    text("outputFormat", required=False),
    returns=Type.TEXT,
    minimum=3,
)
def format_date_time(call: CallSite) -> Evaluate:
    """FormatDateTime(source, [dateTimeStyles], inputFormat, outputFormat): a date in another form.

    Both forms are .NET's, standard or custom, in the invariant culture; times are UTC. The styles are nearly always
    left empty, and may be left out altogether. A source that is a date already (from CDate, DateAdd, …) needs no input
    format, nor does ISO 8601.

    >>> evaluate('FormatDateTime([employeeHireDate], , "yyyyMMdd", "yyyy-MM-dd")', employeeHireDate="20260309")
    '2026-03-09'
    >>> evaluate('FormatDateTime([extensionAttribute1], "yyyy-MM-dd", "d MMMM yyyy")', extensionAttribute1="2026-03-09")
    '9 March 2026'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", FormatDateTime.
    """
    given = len(call.nodes)
    while isinstance(call.nodes[given - 1], Missing):
        given -= 1
    if given < 3:
        raise ExpressionError("ArgumentMissing", Sentence("FormatDateTime needs an output format."))
    places = (0, 1, 2, 3) if given > 3 else (0, None, 1, 2)
    wanted, styles_of, input_of, output_of = (None if at is None else call.arguments[at] for at in places)
    for node in call.nodes[given - 2 : given]:
        if isinstance(node, Text) and node.value:
            with at(node.column):
                pieces(node.value)

    def run(source: Source, context: Context) -> str | None:
        value = wanted(source, context) if wanted else None
        known_styles(styles_of(source, context) if styles_of else None)
        input_form = (input_of(source, context) if input_of else None) or ""
        output_form = (output_of(source, context) if output_of else None) or ""
        moment = read(value, input_form, context)
        if not output_form:
            raise ExpressionError("DateFormat", Sentence("FormatDateTime needs an output format."))
        return None if moment is None else print_as(moment, output_form)

    return run


def read(value: object, form: str, context: Context) -> datetime | None:
    if isinstance(value, datetime):
        return as_date(value)
    text = as_text(value)
    if not text:
        return None
    return read_as(text, form, context.now) if form else read_date(text)


def known_styles(styles: str | None) -> None:
    """None of .NET's styles changes a reading in UTC; a word that is no style is a mistake worth telling."""
    for style in (styles or "").replace("|", ",").split(","):
        name = style.strip().removeprefix("DateTimeStyles.")
        if name and name.lower() not in STYLES:
            raise ExpressionError(
                "DateFormat", Sentence("%(name)s is none of .NET's DateTimeStyles.", name=shown(name))
            )


@function("DateFromNum", integer("value", nullable=True), returns=Type.DATETIME)
def date_from_num(value: int | None) -> datetime | None:
    """DateFromNum(value): the date of an Active Directory number, which counts tenths of microseconds since 1601.

    9223372036854775807, Active Directory's "never", gives null.

    >>> evaluate('FormatDateTime(DateFromNum(133170048000000000), , , "yyyy-MM-dd")')
    '2023-01-01'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", DateFromNum.
    """
    if value is None or value == NEVER:
        return None
    try:
        return FILE_TIME_START + timedelta(microseconds=value // 10)
    except OverflowError:
        raise ExpressionError("DateOutOfRange", Sentence("The number is a date outside the years 1 to 9999.")) from None


@function("NumFromDate", date("value"), returns=Type.INTEGER)
def num_from_date(value: datetime | None) -> int | None:
    """NumFromDate(value): a date as Active Directory's number, tenths of microseconds since 1601.

    >>> evaluate('NumFromDate("2023-01-01 01:00:00+01:00")')
    133170048000000000

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", NumFromDate.
    """
    return None if value is None else (value - FILE_TIME_START) // timedelta(microseconds=1) * 10
