"""What is said to an administrator, kept as facts: the English sentence and what was put into it, apart.

Whoever finds something out says it in English, once, as `Sentence("%(service)s cannot be reached.", service="GoTo")`.
It is an ordinary text for programs, logs and commands. Rows keep its facts, so that a page or a mail can say the same
in its reader's language (`provisioning.wording`). Extraction of the texts to translate knows the name `Sentence`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

Parameter = str | int
"""A text is repeated as it is, a whole number is grouped, a sentence is translated with the one around it."""

_SAYS, _WITH = "says", "with"


class Sentence(str):
    """A sentence, or a part of one: `template` with `parameters` put in, anything but texts and numbers as its text.

    A literal percent sign is doubled in the template. Raises KeyError when a parameter is missing.

    >>> said = Sentence("%(service)s has %(count)s users.", service="GoTo", count=1200)
    >>> said
    'GoTo has 1,200 users.'
    >>> said.template, said.parameters
    ('%(service)s has %(count)s users.', {'service': 'GoTo', 'count': 1200})
    """

    template: str
    parameters: Mapping[str, Parameter]

    def __new__(cls, template: str, /, **parameters: object) -> Self:
        kept = {name: each if isinstance(each, str | int) else str(each) for name, each in parameters.items()}
        said = super().__new__(cls, template % {name: in_english(each) for name, each in kept.items()})
        said.template, said.parameters = template, kept
        return said

    def __reduce__(self) -> Any:
        return Sentence.of, (self.facts(),)

    def facts(self) -> str | dict[str, Any]:
        """As it is kept in JSON: the text alone where nothing was put in.

        >>> Sentence("%(service)s is busy.", service="GoTo").facts()
        {'says': '%(service)s is busy.', 'with': {'service': 'GoTo'}}
        """
        return self._said_with() if self.parameters else str(self)

    def _said_with(self) -> dict[str, Any]:
        kept = self.parameters.items()
        return {
            _SAYS: self.template,
            _WITH: {name: each._said_with() if isinstance(each, Sentence) else each for name, each in kept},
        }

    @classmethod
    def of(cls, facts: object) -> "Sentence":
        """The sentence that has these facts; a text is a sentence into which nothing was put."""
        if isinstance(facts, Sentence):
            return facts
        if isinstance(facts, dict):
            try:
                kept = {name: cls.of(each) if isinstance(each, dict) else each for name, each in facts[_WITH].items()}
                return cls(facts[_SAYS], **kept)
            except (AttributeError, KeyError, TypeError, ValueError):
                return cls.of(json.dumps(facts))
        return cls(str(facts).replace("%", "%%"))

    def stored(self) -> str:
        """As it is kept in a column of text."""
        facts = self.facts()
        return facts if isinstance(facts, str) else json.dumps(facts, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Sentence":
        """From a column of text.

        >>> Sentence.read(Sentence("%(service)s is busy.", service="GoTo").stored())
        'GoTo is busy.'
        """
        if text.startswith(f'{{"{_SAYS}": '):
            try:
                return cls.of(json.loads(text))
            except ValueError:
                pass
        return cls.of(text)


def in_english(value: Parameter) -> str:
    return str(value) if isinstance(value, str | bool) else f"{value:,}"


def together(sentences: Iterable[str]) -> Sentence:
    """One after the other; what is empty is left out.

    >>> together([Sentence("It is gone."), "", Sentence("It is looked for.")])
    'It is gone. It is looked for.'
    """
    told = Sentence("")
    for each in sentences:
        if each:
            told = Sentence("%(one)s %(other)s", one=told, other=Sentence.of(each)) if told else Sentence.of(each)
    return told
