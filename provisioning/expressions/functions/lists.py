"""Functions over the values of a multi-valued attribute."""

from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.signatures import Type, function, integer, text, values
from provisioning.sentences import Sentence


@function("Count", values("attribute"), returns=Type.INTEGER)
def count(attribute: list[str]) -> int:
    """Count(attribute): the number of values; 0 for none, 1 for a single-valued attribute that has a value.

    >>> evaluate('Count([otherMails])', otherMails=["b@x.nl", "s@x.nl"])
    2

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Count.
    """
    return len(attribute)


@function("Item", values("attribute"), integer("index"))
def item(attribute: list[str], index: int) -> str:
    """Item(attribute, index): one value of the list, counted from 1; an index outside the list is an error.

    >>> evaluate('Item([proxyAddresses], 2)', proxyAddresses=["SMTP:b@x.nl", "smtp:s@x.nl"])
    'smtp:s@x.nl'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Item; the error from the
    page of cloud sync.
    """
    if not 1 <= index <= len(attribute):
        raise ExpressionError(
            "IndexOutOfRange",
            Sentence(
                "Item counts from 1 to %(count)s here; its index is %(index)s.", count=len(attribute), index=index
            ),
        )
    return attribute[index - 1]


@function("RemoveDuplicates", values("attribute"), returns=Type.LIST)
def remove_duplicates(attribute: list[str]) -> list[str]:
    """RemoveDuplicates(attribute): each value once, where it first stood.

    Capitals and small letters differ.

    >>> evaluate('RemoveDuplicates([otherMails])', otherMails=["b@x.nl", "s@x.nl", "b@x.nl"])
    ['b@x.nl', 's@x.nl']

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", RemoveDuplicates.
    """
    return list(dict.fromkeys(attribute))


@function("Split", text("source"), text("delimiter", required=False), returns=Type.LIST)
def split(source: str | None, delimiter: str | None) -> list[str]:
    """Split(source, delimiter): the parts between the delimiters, as a list; blanks around a part go.

    The delimiter is taken as a whole, several characters included. Without one the source is the only part; a
    source without a value gives an empty list.

    >>> evaluate('Split("Sales, Support", ",")')
    ['Sales', 'Support']

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Split.
    """
    if not source:
        return []
    return [part.strip() for part in source.split(delimiter)] if delimiter else [source]
