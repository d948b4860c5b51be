"""Functions that answer true or false, and arithmetic on truth."""

from typing import Any

from provisioning.expressions.signatures import Type, anything, boolean, function, integer
from provisioning.expressions.values import Drop, Dropped, as_text, is_empty
from provisioning.sentences import Sentence

IN_CONDITIONS = Sentence("Microsoft lists a test for an empty attribute inside IIF as unsupported; here it works.")


@function("IsNull", anything("expression"), returns=Type.BOOLEAN, caution=IN_CONDITIONS)
def is_null(value: Any) -> bool:
    """IsNull(expression): true when there is no value at all.

    >>> evaluate('IsNull([department])')
    True
    >>> evaluate('IsNull([department])', department="")
    False

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IsNull.
    """
    return value != "" and is_empty(value)


@function("IsNothing", anything("expression"), returns=Type.BOOLEAN)
def is_nothing(value: Any) -> bool:
    """IsNothing(expression): another name for IsNull.

    >>> evaluate('IsNothing([department])', department="Sales")
    False

    Source: Microsoft Graph, synchronizationSchema: functions. Only its name is published; its meaning is our choice.
    """
    return is_null(value)


@function("IsNullOrEmpty", anything("expression"), returns=Type.BOOLEAN, caution=IN_CONDITIONS)
def is_null_or_empty(value: Any) -> bool:
    """IsNullOrEmpty(expression): true when there is no value, or only the empty text.

    >>> evaluate('IsNullOrEmpty([department])', department="")
    True

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IsNullOrEmpty.
    """
    return is_empty(value)


@function("IsPresent", anything("expression"), returns=Type.BOOLEAN, caution=IN_CONDITIONS)
def is_present(value: Any) -> bool:
    """IsPresent(expression): true when there is a value that is not the empty text.

    >>> evaluate('Switch(IsPresent([mail]), "no mail", "True", [mail])')
    'no mail'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IsPresent.
    """
    return not is_empty(value)


@function("IsString", anything("expression"), returns=Type.BOOLEAN)
def is_string(value: Any) -> bool:
    """IsString(expression): true when the value can be read as one text.

    Null and a list of several values cannot; numbers, dates and truth can.

    >>> evaluate('IsString([employeeId])', employeeId="700")
    True
    >>> evaluate('IsString([otherMails])', otherMails=["b@x.nl", "s@x.nl"])
    False

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", IsString.
    """
    if isinstance(value, list) and len(value) > 1:
        return False
    return as_text(value) is not None


@function("Not", anything("source"), returns=Type.BOOLEAN)
def negated(value: Any) -> bool:
    """Not(source): False for True, and True for anything else.

    >>> evaluate('Not([IsSoftDeleted])', IsSoftDeleted="True")
    False
    >>> evaluate('Not([IsSoftDeleted])')
    True

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Not.
    """
    if isinstance(value, Drop):
        raise Dropped(value)
    return not (value is True or (isinstance(value, str) and value.strip().lower() == "true"))


@function("CBool", boolean("expression"), returns=Type.BOOLEAN)
def cbool(value: bool) -> bool:
    """CBool(expression): whether a comparison holds, or a number is not 0.

    A text that is neither a number nor True or False is an error; no value is False (our choices where the page is
    silent).

    >>> evaluate('CBool([city] = [state])', city="Utrecht", state="Utrecht")
    True
    >>> evaluate('CBool(Count([otherMails]))')
    False

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", CBool.
    """
    return value


@function("BitAnd", integer("value1"), integer("value2"), returns=Type.INTEGER)
def bit_and(first: int, second: int) -> int:
    """BitAnd(value1, value2): the bits that both numbers have.

    >>> evaluate('BitAnd(&HF, &HF7)')
    7
    >>> evaluate('IIF(CBool(BitAnd([userAccountControl], 2)), "disabled", "enabled")', userAccountControl="514")
    'disabled'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", BitAnd.
    """
    return first & second
