"""Faults that show before anything is evaluated: unknown functions, wrong counts, arguments of a wrong type."""

from difflib import get_close_matches

from provisioning.expressions.catalogue import FUNCTIONS
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.nodes import Call, Comparison, Missing, Name, Node, Number, Text
from provisioning.expressions.signatures import Function, Parameter, Type
from provisioning.expressions.values import Drop, as_boolean, as_date, as_integer, shown
from provisioning.sentences import Sentence

DROPS = {drop.value for drop in Drop}
NESTABLE = {
    Type.TEXT: set(Type) - {Type.LIST},
    Type.INTEGER: {Type.INTEGER, Type.TEXT, Type.ANY},
    Type.BOOLEAN: {Type.BOOLEAN, Type.INTEGER, Type.TEXT, Type.ANY},
    Type.DATETIME: {Type.DATETIME, Type.TEXT, Type.ANY},
    Type.LIST: set(Type),
    Type.ANY: set(Type),
}
"""What a parameter of each type takes from a call inside it. A text that a call makes may turn out to be a number."""


def check(call: Call, *, outermost: bool = True) -> None:
    """Raises ExpressionError at the first fault, from left to right."""
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise unknown(call)
    if call.name == "SelectUniqueValue" and not outermost:
        raise ExpressionError(
            "Placement", Sentence("SelectUniqueValue must be the outermost function."), column=call.column
        )
    check_count(function, call)
    for index, argument in enumerate(call.arguments):
        parameter = function.parameter(index)
        if parameter is not None:
            check_argument(function, parameter, argument, index)


def unknown(call: Call) -> ExpressionError:
    by_lower_case = {name.lower(): name for name in FUNCTIONS}
    nearest = get_close_matches(call.name.lower(), by_lower_case, n=1)
    message = Sentence("There is no function %(name)s.", name=call.name[:40])
    if nearest:
        suggestion = by_lower_case[nearest[0]]
        message = Sentence("%(fault)s Did you mean %(suggestion)s?", fault=message, suggestion=suggestion)
    return ExpressionError("UnknownFunction", message, column=call.column)


def check_count(function: Function, call: Call) -> None:
    arguments = trimmed(function, call.arguments)
    if len(arguments) < function.minimum:
        message = Sentence(
            "%(name)s needs %(minimum)s; here are %(count)s.",
            name=function.name,
            minimum=counted(function.minimum),
            count=len(arguments),
        )
        raise ExpressionError("ArgumentCount", message, column=call.column)
    if function.maximum is not None and len(arguments) > function.maximum:
        excess = arguments[function.maximum]
        message = Sentence(
            "%(name)s takes at most %(maximum)s; here are %(count)s.",
            name=function.name,
            maximum=counted(function.maximum),
            count=len(arguments),
        )
        raise ExpressionError("ArgumentCount", message, column=excess.column)
    if function.name == "Switch" and len(arguments) % 2:
        raise ExpressionError(
            "ArgumentCount", Sentence("Every key of Switch needs a value after it."), column=arguments[-1].column
        )


def trimmed(function: Function, arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    """The arguments without a trailing comma: left-out ones that no parameter awaits."""
    kept = len(arguments)
    while kept and isinstance(arguments[kept - 1], Missing) and not awaited(function, kept):
        kept -= 1
    return arguments[:kept]


def awaited(function: Function, count: int) -> bool:
    if function.name == "Switch":
        return count % 2 == 0
    parameter = function.parameter(count - 1)
    return parameter is not None and not parameter.repeating


def counted(number: int) -> Sentence:
    return Sentence("1 argument") if number == 1 else Sentence("%(number)s arguments", number=number)


def check_argument(function: Function, parameter: Parameter, argument: Node, index: int) -> None:
    match argument:
        case Missing(column):
            if parameter.required and not (parameter.repeating and index):
                message = Sentence(
                    "%(name)s needs a value for %(parameter)s.", name=function.name, parameter=parameter.name
                )
                raise ExpressionError("ArgumentMissing", message, column=column)
        case Comparison():
            check_comparison(function, parameter, argument)
        case Call():
            check(argument, outermost=False)
            check_result(function, parameter, argument)
        case Name(name, column):
            check_name(parameter, name, column)
        case Text(value, column):
            check_constant(function, parameter, value, column)
        case Number():
            check_number(function, parameter, argument)


def check_comparison(function: Function, parameter: Parameter, comparison: Comparison) -> None:
    if parameter.type is not Type.BOOLEAN:
        message = Sentence("%(name)s takes no comparison here: only IIF and CBool do.", name=function.name)
        raise ExpressionError("ArgumentType", message, column=comparison.column)
    for side in (comparison.left, comparison.right):
        match side:
            case Call():
                check(side, outermost=False)
                if FUNCTIONS[side.name].returns is Type.LIST:
                    raise ExpressionError(
                        "ArgumentType",
                        Sentence("%(name)s gives a list, which cannot be compared.", name=side.name),
                        column=side.column,
                    )
            case Name(name, column):
                check_name(parameter, name, column)
            case Number():
                check_number(function, parameter, side)


def check_result(function: Function, parameter: Parameter, call: Call) -> None:
    given = FUNCTIONS[call.name].returns
    if given not in NESTABLE[parameter.type]:
        message = Sentence(
            "%(name)s wants %(kind)s as %(parameter)s, but %(inner)s gives %(given)s.",
            name=function.name,
            kind=WORDS[parameter.type],
            parameter=parameter.name,
            inner=call.name,
            given=WORDS[given],
        )
        raise ExpressionError("ArgumentType", message, column=call.column)


WORDS = {
    Type.TEXT: Sentence("a text"),
    Type.INTEGER: Sentence("a whole number"),
    Type.BOOLEAN: Sentence("true or false"),
    Type.DATETIME: Sentence("a date"),
    Type.LIST: Sentence("a list"),
    Type.ANY: Sentence("a value"),
}


def check_name(parameter: Parameter, name: str, column: int) -> None:
    if name in parameter.choices or (parameter.type is Type.ANY and name in DROPS):
        return
    message = Sentence(
        "%(name)s cannot stand here: attributes are written [%(name)s], texts in quotation marks.", name=name[:40]
    )
    raise ExpressionError("UnknownName", message, column=column)


def check_constant(function: Function, parameter: Parameter, value: str, column: int) -> None:
    if parameter.choices and value and value not in parameter.choices:
        message = Sentence(
            "%(name)s knows no %(value)s as %(parameter)s: %(names)s.",
            name=function.name,
            value=shown(value),
            parameter=parameter.name,
            names=", ".join(parameter.choices),
        )
        raise ExpressionError("ArgumentType", message, column=column)
    reader = READERS.get(parameter.type)
    if reader is not None:
        try:
            reader(value)
        except ExpressionError as error:
            message = Sentence(
                "%(name)s wants %(kind)s as %(parameter)s: %(fault)s",
                name=function.name,
                kind=WORDS[parameter.type],
                parameter=parameter.name,
                fault=error.message,
            )
            raise ExpressionError("ArgumentType", message, column=column) from None


READERS = {Type.INTEGER: as_integer, Type.BOOLEAN: as_boolean, Type.DATETIME: as_date}


def check_number(function: Function, parameter: Parameter, number: Number) -> None:
    if parameter.choices or parameter.type is Type.DATETIME:
        message = Sentence("%(name)s takes no number as %(parameter)s.", name=function.name, parameter=parameter.name)
        raise ExpressionError("ArgumentType", message, column=number.column)
    try:
        as_integer(number.digits)
    except ExpressionError:
        message = Sentence("%(digits)s does not fit into 64 bits.", digits=shown(number.digits))
        raise ExpressionError("NumberOutOfRange", message, column=number.column) from None
