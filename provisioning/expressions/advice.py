"""Warnings for the expression builder: expressions that work here, but deserve a second look.

Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings": the notes at IIF, Switch,
SelectUniqueValue and the role functions.
"""

from collections.abc import Collection
from dataclasses import dataclass

from provisioning.expressions.catalogue import FUNCTIONS
from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Node, Text
from provisioning.sentences import Sentence

TESTS = {"IsNull", "IsNullOrEmpty", "IsPresent"}


@dataclass(frozen=True, slots=True)
class Advice:
    """`column` counts from 1; `message` is a sentence for the administrator."""

    column: int
    message: Sentence


def advice(call: Call, references: Collection[str] = ("manager",)) -> list[Advice]:
    """What to tell about an expression that has no fault; `references` are the source's reference attributes."""
    found: list[Advice] = []
    visit(call, found, frozenset(references), within="")
    return sorted(set(found), key=lambda warning: warning.column)


def visit(node: Node, found: list[Advice], references: frozenset[str], within: str) -> None:
    match node:
        case Call(name, arguments, column):
            found += of_call(node, references, within)
            for argument in arguments:
                visit(argument, found, references, name)
        case Comparison(_, left, right, column):
            if Text("") in (left, right):
                found.append(
                    Advice(
                        column,
                        Sentence(
                            "Microsoft lists a test for an empty attribute inside %(within)s as unsupported.",
                            within=within,
                        ),
                    )
                )
            visit(left, found, references, within)
            visit(right, found, references, within)
        case Name(name, column) if name.startswith("Ignore"):
            found.append(
                Advice(column, Sentence("Microsoft documents %(name)s for provisioning from Workday alone.", name=name))
            )


def of_call(call: Call, references: frozenset[str], within: str) -> list[Advice]:
    function = FUNCTIONS[call.name]
    found = []
    if not function.standard:
        found.append(
            Advice(
                call.column,
                Sentence("%(name)s is an extension: Microsoft's provisioning does not have it.", name=call.name),
            )
        )
    if function.caution and (call.name not in TESTS or within == "IIF"):
        found.append(Advice(call.column, function.caution))
    if call.name == "Switch":
        found += of_switch(call.arguments[0], references)
    if call.name == "Coalesce" and all(not isinstance(each, Attribute | Call) for each in call.arguments):
        found.append(Advice(call.column, Sentence("Coalesce has no attribute to choose from.")))
    return found


def of_switch(source: Node, references: frozenset[str]) -> list[Advice]:
    match source:
        case Call(name, _, column) if name in TESTS:
            return [Advice(column, Sentence("Microsoft advises against %(name)s as the source of Switch.", name=name))]
        case Attribute(name, column) if name in references:
            return [
                Advice(column, Sentence("%(name)s is a reference: Switch sees an identifier, not a name.", name=name))
            ]
        case Missing(column):
            return [Advice(column, Sentence("Switch has no source: it always gives its default."))]
    return []
