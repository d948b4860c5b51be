"""The one error of the expression language, with the place where it went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from provisioning.errors import MappingError
from provisioning.sentences import Sentence

LOG_CODES = {"SchemaPropertyCanOnlyAcceptValue"}
"""Kinds that the provisioning log has a code of its own for; the others are mapping errors there."""

CONTEXT = 60
"""How many characters `caret` shows at either side of the place."""


class ExpressionError(MappingError):
    """An expression that cannot be read, or that has no result for this person.

    `kind` is one word for programs ("UnknownFunction", "ArgumentCount", "PatternTimeout", …), `column` the place
    in `text`, counted from 1; 0 while it is not known yet.
    """

    def __init__(self, kind: str, message: Sentence, *, text: str = "", column: int = 0) -> None:
        super().__init__(message, code=kind if kind in LOG_CODES else None)
        self.kind = kind
        self.text = text
        self.column = column

    def caret(self) -> str:
        """Two lines: the part of the expression around the place, and a caret under it.

        >>> print(ExpressionError("UnknownFunction", "…", text='ToLowr([mail])', column=1).caret())
        ToLowr([mail])
        ^
        """
        offset = min(max(self.column - 1, 0), len(self.text))
        start = max(self.text.rfind("\n", 0, offset) + 1, offset - CONTEXT)
        end = self.text.find("\n", offset)
        line = self.text[start : min(len(self.text) if end < 0 else end, offset + CONTEXT)]
        return f"{line.translate(ONE_CELL)}\n{' ' * (offset - start)}^"


@contextmanager
def at(column: int) -> Iterator[None]:
    """Give errors that do not know their place this one."""
    try:
        yield
    except ExpressionError as error:
        error.column = error.column or column
        raise


ONE_CELL = dict.fromkeys((*range(32), 127), " ")
"""Control characters, tabs among them, would move the caret."""
