"""What a function is: its parameters, how its arguments are checked before anything runs, and its documentation.

Functions come in two kinds. A plain one (`@function`) is a Python function over values that are already of the
types its parameters name. A form (`@form`) gets the compiled arguments themselves, for functions that evaluate only
some of them (IIF) or need more than their arguments (Now).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from provisioning.expressions.context import Context
from provisioning.expressions.nodes import Node
from provisioning.sentences import Sentence

NO_CAUTION = Sentence("")

Source = Mapping[str, Any]
Evaluate = Callable[[Source, Context], Any]


class Type(StrEnum):
    TEXT = "String"
    INTEGER = "Integer"
    BOOLEAN = "Boolean"
    DATETIME = "DateTime"
    LIST = "Collection"
    ANY = "Any"


@dataclass(frozen=True)
class Parameter:
    """One parameter, named as Graph names it.

    `choices` are the only constants it takes; empty: any. A number that is not `nullable` is an error where the
    attribute has no value.
    """

    name: str
    type: Type
    required: bool = True
    repeating: bool = False
    choices: tuple[str, ...] = ()
    nullable: bool = True


def text(name: str, *, required: bool = True, repeating: bool = False, choices: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, Type.TEXT, required, repeating, choices)


def integer(name: str, *, required: bool = True, nullable: bool = False) -> Parameter:
    return Parameter(name, Type.INTEGER, required, nullable=nullable or not required)


def boolean(name: str) -> Parameter:
    return Parameter(name, Type.BOOLEAN)


def date(name: str) -> Parameter:
    return Parameter(name, Type.DATETIME)


def values(name: str, *, required: bool = True, repeating: bool = False) -> Parameter:
    """A parameter that takes all values of a multi-valued attribute."""
    return Parameter(name, Type.LIST, required, repeating)


def anything(name: str, *, required: bool = True, repeating: bool = False) -> Parameter:
    return Parameter(name, Type.ANY, required, repeating)


@dataclass(frozen=True, slots=True)
class CallSite:
    """One call being compiled. `position` numbers the calls of the expression, so that random functions differ."""

    nodes: tuple[Node, ...]
    arguments: tuple[Evaluate, ...]
    position: int


@dataclass(frozen=True)
class Function:
    """One function of the language; `implementation` is a plain function, or builds the closure when `is_form`.

    `minimum` counts the arguments that a call needs at least, left-out ones included.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Type
    implementation: Callable[..., Any]
    is_form: bool
    minimum: int
    standard: bool
    uses_time: bool
    uses_random: bool
    caution: Sentence

    def parameter(self, index: int) -> Parameter | None:
        """The parameter that the argument at `index` (from 0) belongs to; repeating ones go round to the end."""
        if index < len(self.parameters):
            return self.parameters[index]
        group = [parameter for parameter in self.parameters if parameter.repeating]
        if not group:
            return None
        return group[(index - len(self.parameters)) % len(group)]

    @cached_property
    def maximum(self) -> int | None:
        return None if any(parameter.repeating for parameter in self.parameters) else len(self.parameters)


REGISTERED: dict[str, Function] = {}
Implementation = TypeVar("Implementation", bound=Callable[..., Any])


def function(
    name: str,
    *parameters: Parameter,
    returns: Type = Type.TEXT,
    is_form: bool = False,
    minimum: int | None = None,
    standard: bool = True,
    uses_time: bool = False,
    uses_random: bool = False,
    caution: Sentence = NO_CAUTION,
) -> Callable[[Implementation], Implementation]:
    """Register a function under the name that administrators type.

    Left-out optional arguments and null reach it as None. `caution` is the sentence with which the expression builder
    warns; `standard` is False for extensions that Microsoft's own function list does not have.
    """
    if minimum is None:
        minimum = sum(parameter.required for parameter in parameters)

    def register(implementation: Implementation) -> Implementation:
        REGISTERED[name] = Function(
            name, parameters, returns, implementation, is_form, minimum, standard, uses_time, uses_random, caution
        )
        return implementation

    return register


def form(
    name: str, *parameters: Parameter, returns: Type = Type.ANY, **facts: Any
) -> Callable[[Implementation], Implementation]:
    """Register a form: a function `(CallSite) → Evaluate`, called once when the expression is compiled."""
    return function(name, *parameters, returns=returns, is_form=True, **facts)
