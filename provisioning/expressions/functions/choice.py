"""Functions that choose between values; what is not chosen is not evaluated."""

from provisioning.expressions.context import Context
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.nodes import Missing, Number, Text
from provisioning.expressions.signatures import CallSite, Evaluate, Source, Type, anything, boolean, form, text
from provisioning.expressions.values import IGNORE_ATTRIBUTE, Drop, Result, as_text, is_empty
from provisioning.sentences import Sentence


@form("IIF", boolean("condition"), anything("valueIfTrue"), anything("valueIfFalse", required=False), minimum=3)
def iif(call: CallSite) -> Evaluate:
    """IIF(condition, valueIfTrue, valueIfFalse): one of two values.

    The condition is a comparison or anything that is true or false. A comparison in which a side has no value is
    false, whatever its operator, unless it is compared with "": that asks whether there is a value.
    IgnoreAttributeFlow and IgnoreObjectFlow may stand in place of a value.

    >>> evaluate('IIF([country] = "NL", "Amsterdam", "Elsewhere")', country="NL")
    'Amsterdam'
    >>> evaluate('IIF([country] <> "NL", "abroad", "at home or unknown")')
    'at home or unknown'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IIF; the two drops from
    the guide for Workday.
    """
    condition, if_true, if_false = call.arguments

    def run(source: Source, context: Context) -> Result:
        return (if_true if condition(source, context) else if_false)(source, context)  # type: ignore[no-any-return]

    return run


@form(
    "Switch",
    text("source"),
    anything("defaultValue", required=False),
    text("key", repeating=True),
    anything("value", required=False, repeating=True),
    minimum=4,
)
def switch(call: CallSite) -> Evaluate:
    """Switch(source, defaultValue, key1, value1, key2, value2, …): the value of the first key that equals source.

    No such key gives the default; a default left out is null. Capitals and small letters differ. The key "" also
    catches a source without a value. Keys and values may be calls, and are evaluated only as far as needed.

    >>> evaluate('Switch([IsSoftDeleted], , "False", "True", "True", "False")', IsSoftDeleted=False)
    'True'
    >>> evaluate('Switch([state], "?", "NSW", "Sydney", "VIC", "Melbourne")', state="WA")
    '?'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Switch.
    """
    wanted, default, *pairs = call.arguments
    keys, results = pairs[::2], pairs[1::2]
    constants = constant_keys(call)
    if constants is not None:
        table = dict(zip(reversed(constants), reversed(results), strict=False))

        def look_up(source: Source, context: Context) -> Result:
            return table.get(wanted(source, context) or "", default)(source, context)  # type: ignore[no-any-return]

        return look_up

    def run(source: Source, context: Context) -> Result:
        value = wanted(source, context) or ""
        for key, result in zip(keys, results, strict=False):
            if (key(source, context) or "") == value:
                return result(source, context)  # type: ignore[no-any-return]
        return default(source, context)  # type: ignore[no-any-return]

    return run


def constant_keys(call: CallSite) -> list[str] | None:
    """The keys where all are constants, else None."""
    found = []
    for node in call.nodes[2::2]:
        match node:
            case Text(value):
                found.append(value)
            case Number():
                found.append(node.text)
            case Missing():
                found.append("")
            case _:
                return None
    return found[: len(call.arguments) // 2 - 1]


@form("Coalesce", anything("source", repeating=True), minimum=1)
def coalesce(call: CallSite) -> Evaluate:
    """Coalesce(source1, source2, …, [defaultValue]): the first that has a value.

    Null, the empty text and an empty list are passed over, except that a constant "" as the last argument is taken
    (our choice: the text speaks of null alone, one of its samples needs more).

    >>> evaluate('Coalesce([mail], [userPrincipalName])', mail="", userPrincipalName="b@contoso.com")
    'b@contoso.com'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Coalesce.
    """
    candidates = call.arguments
    otherwise = "" if isinstance(call.nodes[-1], Text) else None

    def run(source: Source, context: Context) -> Result:
        for candidate in candidates:
            value: Result = candidate(source, context)
            if isinstance(value, Drop) or not is_empty(value):
                return value
        return otherwise

    return run


@form("IgnoreFlowIfNullOrEmpty", anything("expression"))
def ignore_flow_if_null_or_empty(call: CallSite) -> Evaluate:
    """IgnoreFlowIfNullOrEmpty(expression): the value; without one, the attribute is left out.

    The target keeps what it has.

    >>> evaluate('IgnoreFlowIfNullOrEmpty([department])', department="Sales")
    'Sales'
    >>> evaluate('IgnoreFlowIfNullOrEmpty([department])', department="")
    'IgnoreAttributeFlow'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IgnoreFlowIfNullOrEmpty.
    """
    (inner,) = call.arguments

    def run(source: Source, context: Context) -> Result:
        value: Result = inner(source, context)
        return IGNORE_ATTRIBUTE if is_empty(value) else value

    return run


@form(
    "SelectUniqueValue",
    text("uniqueValueRule", repeating=True),
    minimum=2,
    returns=Type.TEXT,
    caution=Sentence(
        "Microsoft supports SelectUniqueValue only towards an on-premises Active Directory. Map it “only during "
        "object creation”, and not as a matching attribute."
    ),
)
def select_unique_value(call: CallSite) -> Evaluate:
    """SelectUniqueValue(uniqueValueRule1, uniqueValueRule2, …): the first value that nobody in the target uses yet.

    Rules without a value are passed over. When every value is taken the person is in error and is tried again later. It
    must be the outermost function.

    >>> evaluate('SelectUniqueValue([mailNickname], Join("", [mailNickname], [employeeId]))', mailNickname="britta")
    'britta'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", SelectUniqueValue.
    """
    candidates = call.arguments

    def run(source: Source, context: Context) -> str:
        for candidate in candidates:
            value = as_text(candidate(source, context))
            if value and not context.taken(value):
                return value
        raise ExpressionError(
            "NoUniqueValue", Sentence("Every value that SelectUniqueValue makes for this person is taken or empty.")
        )

    return run
