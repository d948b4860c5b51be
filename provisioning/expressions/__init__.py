"""The expression language of attribute mappings, as Microsoft Entra ID's provisioning service speaks it.

text → `lexer` → `parser` (with `checking`) → tree (`nodes`) → `compiler` → `Expression.evaluate(source, context)`
"""

from provisioning.expressions.compiler import Expression, compile_expression
from provisioning.expressions.context import Context
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.nodes import Node
from provisioning.expressions.parser import parse
from provisioning.expressions.printing import to_text
from provisioning.expressions.values import IGNORE_ATTRIBUTE, IGNORE_OBJECT, Drop, Result, Value

__all__ = [
    "IGNORE_ATTRIBUTE",
    "IGNORE_OBJECT",
    "Context",
    "Drop",
    "Expression",
    "ExpressionError",
    "Node",
    "Result",
    "Value",
    "compile_expression",
    "parse",
    "to_text",
]
