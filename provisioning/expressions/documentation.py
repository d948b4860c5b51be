"""docs/expressions.md, made from the docstrings of the functions."""

import json
from typing import Any

from provisioning.expressions import limits
from provisioning.expressions.catalogue import CATEGORIES, FUNCTIONS, Description, describe

HEAD = """\
# The expression language

Made by `python manage.py evaluate --document` from the functions themselves; every example runs in the tests.

An expression computes the value of one target attribute from the attributes of one person. It is a call of a
function; calls nest.

```
expression := name "(" [ argument {{ "," argument }} ] ")"
argument   := expression | [attribute] | "text" | number | &Hhex | constant | value comparison value | (nothing)
comparison := = | <> | < | <= | > | >=
```

* **Names** of functions and attributes are typed exactly. White space between the parts means nothing.
* **Texts** stand in double quotation marks; `\\"` is a quotation mark, `\\\\` a backslash, and a backslash before
  anything else is itself.
* **Numbers** may be bare or quoted: `10` and `"10"` are the same where a number is wanted.
* **A left-out argument** is nothing between two commas; trailing ones and a trailing comma may stay.
* **Comparisons** stand in IIF and CBool alone. There is no AND, OR or `&`: nest IIF, and join with Join or Append.
* **No value** (null) is not the same as the empty text; what each function makes of it is said with it. A result
  without a value is not sent; an empty text is.
* **True and False** read as `True` and `False`; a date reads as `M/d/yyyy h:mm:ss tt` in UTC.
* **A list of one value** is that value where one is wanted; a list of several is an error there.
* The whole person is always known, never only what has changed.

Limits: {length:,} characters an expression, {depth} calls inside calls, {text:,} characters a value, {work:,}
characters of results on the way, {pattern:,} characters a regular expression, {seconds} ms of processor time for all
of them together.

Regular expressions are .NET's. Named groups `(?<name>…)`, subtraction `[a-z-[aeiou]]`, `\\p{{IsGreek}}`, look-around,
atomic groups and back-references work as there; balancing groups, conditions and the option n are refused.

Where Microsoft's pages are silent we chose what is safe, and say so with the function.
"""


def document() -> str:
    """The whole page, in Markdown."""
    head = HEAD.format(
        length=limits.MAX_LENGTH,
        depth=limits.MAX_DEPTH,
        text=limits.MAX_TEXT,
        work=limits.MAX_WORK,
        pattern=limits.MAX_PATTERN,
        seconds=round(limits.PATTERN_SECONDS * 1000),
    )
    described = [describe(function) for function in FUNCTIONS.values()]
    sections = [head]
    for category in CATEGORIES:
        sections.append(f"## {category}\n")
        sections += [section(each) for each in described if each.category == category]
    return "\n".join(sections)


def section(description: Description) -> str:
    """One function: signature, meaning, remarks, a table of examples, and where the rule comes from."""
    lines = [f"### {description.name}\n", f"`{description.signature}`\n", sentence(description.meaning) + "\n"]
    lines += [remark + "\n" for remark in description.remarks]
    if not description.standard:
        lines.append("*Not in Microsoft's list of functions.*\n")
    if description.caution:
        lines.append(f"*Mind:* {description.caution}\n")
    lines += ["| Expression | Attributes | Result |", "|---|---|---|"]
    lines += [row(each.expression, each.source, each.result) for each in description.examples]
    lines += ["", f"Source: {description.source}\n"]
    return "\n".join(lines)


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def row(expression: str, source: dict[str, Any], result: Any) -> str:
    attributes = ", ".join(f"{name} = {code(shown(value))}" for name, value in source.items())
    return f"| {code(expression)} | {attributes} | {code(shown(result))} |"


def shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`` {escaped} ``" if "`" in escaped else f"`{escaped}`"
