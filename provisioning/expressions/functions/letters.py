"""Functions that change single letters: capitals and small letters, accents.

One letter stays one letter where .NET keeps it so: its simple case mapping, not Unicode's full one.
"""

import re
import unicodedata
from functools import lru_cache

from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.signatures import function, text
from provisioning.expressions.values import shown
from provisioning.sentences import Sentence

CULTURE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@function("ToLower", text("source"), text("culture", required=False))
def to_lower(source: str | None, culture: str | None) -> str | None:
    """ToLower(source, [culture]): the text in small letters, by the rules of a culture such as "nl-NL".

    Without a culture, and for all but Turkish and Azerbaijani, the rules are those that hold everywhere.

    >>> evaluate('ToLower([userPrincipalName])', userPrincipalName="Britta.Simon@Contoso.com")
    'britta.simon@contoso.com'
    >>> evaluate('ToLower("ISPARTA", "tr-TR")')
    'ısparta'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", ToLower.
    """
    if source and is_turkic(culture):
        source = source.replace("I", "ı").replace("İ", "i")
    return source and lower_simply(source)


@function("ToUpper", text("source"), text("culture", required=False))
def to_upper(source: str | None, culture: str | None) -> str | None:
    """ToUpper(source, [culture]): the text in capitals, by the rules of a culture such as "nl-NL".

    One letter stays one letter, as in .NET: a German ß is left as it is.

    >>> evaluate('ToUpper([country])', country="nl")
    'NL'
    >>> evaluate('ToUpper("Straße")')
    'STRAßE'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", ToUpper.
    """
    if source and is_turkic(culture):
        source = source.replace("i", "İ").replace("ı", "I")
    return source and upper_simply(source)


def is_turkic(culture: str | None) -> bool:
    """Raises ExpressionError when the name has not the form of RFC 4646."""
    if not culture:
        return False
    if not CULTURE.fullmatch(culture):
        raise ExpressionError(
            "UnknownCulture",
            Sentence("%(culture)s is not the name of a culture, such as nl-NL.", culture=shown(culture)),
        )
    return culture.lower().split("-")[0] in ("tr", "az")


def lower_simply(source: str) -> str:
    """Small letters, one for one: .NET never makes two characters of one."""
    lowered = source.lower()
    if source.isascii():
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in source)


def upper_simply(source: str) -> str:
    uppered = source.upper()
    if source.isascii():
        return uppered
    return "".join(up if len(up := character.upper()) == 1 else character for character in source)


@function("PCase", text("source"), text("wordSeparators", required=False))
def pcase(source: str | None, separators: str | None) -> str | None:
    """PCase(source, [wordSeparators]): every word with a capital first letter and small letters after it.

    With separators given, only those characters part words. Without, everything does that .NET counts as no part of a
    word: white space, dashes, brackets, quotation marks (an apostrophe too), punctuation and symbols. A text that is
    all capitals is lowered first.

    >>> evaluate('PCase([displayName])', displayName="BRITTA o'neil-simon")
    "Britta O'Neil-Simon"
    >>> evaluate('PCase([displayName], " ")', displayName="BRITTA o'neil-simon")
    "Britta O'neil-simon"

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", PCase.
    """
    if not source:
        return source
    at_start = True
    made = []
    for character in lower_simply(source):
        made.append(title_simply(character) if at_start else character)
        at_start = character in separators if separators else parts_words(character)
    return "".join(made)


def title_simply(character: str) -> str:
    titled = character.title()
    return titled if len(titled) == 1 else character


@lru_cache(maxsize=4096)
def parts_words(character: str) -> bool:
    """Separators, punctuation, symbols, control and format characters."""
    category = unicodedata.category(character)
    return category[0] in "ZPS" or category in ("Cc", "Cf")


SPECIAL_LETTERS = {
    "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "oe", "Ø": "OE", "ß": "ss", "ẞ": "SS",
    "ł": "l", "Ł": "L", "ı": "i", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ħ": "h", "Ħ": "H",
}  # fmt: skip


@function("NormalizeDiacritics", text("source"))
def normalize_diacritics(source: str | None) -> str | None:
    """NormalizeDiacritics(source): the text with plain letters in place of accented Latin ones.

    Accents go (ä becomes a, not ae); æ and ø become ae and oe, ß becomes ss, ł becomes l. Letters that the page's table
    leaves out are treated alike: œ as oe, đ and ð as d, þ as th, ħ as h. Other scripts stay as they are.

    >>> evaluate('NormalizeDiacritics([displayName])', displayName="Zoë Müller-Łukasz")
    'Zoe Muller-Lukasz'
    >>> evaluate('NormalizeDiacritics("Søren Weiß")')
    'Soeren Weiss'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", NormalizeDiacritics.
    """
    if not source or source.isascii():
        return source
    return "".join(map(plain, unicodedata.normalize("NFC", source)))


@lru_cache(maxsize=4096)
def plain(character: str) -> str:
    decomposed = unicodedata.normalize("NFD", character)
    base, marks = decomposed[0], decomposed[1:]
    if "\u0300" <= base <= "\u036f":
        return ""
    if base in SPECIAL_LETTERS:
        return SPECIAL_LETTERS[base]
    return base if marks and base.isascii() else character
