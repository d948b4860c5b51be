"""The tree of a parsed expression. Nodes are frozen; trees are equal when they say the same, wherever they stood."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Node", ...] = ()
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`[name]`: the value of one attribute of the source object."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A bare number, decimal or `&H…`; `digits` are as typed."""

    digits: str
    column: int = field(default=1, compare=False)

    @property
    def value(self) -> int:
        return int(self.digits[2:], 16) if self.digits[0] == "&" else int(self.digits)

    @property
    def text(self) -> str:
        """What it reads as where a text is wanted: 007 as it is typed, a hexadecimal number in decimal."""
        return str(self.value) if self.digits[0] == "&" else self.digits


@dataclass(frozen=True, slots=True)
class Name:
    """A named constant: vbTextCompare, IgnoreAttributeFlow, …"""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """A left-out argument: nothing between two commas."""

    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: "Node"
    right: "Node"
    column: int = field(default=1, compare=False)


Node = Call | Attribute | Text | Number | Name | Missing | Comparison
