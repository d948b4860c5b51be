"""Tokens → tree, by recursive descent.

    expression := call
    call       := name "(" [ slot { "," slot } ] ")"
    slot       := [ operand ]                            a left-out argument keeps its position
    operand    := primary [ comparison primary ]
    primary    := call | attribute | text | number | name

Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings"; the comparison from its IIF.
"""

from provisioning.expressions.checking import check
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.lexer import Token, tokens
from provisioning.expressions.limits import MAX_DEPTH, MAX_LENGTH
from provisioning.expressions.nodes import Attribute, Call, Comparison, Missing, Name, Node, Number, Text
from provisioning.sentences import Sentence

LOGICAL = {"AND", "OR", "NOT"}


def parse(text: str) -> Call:
    """The checked tree of an expression: functions exist, arguments fit in number and type.

    Raises ExpressionError with the column of the first fault.
    """
    if len(text) > MAX_LENGTH:
        message = Sentence(
            "An expression has at most %(most)s characters; this one has %(count)s.",
            most=MAX_LENGTH,
            count=len(text),
        )
        raise ExpressionError("TooLong", message, text=text, column=MAX_LENGTH + 1)
    call = Parser(text).expression()
    try:
        check(call)
    except ExpressionError as error:
        error.text = text
        raise
    return call


class Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.token = next(self.tokens)
        self.depth = 0

    def expression(self) -> Call:
        first = self.token
        node = self.primary()
        if not isinstance(node, Call):
            message = Sentence(
                "An expression must be a function call. Map a single attribute or a fixed text as Direct or Constant."
            )
            raise self.error("NotAFunction", message, first)
        if self.token.kind != "end":
            raise self.error(
                "Syntax", Sentence("The expression ends before %(token)s.", token=self.token.value), self.token
            )
        return node

    def primary(self) -> Node:
        token = self.take()
        match token.kind:
            case "name":
                if self.token.value == "(" and self.token.kind == "mark":
                    return Call(token.value, self.slots(token), token.column)
                return Name(token.value, token.column)
            case "attribute":
                if not token.value:
                    raise self.error("Syntax", Sentence("The brackets need the name of an attribute."), token)
                return Attribute(token.value, token.column)
            case "text":
                return Text(token.value, token.column)
            case "number":
                return Number(token.value, token.column)
            case "end":
                raise self.error("Syntax", Sentence("The expression is not complete."), token)
            case _:
                raise self.error(
                    "Syntax",
                    Sentence("A function, an attribute or a text is expected, not %(token)s.", token=token.value),
                    token,
                )

    def slots(self, function: Token) -> tuple[Node, ...]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(
                "TooDeep", Sentence("Functions are nested more than %(most)s deep.", most=MAX_DEPTH), function
            )
        self.take()
        found: list[Node] = []
        if not self.at(")"):
            found.append(self.slot())
            while not self.at(")"):
                self.separator(function)
                found.append(self.slot())
        self.take()
        self.depth -= 1
        return tuple(found)

    def slot(self) -> Node:
        if self.at(",") or self.at(")"):
            return Missing(self.token.column)
        left = self.primary()
        if self.token.kind != "comparison":
            return left
        operator = self.take()
        comparison = Comparison(operator.value, left, self.primary(), operator.column)
        if self.token.kind == "comparison":
            raise self.error("Syntax", Sentence("Only two values can be compared at a time."), self.token)
        return comparison

    def separator(self, function: Token) -> None:
        if self.at(","):
            self.take()
        elif self.token.kind == "end":
            raise self.error(
                "Syntax", Sentence("%(function)s( has no closing parenthesis.", function=function.value), self.token
            )
        elif self.token.value.upper() in LOGICAL:
            raise self.error(
                "Syntax",
                Sentence("There is no %(token)s in this language: nest IIF.", token=self.token.value),
                self.token,
            )
        else:
            raise self.error(
                "Syntax",
                Sentence("A comma or a closing parenthesis is expected before %(token)s.", token=self.token.value),
                self.token,
            )

    def at(self, mark: str) -> bool:
        return self.token.kind == "mark" and self.token.value == mark

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.token = next(self.tokens)
        return token

    def error(self, kind: str, message: Sentence, token: Token) -> ExpressionError:
        return ExpressionError(kind, message, text=self.text, column=token.column)
