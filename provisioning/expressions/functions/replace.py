"""Replace: one name, five uses, told apart by which arguments are filled."""

from collections.abc import Callable
from typing import Any

from provisioning.expressions import patterns
from provisioning.expressions.context import Context
from provisioning.expressions.errors import ExpressionError, at
from provisioning.expressions.limits import MAX_TEXT
from provisioning.expressions.nodes import Attribute, Missing, Text
from provisioning.expressions.signatures import CallSite, Evaluate, Source, Type, form, text
from provisioning.sentences import Sentence

PARAMETERS = (
    text("source", required=False),
    text("Find", required=False),
    text("RegularExpression", required=False),
    text("RegularExpressionGroupName", required=False),
    text("Replacement", required=False),
    text("ReplacementPropertyName", required=False),
    text("Template", required=False),
)
Change = Callable[[str | None, Source, Context], str | None]


@form("Replace", *PARAMETERS, returns=Type.TEXT, minimum=3)
def replace(call: CallSite) -> Evaluate:
    """Replace(source, oldValue, regexPattern, regexGroupName, replacementValue, replacementAttributeName, template):
    replaces text within the source.

    Which arguments are filled decides what happens; capitals and small letters differ throughout.

    * oldValue and replacementValue: every oldValue in the source becomes replacementValue.
    * oldValue and template: every oldValue in the template becomes the source; the template is the result.
    * regexPattern and replacementValue: every match of the .NET regular expression is replaced; ${name} stands for
      what the group of that name caught.
    * regexPattern, regexGroupName and replacementValue: only what that group caught is replaced.
    * regexPattern, regexGroupName and replacementAttributeName: a source with a value stays as it is; without one,
      the group's text is taken from the other attribute.

    A pattern that matches nothing leaves the source as it is; in the last use it gives null. A source without a value
    gives null (our choices where the page is silent).

    >>> evaluate('Replace([preferredLanguage], "-", , , "_", , )', preferredLanguage="nl-NL")
    'nl_NL'
    >>> evaluate('Replace([mailNickname], "$", , , , , "$@contoso.com")', mailNickname="britta")
    'britta@contoso.com'
    >>> evaluate('Replace([mobile], , "\\\\+(?<country>\\\\d\\\\d)", , "00${country}-", , )', mobile="+31201234567")
    '0031-201234567'
    >>> evaluate('Replace([mail], , "(?<domain>@.*)", "domain", "@fabrikam.com", , )', mail="b@contoso.com")
    'b@fabrikam.com'
    >>> evaluate('Replace([mailNickname], , "(?<name>[^@]+)@", "name", , [mail], )', mail="britta@contoso.com")
    'britta'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Replace.
    """
    filled = tuple(not isinstance(node, Missing) for node in call.nodes) + (False,) * (7 - len(call.nodes))
    match filled[1:]:
        case (True, False, False, True, False, False):
            change = plainly(call.arguments[1], call.arguments[4])
        case (True, False, False, False, False, True):
            change = into_template(call.arguments[1], call.arguments[6])
        case (False, True, False, True, False, False):
            change = by_pattern(pattern_of(call), call.arguments[4])
        case (False, True, True, True, False, False):
            change = within_group(pattern_of(call), call.arguments[3], call.arguments[4])
        case (False, True, True, False, True, False):
            change = from_other(pattern_of(call), call.arguments[3], other(call))
        case _:
            raise ExpressionError("ArgumentCount", USES)
    source_of = call.arguments[0]
    return lambda source, context: change(source_of(source, context), source, context)


USES = Sentence(
    "Replace is filled in one of these ways: oldValue and replacementValue; oldValue and template; regexPattern and "
    "replacementValue; regexPattern, regexGroupName and replacementValue; regexPattern, regexGroupName and "
    "replacementAttributeName."
)


def pattern_of(call: CallSite) -> Callable[[Source, Context], Any]:
    """The compiled pattern; a constant one is compiled, and refused, before anything runs."""
    node, argument = call.nodes[2], call.arguments[2]
    if isinstance(node, Text):
        with at(node.column):
            pattern = patterns.compiled(node.value)
        return lambda source, context: pattern
    return lambda source, context: patterns.compiled(argument(source, context) or "")


def other(call: CallSite) -> Evaluate:
    """The other attribute: as [name], or its name as a text."""
    node = call.nodes[5]
    if isinstance(node, Text):
        return lambda source, context: source.get(node.value)
    if not isinstance(node, Attribute):
        raise ExpressionError(
            "ArgumentType", Sentence("replacementAttributeName must be an attribute."), column=node.column
        )
    return call.arguments[5]


def plainly(old_of: Evaluate, new_of: Evaluate) -> Change:
    def change(value: str | None, source: Source, context: Context) -> str | None:
        old, new = old_of(source, context), new_of(source, context) or ""
        return exchanged(value, old, new, context)

    return change


def into_template(old_of: Evaluate, template_of: Evaluate) -> Change:
    def change(value: str | None, source: Source, context: Context) -> str | None:
        if value is None:
            return None
        return exchanged(template_of(source, context), old_of(source, context), value, context)

    return change


def exchanged(text: str | None, old: str | None, new: str, context: Context) -> str | None:
    if not text or not old:
        return text
    if len(new) > len(old):
        context.expect(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def by_pattern(pattern_for: Evaluate, new_of: Evaluate) -> Change:
    def change(value: str | None, source: Source, context: Context) -> str | None:
        replacement = new_of(source, context) or ""
        return replaced(
            value, pattern_for(source, context), lambda found: patterns.substitute(found, replacement), context
        )

    return change


def within_group(pattern_for: Evaluate, group_of: Evaluate, new_of: Evaluate) -> Change:
    def change(value: str | None, source: Source, context: Context) -> str | None:
        pattern, group, new = pattern_for(source, context), group_of(source, context), new_of(source, context) or ""
        known(pattern, group)

        def one(found: Any) -> str:
            start, end = found.span(group)
            if start < 0:
                return str(found[0])
            return str(found.string[found.start() : start]) + new + str(found.string[end : found.end()])

        return replaced(value, pattern, one, context)

    return change


def from_other(pattern_for: Evaluate, group_of: Evaluate, other_of: Evaluate) -> Change:
    def change(value: str | None, source: Source, context: Context) -> str | None:
        if value:
            return value
        pattern, group, text = pattern_for(source, context), group_of(source, context), other_of(source, context)
        known(pattern, group)
        if not isinstance(text, str):
            return None
        found: Any = context.timed(lambda seconds: pattern.search(text, timeout=seconds))
        return found[group] if found else None

    return change


def known(pattern: Any, group: str | None) -> None:
    if group not in pattern.groupindex:
        raise ExpressionError(
            "PatternRefused", Sentence("The regular expression has no group named %(group)s.", group=(group or "")[:40])
        )


def replaced(value: str | None, pattern: Any, one: Callable[[Any], str], context: Context) -> str | None:
    """`value` with every match replaced by `one(match)`, stopped as soon as it grows beyond all measure."""
    if value is None:
        return None
    size = len(value)

    def counted(found: Any) -> str:
        nonlocal size
        made = one(found)
        size += len(made)
        if size > 2 * MAX_TEXT:
            context.expect(size)
        return made

    result = context.timed(lambda seconds: pattern.sub(counted, value, timeout=seconds))
    return str(result)
