"""Tree → text: one blank after each comma, everything else as it was typed."""

from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Node, Number, Text


def to_text(node: Node) -> str:
    r"""The expression of a tree; parsing it gives the same tree again.

    >>> to_text(Call("Replace", (Attribute("mail"), Text("\\d"), Missing())))
    'Replace([mail], "\\\\d", )'
    """
    match node:
        case Call(name, arguments):
            return f"{name}({', '.join(map(to_text, arguments))})"
        case Attribute(name):
            return f"[{name}]"
        case Text(value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Number(digits):
            return digits
        case Name(name):
            return name
        case Comparison(operator, left, right):
            return f"{to_text(left)} {operator} {to_text(right)}"
        case Missing():
            return ""
