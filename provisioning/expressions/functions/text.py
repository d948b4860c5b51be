"""Functions that make one text from another."""

from provisioning.expressions.context import Context
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.functions.letters import lower_simply
from provisioning.expressions.signatures import CallSite, Evaluate, Source, Type, form, function, integer, text, values
from provisioning.sentences import Sentence


@function("Append", text("source"), text("suffix"))
def append(source: str | None, suffix: str | None) -> str:
    """Append(source, suffix): the source followed by the suffix.

    A source without a value counts as empty (our choice where the page is silent).

    >>> evaluate('Append([mailNickname], "@contoso.com")', mailNickname="britta")
    'britta@contoso.com'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Append.
    """
    return (source or "") + (suffix or "")


@function("Prepend", text("prefix"), text("source"))
def prepend(prefix: str | None, source: str | None) -> str:
    """Prepend(prefix, source): the prefix followed by the source.

    >>> evaluate('Prepend("EXT-", [employeeId])', employeeId="700")
    'EXT-700'

    Source: Microsoft Graph, synchronizationSchema: functions. Only its name and parameters are published.
    """
    return (prefix or "") + (source or "")


@form("Join", text("separator"), values("source", repeating=True), returns=Type.TEXT)
def join(call: CallSite) -> Evaluate:
    """Join(separator, source1, source2, …): the parts that have a value, with the separator between them.

    A multi-valued part gives all its values. Parts that are null or empty are passed over with their separator.

    >>> evaluate('Join(" ", [givenName], [middleName], [surname])', givenName="Britta", surname="Simon")
    'Britta Simon'
    >>> evaluate('Join("; ", [otherMails], "help@contoso.com")', otherMails=["b@x.nl", "s@x.nl"])
    'b@x.nl; s@x.nl; help@contoso.com'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Join.
    """
    between, *parts = call.arguments

    def run(source: Source, context: Context) -> str:
        separator = between(source, context) or ""
        found: list[str] = []
        for part in parts:
            found += part(source, context)
        return separator.join(filter(None, found))

    return run


@function("Left", text("string"), integer("numChars"))
def left(string: str | None, count: int) -> str:
    """Left(string, numChars): the first characters of the text.

    0 gives the empty text, a negative number the whole text, and so does a number beyond its length.

    >>> evaluate('Left([givenName], 1)', givenName="Britta")
    'B'
    >>> evaluate('Left([givenName], -1)', givenName="Britta")
    'Britta'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Left.
    """
    if not string:
        return ""
    return string if count < 0 else string[:count]


@function("Mid", text("source"), integer("start"), integer("length"))
def mid(source: str | None, start: int, length: int) -> str:
    """Mid(source, start, length): a part of the text; start counts from 1.

    A length beyond the end gives the rest. A start beyond the end, or a source without a value, gives the empty
    text (our choice where the page is silent).

    >>> evaluate('Mid([userPrincipalName], 3, 4)', userPrincipalName="britta@contoso.com")
    'itta'
    >>> evaluate('Mid([department], 4, 100)', department="NL-Sales")
    'Sales'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Mid.
    """
    if start < 1:
        raise ExpressionError("IndexOutOfRange", Sentence("Mid counts from 1; its start is %(start)s.", start=start))
    if length < 0:
        raise ExpressionError("IndexOutOfRange", Sentence("Mid cannot take %(length)s characters.", length=length))
    return (source or "")[start - 1 : start - 1 + length]


@function("Len", text("source"), returns=Type.INTEGER)
def length(source: str | None) -> int:
    """Len(text): the number of characters; 0 for a source without a value.

    >>> evaluate('Len([department])', department="Sales")
    5

    Source: Microsoft Entra ID, list of functions of 2026; its definition is our reading of the name.
    """
    return len(source or "")


@function(
    "InStr",
    text("value1"),
    text("value2"),
    integer("start", required=False),
    text("compareType", required=False, choices=("vbBinaryCompare", "vbTextCompare")),
    returns=Type.INTEGER,
)
def in_str(searched: str | None, wanted: str | None, start: int | None, compare: str | None) -> int:
    """InStr(searched, wanted, [start], [compareType]): where the wanted text first occurs, counted from 1.

    0 means that it is absent. vbBinaryCompare (the default, as in Visual Basic) tells capitals from small letters,
    vbTextCompare does not. An empty wanted text is found at the start.

    >>> evaluate('InStr([userPrincipalName], "@")', userPrincipalName="britta@contoso.com")
    7
    >>> evaluate('InStr("The Quick brown fox", "quick", 1, vbTextCompare)')
    5

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", InStr; the 0 from the
    page of cloud sync.
    """
    first = 1 if start is None else start
    if first < 1:
        raise ExpressionError("IndexOutOfRange", Sentence("InStr counts from 1; its start is %(first)s.", first=first))
    if not searched:
        return 0
    if compare == "vbTextCompare":
        return lower_simply(searched).find(lower_simply(wanted or ""), first - 1) + 1
    return searched.find(wanted or "", first - 1) + 1


@function("StripSpaces", text("source"))
def strip_spaces(source: str | None) -> str | None:
    """StripSpaces(source): the text without any of its blanks, inner ones included.

    Only the blank itself goes; tabs and line breaks stay.

    >>> evaluate('StripSpaces([displayName])', displayName=" Britta  Simon ")
    'BrittaSimon'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", StripSpaces.
    """
    return source and source.replace(" ", "")


@function("Trim", text("source"), standard=False)
def trim(source: str | None) -> str | None:
    """Trim(source): the text without white space at its beginning and end.

    >>> evaluate('Trim([displayName])', displayName="  Britta Simon ")
    'Britta Simon'

    Source: Microsoft Entra Cloud Sync, "Attribute mapping expression reference", Trim. An extension here.
    """
    return source and source.strip()


@function("Word", text("string"), integer("wordNumber"), text("delimiters"))
def word(string: str | None, number: int, delimiters: str | None) -> str:
    """Word(string, wordNumber, delimiters): one word of the text, counted from 1.

    Every character of the delimiters parts words. Too few words, a number below 1 or a source without a value give
    the empty text. Delimiters in a row part only once (our choice where the page is silent).

    >>> evaluate('Word([displayName], 2, " ,")', displayName="Simon, Britta")
    'Britta'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Word.
    """
    if not string or number < 1:
        return ""
    if delimiters:
        alike = str.maketrans(dict.fromkeys(delimiters, delimiters[0]))
        words = [piece for piece in string.translate(alike).split(delimiters[0]) if piece]
    else:
        words = [string]
    return words[number - 1] if number <= len(words) else ""
