"""Regular expressions in .NET's syntax, run by the `regex` package within a time limit.

What .NET writes otherwise is translated; what has no counterpart is refused with the place in the pattern, never
guessed at. What only the `regex` package knows (fuzzy matching, named lists, recursion, …) is refused as .NET does.

Source: Microsoft .NET, "Regular Expression Language - Quick Reference".
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import regex

from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.limits import MAX_PATTERN
from provisioning.sentences import Sentence

QUANTIFIER = re.compile(r"[*+?]|\{[0-9]+(?:,[0-9]*)?\}")
NAMED = re.compile(r"\(\?(?:<([^<>=!]*)>|'([^']*)')")
OPTIONS = re.compile(r"\(\?([imsx]*)(?:-([imsx]*))?([:)])")
GROUP_NAME = re.compile(r"[A-Za-z_]\w*")
PLAIN_GROUPS = ("(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>")
ESCAPES = {"z": r"\Z", "Z": r"(?=\n?\Z)", "e": r"\x1b", "a": r"\x07", "b": r"\b", "B": r"\B", "A": r"\A", "G": r"\G"}
SAME_ESCAPES = "dDwWsStrnvf"


@lru_cache(maxsize=256)
def compiled(pattern: str, *, ignore_case: bool = False) -> "regex.Pattern[str]":
    """Raises ExpressionError of kind "PatternRefused" with what is wrong and where in the pattern (from 1)."""
    if len(pattern) > MAX_PATTERN:
        raise refused(
            Sentence(
                "A regular expression has at most %(most)s characters; this one has %(count)s.",
                most=MAX_PATTERN,
                count=len(pattern),
            )
        )
    # V1 gives .NET's scope to inline options; its full case folding, which .NET lacks, is switched off.
    flags = regex.V1 | (regex.IGNORECASE if ignore_case else 0)
    try:
        return regex.compile("(?-f)" + Translation(pattern).text(), flags)
    except (regex.error, OverflowError, RecursionError, IndexError, ValueError, KeyError) as exc:
        raise refused(Sentence("The regular expression cannot be read: %(fault)s.", fault=exc)) from None


def refused(message: Sentence) -> ExpressionError:
    return ExpressionError("PatternRefused", message)


@dataclass
class Translation:
    """One pass over a pattern; `at` is the next character."""

    pattern: str
    at: int = 0
    made: list[str] = field(default_factory=list)

    def text(self) -> str:
        while self.at < len(self.pattern):
            match self.pattern[self.at]:
                case "\\":
                    self.made.append(self.escape())
                case "[":
                    self.made.append(self.set())
                case "(":
                    self.made.append(self.group())
                case "*" | "+" | "?" | "{":
                    self.made.append(self.quantifier())
                case _:
                    self.copy(1)
        return "".join(self.made)

    def copy(self, count: int, instead: str | None = None) -> None:
        self.made.append(self.pattern[self.at : self.at + count] if instead is None else instead)
        self.at += count

    def fail(self, message: Sentence) -> ExpressionError:
        return refused(
            Sentence(
                "%(fault)s (character %(position)s of the regular expression)", fault=message, position=self.at + 1
            )
        )

    def take(self, expression: "re.Pattern[str]", message: Sentence) -> "re.Match[str]":
        found = expression.match(self.pattern, self.at)
        if found is None:
            raise self.fail(message)
        self.at = found.end()
        return found

    def quantifier(self) -> str:
        found = QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            # .NET reads a brace that is no quantifier as itself; the regex package as fuzzy matching.
            self.at += 1
            return r"\{"
        if not self.made or self.made[-1] in ("(", "|"):
            raise self.fail(Sentence("This quantifier has nothing before it."))
        lazy = self.pattern.startswith("?", found.end())
        self.at = found.end() + lazy
        if QUANTIFIER.match(self.pattern, self.at):
            # a++ is possessive for the regex package; .NET knows no such thing.
            raise self.fail(Sentence("A quantifier cannot follow another one."))
        return found[0] + "?" * lazy

    def escape(self, in_set: bool = False) -> str:
        following = self.pattern[self.at + 1 : self.at + 2]
        if not following:
            raise self.fail(Sentence("A backslash at the end has nothing to escape."))
        if in_set and following == "b":
            self.at += 2
            return r"\x08"
        if following in ESCAPES and not in_set:
            self.at += 2
            return ESCAPES[following]
        if following in "ae" or following in SAME_ESCAPES:
            self.at += 2
            return ESCAPES.get(following, "\\" + following)
        if following in "pP":
            return self.take(re.compile(r"\\[pP]\{\w+\}"), Sentence("A Unicode category is written \\p{L}."))[0]
        if following in "xuc":
            return self.code_point()
        if following == "k" and not in_set:
            found = self.take(
                re.compile(r"\\k(?:<(\w+)>|'(\w+)')"), Sentence("A named reference is written \\k<name>.")
            )
            return f"\\g<{found[1] or found[2]}>"
        if following.isdigit():
            return self.digits(in_set)
        if following.isalpha():
            raise self.fail(
                Sentence("There is no escape \\%(following)s in .NET's regular expressions.", following=following)
            )
        self.at += 2
        return re.escape(following)

    def code_point(self) -> str:
        found = self.take(
            re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|c([A-Za-z]))"),
            Sentence(r"A character code is written \x41, \u0041 or \cA."),
        )
        code = ord(found[3].upper()) - 64 if found[3] else int(found[1] or found[2], 16)
        return f"\\U{code:08x}"

    def digits(self, in_set: bool) -> str:
        """A back-reference, or an octal code after \\0 and in sets."""
        octal = re.compile(r"\\(0?[0-7]{1,3})").match(self.pattern, self.at)
        if octal and (in_set or octal[1].startswith("0")):
            self.at = octal.end()
            return f"\\U{int(octal[1], 8) & 0xFF:08x}"
        number = int(
            self.take(re.compile(r"\\([0-9]{1,2})"), Sentence("A reference is a number of one or two digits."))[1]
        )
        return f"(?:\\g<{self.own_number(number)}>)"

    def own_number(self, number: int) -> int:
        """.NET numbers the unnamed groups first, then the named ones; the regex package all as they come."""
        named, order = group_order(self.pattern)
        dotnet = [place for place, is_named in enumerate(order) if not is_named]
        dotnet += [place for place, is_named in enumerate(order) if is_named]
        if not 1 <= number <= len(dotnet):
            raise self.fail(Sentence("There is no group %(number)s to refer to.", number=number))
        return dotnet[number - 1] + 1

    def group(self) -> str:
        rest = self.pattern[self.at : self.at + 4]
        if not rest.startswith("(?"):
            self.at += 1
            return "("
        for opening in sorted(PLAIN_GROUPS, key=len, reverse=True):
            if rest.startswith(opening):
                self.at += len(opening)
                return opening
        if rest.startswith("(?#"):
            self.take(re.compile(r"\(\?#[^)]*\)"), Sentence("A comment in the pattern has no end."))
            return ""
        if NAMED.match(self.pattern, self.at):
            return self.named_group()
        found = self.take(OPTIONS, Sentence("This kind of group is not supported."))
        on, off, end = found[1], found[2] or "", found[3]
        return f"(?{on}{'-' + off if off else ''}{end}" if on or off else ("(?:" if end == ":" else "")

    def named_group(self) -> str:
        found = NAMED.match(self.pattern, self.at)
        name = (found[1] or found[2] or "") if found else ""
        if "-" in name:
            raise self.fail(Sentence("Balancing groups, (?<name1-name2>…), are not supported."))
        if not GROUP_NAME.fullmatch(name):
            raise self.fail(
                Sentence("A group name is made of letters, digits and underscores, and begins with a letter.")
            )
        self.at = found.end() if found else self.at
        return f"(?P<{name}>"

    def set(self, depth: int = 0) -> str:
        """A character set, every literal escaped, .NET's subtraction `[a-z-[aeiou]]` as V1's difference."""
        if depth > 5:
            raise self.fail(Sentence("Sets are subtracted too deep."))
        start = self.at
        self.at += 1
        made = ["["]
        if self.pattern.startswith("^", self.at):
            self.at += 1
            made.append("^")
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                self.at = start
                raise self.fail(Sentence("This set has no closing bracket."))
            if self.pattern.startswith("-[", self.at) and not first:
                self.at += 1
                made.append("--" + self.set(depth + 1))
                if not self.pattern.startswith("]", self.at):
                    raise self.fail(Sentence("A subtraction must be the last thing in its set."))
                break
            made.append(self.member())
            first = False
        self.at += 1
        return "".join(made) + "]"

    def member(self) -> str:
        """One character or class of a set, or a range."""
        low = self.character()
        is_range = self.pattern.startswith("-", self.at) and self.pattern[self.at + 1 : self.at + 2] not in (
            "]",
            "[",
            "",
        )
        if not is_range:
            return low
        self.at += 1
        return f"{low}-{self.character()}"

    def character(self) -> str:
        if self.pattern.startswith("\\", self.at):
            return self.escape(in_set=True)
        self.at += 1
        character = self.pattern[self.at - 1]
        return character if character.isalnum() else f"\\U{ord(character):08x}"


def group_order(pattern: str) -> tuple[list[str], list[bool]]:
    """The names of the named groups, and for every capturing group in its order whether it is named."""
    names, order, at, in_set = [], [], 0, False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
        elif character == "(":
            found = NAMED.match(pattern, at)
            if found:
                names.append(found[1] or found[2])
            if found or not pattern.startswith("(?", at):
                order.append(found is not None)
        at += 1
    return names, order


SUBSTITUTION = re.compile(r"\$(?:\{(\w+)\}|([0-9]{1,2})|([$&`'_+]))")


def substitute(found: Any, replacement: str) -> str:
    """What a .NET replacement text stands for at one match: `${name}`, `$1`, `$&`, `$$` and their like.

    A reference to a group that does not exist stays as it was typed, as in .NET.

    >>> substitute(compiled("(?<first>.).*").search("Britta"), "${first}. $$ $9")
    'B. $ $9'
    """

    def meaning(reference: "re.Match[str]") -> str:
        name, number, sign = reference.groups()
        if sign:
            return str(signs(found, sign))
        if name and not name.isdigit():
            return (found[name] or "") if name in found.re.groupindex else reference[0]
        wanted = int(name or number)
        return (found[own_group(found, wanted)] or "") if wanted <= found.re.groups else reference[0]

    return SUBSTITUTION.sub(meaning, replacement)


def own_group(found: Any, number: int) -> int:
    if number == 0:
        return 0
    named = set(found.re.groupindex.values())
    everything = range(1, found.re.groups + 1)
    return int(([each for each in everything if each not in named] + sorted(named))[number - 1])


def signs(found: Any, sign: str) -> str:
    match sign:
        case "$":
            return "$"
        case "&":
            return str(found[0])
        case "`":
            return str(found.string[: found.start()])
        case "'":
            return str(found.string[found.end() :])
        case "_":
            return str(found.string)
        case _:
            last = own_group(found, found.re.groups)
            return str(found[last] or "")
