"""Tree → closures: an expression is compiled once and then costs a few Python calls a person.

A closure is `(source, context) → value`. It reaches nothing but the two: no import, attribute, file or clock.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from provisioning.expressions.catalogue import FUNCTIONS
from provisioning.expressions.comparison import compare
from provisioning.expressions.context import Context, measure
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.limits import FREE_TEXT
from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Node, Number, Text
from provisioning.expressions.parser import parse
from provisioning.expressions.signatures import CallSite, Evaluate, Function, Parameter, Source, Type
from provisioning.expressions.values import (
    Drop,
    Dropped,
    Result,
    as_boolean,
    as_date,
    as_integer,
    as_list,
    as_text,
    as_value,
)
from provisioning.sentences import Sentence


class Expression:
    """A compiled expression; safe to share between threads.

    `attributes` are the source attributes that it reads; `uses_time` and `uses_random` say that its result may change
    without them; `redacts` that logs must not show it; `unique` that the target has to be asked (SelectUniqueValue);
    `adds_only` that its values are added to those the target has (AppRoleAssignmentsComplex).
    """

    def __init__(self, text: str, node: Call) -> None:
        nodes = walk(node)
        functions = [FUNCTIONS[each.name] for each in nodes if isinstance(each, Call)]
        self.text = text
        self.node = node
        self.attributes = attributes_of(nodes)
        self.uses_time = any(function.uses_time for function in functions)
        self.uses_random = any(function.uses_random for function in functions)
        self.redacts = any(function.name == "Redact" for function in functions)
        self.unique = node.name == "SelectUniqueValue"
        self.adds_only = node.name == "AppRoleAssignmentsComplex"
        self._evaluate = Compiler(text).call(node)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, source: Source, context: Context) -> Result:
        """The value for one source object, or a Drop. Raises ExpressionError, and nothing else."""
        context.begin()
        try:
            value: Any = self._evaluate(source, context)
            return value if value.__class__ is str and len(value) <= FREE_TEXT else finished(value, context)
        except Dropped as dropped:
            return dropped.drop
        except ExpressionError as error:
            error.text = error.text or self.text
            error.column = error.column or self.node.column
            raise


def finished(value: object, context: Context) -> Result:
    """A result that the caller may rely on being one."""
    if isinstance(value, Drop):
        return value
    result = as_value(value)
    if isinstance(result, list):
        context.charge(result)
    return result


def compile_expression(text: str) -> Expression:
    """Parse, check and compile; short ones once a process. Raises ExpressionError."""
    return remembered(text) if len(text) <= SHORT else compiled(text)


def compiled(text: str) -> Expression:
    return Expression(text, parse(text))


SHORT = 1_000
"""Longer ones are not kept: a thousand of them would hold a gigabyte."""
remembered = lru_cache(maxsize=512)(compiled)


def walk(node: Node) -> list[Node]:
    """The node and everything inside it."""
    found: list[Node] = [node]
    for each in found:  # grows while it is walked
        if isinstance(each, Call):
            found += each.arguments
        elif isinstance(each, Comparison):
            found += (each.left, each.right)
    return found


def attributes_of(nodes: list[Node]) -> frozenset[str]:
    found = set()
    for node in nodes:
        match node:
            case Attribute(name):
                found.add(name)
            case Call("Replace", (_, _, _, _, _, Text(name), *_)):
                # The other attribute of Replace may be given as a text with its name.
                found.add(name)
    return frozenset(found)


class Compiler:
    def __init__(self, text: str) -> None:
        self.text = text
        self.calls = 0

    def call(self, node: Call) -> Evaluate:
        function = FUNCTIONS[node.name]
        self.calls += 1
        position = self.calls
        arguments = self.arguments(function, node.arguments)
        try:
            if function.is_form:
                run: Evaluate = function.implementation(CallSite(node.arguments, arguments, position))
            else:
                run = plain_call(function, arguments)
        except ExpressionError as error:
            error.text, error.column = self.text, error.column or node.column
            raise
        return self.placed(run, node.column, makes=function.returns in MADE)

    def arguments(self, function: Function, nodes: tuple[Node, ...]) -> tuple[Evaluate, ...]:
        compiled = []
        for index, node in enumerate(nodes):
            parameter = function.parameter(index)
            if parameter is not None:
                compiled.append(self.argument(parameter, node))
        if function.maximum is not None:
            compiled += [constant(None)] * (function.maximum - len(compiled))
        return tuple(compiled)

    def argument(self, parameter: Parameter, node: Node) -> Evaluate:
        """What gives the argument as the type that the parameter wants; constants are converted here, once."""
        reader = READERS[parameter.type]
        match node:
            case Missing():
                return constant([] if parameter.type is Type.LIST else None)
            case Text(value):
                return constant(reader(value))
            case Number():
                return constant(reader(node.text if parameter.type in (Type.TEXT, Type.LIST) else node.value))
            case Name(name):
                return constant(Drop(name) if parameter.type is Type.ANY else name)
            case Attribute(name):
                return attribute_reader(name, parameter.type)
            case Comparison():
                return self.comparison(node)
            case Call():
                return converted(self.call(node), parameter.type)

    def comparison(self, node: Comparison) -> Evaluate:
        left, right = self.side(node.left), self.side(node.right)
        asks_for_value = Text("") in (node.left, node.right)
        return self.placed(compare(node.operator, left, right, asks_for_value), node.column)

    def side(self, node: Node) -> Evaluate:
        return self.argument(Parameter("operand", Type.ANY), node)

    def placed(self, run: Evaluate, column: int, *, makes: bool = False) -> Evaluate:
        """The same closure, whose errors say where they happened; counts what it `makes`."""
        text = self.text

        def evaluate(source: Source, context: Context) -> Any:
            try:
                made = run(source, context)
                if makes and made and (made.__class__ is list or len(made) > FREE_TEXT):
                    context.charge(made)
                return made
            except ExpressionError as error:
                if not error.column:
                    error.text, error.column = text, column
                raise

        return evaluate


READERS: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: as_text,
    Type.INTEGER: as_integer,
    Type.BOOLEAN: as_boolean,
    Type.DATETIME: as_date,
    Type.LIST: as_list,
    Type.ANY: lambda value: value,
}


def constant(value: Any) -> Evaluate:
    return lambda source, context: value


def attribute_reader(name: str, wanted: Type) -> Evaluate:
    """The commonest argument, with a short way for the commonest value."""
    reader = READERS[wanted]
    if wanted is Type.ANY:
        return lambda source, context: source.get(name)
    if wanted is Type.LIST:

        def as_parts(source: Source, context: Context) -> list[str]:
            value = source.get(name)
            if value.__class__ is str and len(value) <= FREE_TEXT:
                return [value]
            parts = as_list(value)
            context.spend(measure(parts))
            return parts

        return as_parts
    if wanted is Type.TEXT:

        def as_one_text(source: Source, context: Context) -> str | None:
            value = source.get(name)
            if value is None or (value.__class__ is str and len(value) <= FREE_TEXT):
                return value
            text = as_text(value)
            context.spend(len(text or ""))
            return text

        return as_one_text
    return lambda source, context: reader(source.get(name))


def converted(run: Evaluate, wanted: Type) -> Evaluate:
    if wanted is Type.ANY:
        return run
    reader = READERS[wanted]
    return lambda source, context: reader(run(source, context))


def plain_call(function: Function, arguments: tuple[Evaluate, ...]) -> Evaluate:
    """A closure that evaluates the arguments and refuses nulls where numbers are needed."""
    implementation = function.implementation
    needed = [(index, parameter.name) for index, parameter in enumerate(function.parameters) if not parameter.nullable]

    def run(source: Source, context: Context) -> Any:
        values = [argument(source, context) for argument in arguments]
        for index, name in needed:
            if values[index] is None:
                message = Sentence(
                    "%(name)s needs a number for %(parameter)s, but there is no value.",
                    name=function.name,
                    parameter=name,
                )
                raise ExpressionError("NumberMissing", message)
        return implementation(*values)

    return run


MADE = (Type.TEXT, Type.LIST)
"""What functions make that can be long; those that return anything only pass on what others have made."""
