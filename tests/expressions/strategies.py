"""Expressions and source objects that nobody thought of."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from provisioning.expressions.catalogue import FUNCTIONS
from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Node, Number, Text
from provisioning.expressions.signatures import Parameter, Type

NAMES = ("mail", "givenName", "surname", "IsSoftDeleted", "otherMails", "appRoleAssignments", "n", "extension_ab_c")
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
MAKERS = {
    wanted: [
        name for name, function in FUNCTIONS.items() if function.returns in fitting and name != "SelectUniqueValue"
    ]
    for wanted, fitting in {
        Type.TEXT: {Type.TEXT, Type.INTEGER, Type.ANY},
        Type.LIST: {Type.TEXT, Type.LIST},
        Type.ANY: set(Type),
        Type.INTEGER: {Type.INTEGER},
        Type.DATETIME: {Type.DATETIME},
        Type.BOOLEAN: {Type.BOOLEAN},
    }.items()
}

attributes = st.sampled_from(NAMES).map(Attribute)
odd_attributes = st.text(min_size=1).map(str.strip).filter(lambda text: text and "]" not in text).map(Attribute)
texts = st.text(max_size=8).map(Text)
numbers = st.integers(-(2**63), 2**63 - 1).map(str).map(Number) | st.integers(0, 2**63 - 1).map("&H{:X}".format).map(
    Number
)


@st.composite
def calls(draw: st.DrawFn, depth: int = 3, names: tuple[str, ...] = tuple(FUNCTIONS)) -> Call:
    """A call that passes every check of the parser."""
    function = FUNCTIONS[draw(st.sampled_from(names))]
    count = len(function.parameters)
    if function.maximum is None:
        group = [parameter for parameter in function.parameters if parameter.repeating]
        count += len(group) * draw(st.integers(0, 2)) + (function.name == "SelectUniqueValue")
    arguments = []
    for index in range(count):
        parameter = function.parameter(index)
        assert parameter is not None
        arguments.append(draw(argument(parameter, depth)))
    return Call(function.name, tuple(arguments))


def argument(parameter: Parameter, depth: int) -> st.SearchStrategy[Node]:
    options: list[st.SearchStrategy[Node]] = [attributes, odd_attributes]
    if not parameter.required:
        options.append(st.just(Missing()))
    if parameter.choices:
        named = [st.sampled_from(parameter.choices).map(Text)]
        if parameter.choices[0].startswith("vb"):
            named.append(st.sampled_from(parameter.choices).map(Name))
        return st.one_of(*options, *named)
    if parameter.type in (Type.TEXT, Type.LIST, Type.ANY):
        options += [texts, numbers]
    if parameter.type is Type.INTEGER:
        options.append(numbers)
    if parameter.type is Type.ANY:
        options.append(st.sampled_from(("IgnoreAttributeFlow", "IgnoreObjectFlow")).map(Name))
    if parameter.type is Type.BOOLEAN:
        side = attributes | texts | numbers
        options.append(st.builds(Comparison, st.sampled_from(COMPARISONS), side, side))
    if depth:
        options.append(calls(depth - 1, tuple(MAKERS[parameter.type])))
    return st.one_of(options)


plain = st.none() | st.text(max_size=12) | st.booleans() | st.integers(-(2**70), 2**70)
dates = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda moment: moment.replace(tzinfo=UTC))
garbage = st.floats() | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2) | st.binary(max_size=3)
values = st.one_of(
    plain,
    st.lists(plain | garbage, max_size=3),
    dates,
    garbage,
    st.integers(-5, 30).map(str),
    st.sampled_from(("True", "False", "2026-03-09", "3/9/2026 1:00:00 PM", "b@x.nl", "ß", "İ")),
)
sources = st.dictionaries(st.sampled_from(NAMES), values, max_size=len(NAMES))
