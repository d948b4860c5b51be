"""An expression that somebody is writing: what is wrong with it, what it gives for one person, and for everybody."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from provisioning.engine.lab import context_of, fitting, source_of
from provisioning.errors import MappingError
from provisioning.expressions import Context, Drop, Expression, ExpressionError, compile_expression
from provisioning.expressions.advice import advice
from provisioning.expressions.catalogue import CATEGORIES, FUNCTIONS, Description, describe
from provisioning.expressions.compiler import walk
from provisioning.expressions.nodes import Attribute
from provisioning.mapping import AttributeDefinition
from provisioning.mapping.lab import Evaluate, Findings, Moves, exceeds, outcome, printed, value_of
from provisioning.models import DirectoryObject, Job, Link, Tenant
from provisioning.sentences import Sentence

Definitions = Mapping[str, AttributeDefinition]

COMMONEST = 12
"""Values that the distribution lists."""
SHARED = 5
"""Values of several people that are listed."""
WIDTH = 1000
"""Of a bar, in the units of its drawing."""


@dataclass(frozen=True)
class Fault:
    """`column` counts from 1; `caret` are two lines, the second of which points; `severity` is error or warning."""

    column: int
    message: Sentence
    caret: str
    severity: str = "error"


@dataclass(frozen=True)
class Judgement:
    """`expression` is None where it cannot be read; with `errors` it cannot be saved."""

    expression: Expression | None
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def judge(text: str, sources: Definitions) -> Judgement:
    """Without evaluating anything. The names of `sources` are the attributes that people have."""
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        return Judgement(None, [Fault(error.column, error.message, error.caret())])
    references = [name for name, each in sources.items() if each.type == "Reference"]
    warnings = [
        Fault(each.column, each.message, pointing(text, each.column), "warning")
        for each in advice(expression.node, references)
    ]
    return Judgement(expression, list(unknown_attributes(expression, sources)), warnings)


def unknown_attributes(expression: Expression, sources: Definitions) -> Iterable[Fault]:
    for node in walk(expression.node):
        if isinstance(node, Attribute) and node.name not in sources:
            message = Sentence("The source has no attribute %(name)s.", name=node.name)
            by_lower_case = {name.lower(): name for name in sources}
            if nearest := get_close_matches(node.name.lower(), by_lower_case, n=1):
                suggestion = by_lower_case[nearest[0]]
                message = Sentence("%(fault)s Did you mean %(suggestion)s?", fault=message, suggestion=suggestion)
            yield Fault(node.column, message, pointing(expression.text, node.column))


def pointing(text: str, column: int) -> str:
    return ExpressionError("", Sentence(""), text=text, column=column).caret()


# --- one person -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """`kind` is value, empty, dropped or error; `text` is the value as it prints."""

    kind: str
    text: str = ""
    error: MappingError | None = None
    too_long: int = 0
    """How many characters the target takes, where the value has more."""

    @property
    def caret(self) -> str:
        return self.error.caret() if isinstance(self.error, ExpressionError) else ""


def outcome_for(
    evaluate: Evaluate, job: Job, person: DirectoryObject, now: datetime, definition: AttributeDefinition | None
) -> Outcome:
    """What comes out for `person`, as `definition` (the target) takes it."""
    context: Context = context_of(job, person, now)
    result = outcome(evaluate, source_of(job, person), context, fitting(definition) if definition else None)
    if isinstance(result, MappingError):
        return Outcome("error", error=result)
    value = value_of(result)
    if value is None:
        return Outcome("dropped" if isinstance(result, Drop) else "empty")
    longest = definition.maximum_length if definition else None
    return Outcome("value", printed(value), too_long=longest if longest and exceeds(value, longest) else 0)


def first_person(job: Job) -> DirectoryObject | None:
    """Somebody to begin with: who has an account already, else anybody."""
    links = Link.objects.filter(job=job, account__isnull=False, subject__removed="").select_related("subject")
    if link := links.order_by("pk").first():
        return link.subject
    users = DirectoryObject.objects.filter(tenant=job.application.tenant_id, kind="User", removed="")
    return users.order_by("display_name", "pk").first()


# --- what can be written --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A function of the list; `empty` has no arguments."""

    description: Description
    empty: bool


def functions() -> list[tuple[str | Promise, list[Listed]]]:
    """By category, in the order of the documentation."""
    listed = [Listed(describe(function), not function.parameters) for function in FUNCTIONS.values()]
    return [
        (CATEGORY_NAMES[name], [each for each in listed if each.description.category == name]) for name in CATEGORIES
    ]


CATEGORY_NAMES: dict[str, str | Promise] = {
    "Text": _("Text"),
    "Choice": _("Choice"),
    "Tests": _("Tests"),
    "Dates": _("Dates"),
    "Lists": _("Lists"),
    "Encoding": _("Encoding"),
    "Random values": _("Random values"),
    "Roles": _("Roles"),
}


def attributes(sources: Definitions, sample: Mapping[str, Any], unread: Collection[str]) -> list[dict[str, Any]]:
    """[{"name", "type", "sample", "unread"}], by name; the samples are one person's values."""
    return [
        {"name": name, "type": sources[name].type, "sample": shown(sample.get(name)), "unread": name in unread}
        for name in sorted(sources, key=str.lower)
    ]


def samples(job: Job) -> dict[str, str]:
    """Somebody's values by the names of the attributes, short enough for a list."""
    person = first_person(job)
    source = source_of(job, person) if person else {}
    return {name: Truncator(shown(value)).chars(40) for name, value in source.items()}


def shown(value: Any) -> str:
    return "" if value is None else printed(value)


def words(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the editor completes, as its `expression.js` wants it: functions, and the attributes that are `listed`."""
    found: list[dict[str, Any]] = [
        {
            "kind": "function",
            "name": each.description.name,
            "signature": each.description.signature,
            "info": each.description.meaning,
            "empty": each.empty,
        }
        for _category, category in functions()
        for each in category
    ]
    return found + [{"kind": "attribute", "name": each["name"], "detail": each["sample"][:40]} for each in listed]


# --- everybody ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A person in an example; `before` and `after` for those whose value changes."""

    pk: int
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Row:
    """A value or a finding with how many people have it, and the first of them; `width` is the length of its bar."""

    label: str | Promise
    count: int
    width: int
    people: list[Named]
    error: MappingError | None = None
    css: str = "of-update"


class Everybody:
    """The lab's findings as the page lists them."""

    def __init__(self, findings: Findings, tenant: Tenant) -> None:
        self.findings = findings
        self._tenant = tenant
        keys = set(self._keys())
        people = DirectoryObject.objects.filter(tenant=tenant, object_id__in=keys)
        self._people = {each.object_id: each for each in people.defer("attributes")}

    def _keys(self) -> Iterable[str]:
        told = self.findings
        for value, _count in self._commonest:
            yield from told.examples[value]
        for each in (told.empty, told.dropped, told.too_long, *told.errors.values(), *self._shared.values()):
            yield from each.keys
        for moves in (told.today.different, told.today.new, told.today.emptied) if told.today else ():
            yield from (key for key, _before, _after in moves.examples)

    @property
    def _commonest(self) -> list[tuple[str, int]]:
        return self.findings.results.most_common(COMMONEST)

    @property
    def _shared(self) -> dict[str, Any]:
        return dict(list(self.findings.collisions.items())[:SHARED])

    # --- rows -------------------------------------------------------------------------------------------------------

    @property
    def values(self) -> list[Row]:
        return [
            self._row(value, count, self.findings.examples[value], most=self._commonest[0][1])
            for value, count in self._commonest
        ]

    @property
    def different(self) -> int:
        return len(self.findings.results)

    @property
    def more(self) -> int:
        """Other values, and the people who get one of them."""
        return max(0, self.different - COMMONEST)

    @property
    def more_people(self) -> int:
        return sum(self.findings.results.values()) - sum(count for _value, count in self._commonest)

    @property
    def outcomes(self) -> list[Row]:
        """What comes out, of everybody: values, none, left alone, errors; a row for each that there is."""
        told = self.findings
        rows = [
            self._row(_("A value"), sum(told.results.values()), [], css="of-create"),
            self._row(_("No value: nothing is sent"), told.empty.count, told.empty.keys, css="of-skip"),
            self._row(_("Left as it is"), told.dropped.count, told.dropped.keys, css="of-skip"),
        ]
        rows += [
            self._row(kind, each.count, each.keys, error=told.first_error[kind], css="of-failed")
            for kind, each in told.errors.items()
        ]
        return [row for row in rows if row.count]

    @property
    def too_long(self) -> list[Row]:
        told = self.findings.too_long
        return [self._row(_("Too long for the target"), told.count, told.keys, css="of-failed")] if told.count else []

    @property
    def collisions(self) -> list[Row]:
        return [self._row(value, each.count, each.keys, css="of-failed") for value, each in self._shared.items()]

    @property
    def colliding(self) -> int:
        """People who would not have their value alone."""
        return sum(each.count for each in self.findings.collisions.values())

    @property
    def compared(self) -> list[Row]:
        """Against today's mapping; empty where the target has none."""
        today = self.findings.today
        if today is None:
            return []
        return [
            self._row(_("The same as today"), today.same, [], css="of-skip"),
            self._moved(_("Another value than today"), today.different),
            self._moved(_("A value, and none today"), today.new),
            self._moved(_("No value any more"), today.emptied),
        ]

    def _row(
        self,
        label: str | Promise,
        count: int,
        keys: Iterable[str],
        *,
        most: int | None = None,
        error: MappingError | None = None,
        css: str = "of-update",
    ) -> Row:
        people = [Named(each.pk, str(each)) for key in keys if (each := self._people.get(key))]
        return Row(label, count, self._width(count, most), people, error, css)

    def _moved(self, label: str | Promise, moves: Moves) -> Row:
        people = [
            Named(each.pk, str(each), shown(before), shown(after))
            for key, before, after in moves.examples
            if (each := self._people.get(key))
        ]
        return Row(label, moves.count, self._width(moves.count, None), people)

    def _width(self, count: int, most: int | None) -> int:
        """At least a line, where there is anybody."""
        whole = most or self.findings.people
        return max(2, round(WIDTH * count / whole)) if count and whole else 0
