"""A mapping that is proposed but not saved: what is about to be saved, whom it touches, and how it is confirmed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from portal.confirmation import TYPED_ABOVE, Confirmation
from portal.previews import KINDS, Kind
from portal.schema_changes import ShownChange, in_words_of
from provisioning.engine.causes import cause
from provisioning.models import Feed, Question
from provisioning.wording import in_words

Text = str | Promise


@dataclass(frozen=True)
class Saving:
    """What is saved: how the page asks for it, and which page follows."""

    title: Text
    verb: Text
    back: str
    takes_away: bool = False
    hint: Text = ""


SAVINGS: dict[str, Saving] = {
    "mapping": Saving(gettext_lazy("Save the object mapping?"), gettext_lazy("Save"), "mapping"),
    "attribute": Saving(gettext_lazy("Save the mapping of %(name)s?"), gettext_lazy("Save"), "mapping"),
    "attribute-delete": Saving(
        gettext_lazy("Delete the mapping of %(name)s?"),
        gettext_lazy("Delete"),
        "mapping",
        takes_away=True,
        hint=gettext_lazy("Its values stay in the accounts as they are."),
    ),
    "precedence": Saving(gettext_lazy("Save the matching precedence?"), gettext_lazy("Save"), "mapping"),
    "defaults": Saving(
        gettext_lazy("Restore default mappings?"),
        gettext_lazy("Restore default mappings"),
        "mapping",
        takes_away=True,
        hint=gettext_lazy("All mappings and scoping filters become as in a freshly added application."),
    ),
    "filter": Saving(gettext_lazy("Save the filter %(name)s?"), gettext_lazy("Save"), "scope"),
    "filter-delete": Saving(
        gettext_lazy("Delete the filter %(name)s?"), gettext_lazy("Delete"), "scope", takes_away=True
    ),
    "schema": Saving(gettext_lazy("Save the schema?"), gettext_lazy("Save"), "schema"),
}

WORDS = {
    "update": ngettext_lazy("%(people)s person is changed", "%(people)s people are changed", "n"),
    "create": ngettext_lazy("%(people)s person is created", "%(people)s people are created", "n"),
    "takeover": ngettext_lazy(
        "%(people)s person takes an existing account over", "%(people)s people take existing accounts over", "n"
    ),
    "enable": ngettext_lazy("%(people)s person is enabled", "%(people)s people are enabled", "n"),
    "disable": ngettext_lazy("%(people)s person is disabled", "%(people)s people are disabled", "n"),
    "delete": ngettext_lazy("%(people)s person is deleted", "%(people)s people are deleted", "n"),
    "fail": ngettext_lazy("%(people)s person fails", "%(people)s people fail", "n"),
    "skip": ngettext_lazy("%(people)s person is left out", "%(people)s people are left out", "n"),
    "unchanged": ngettext_lazy("%(people)s person keeps what they have", "%(people)s people keep what they have", "n"),
}
"""In the order in which a page tells them."""


@dataclass(frozen=True)
class Touched:
    """One person who is touched; `properties` are {"name", "old", "new"} in words."""

    pk: int
    name: str
    before: str | Promise
    why: str | Promise
    sentence: str
    properties: list[dict[str, str]]


class Proposal:
    """A question of the kind IMPACT as its page shows it."""

    def __init__(self, question: Question) -> None:
        assert question.application is not None, "a mapping is proposed for an application"
        self.question, self.application = question, question.application
        self.page: dict[str, Any] = question.arguments["page"]
        self.saving = SAVINGS[self.page["saving"]]

    @property
    def title(self) -> str:
        return str(self.saving.title) % {"name": self.page["name"]}

    @property
    def back(self) -> str:
        return reverse(self.saving.back, args=(self.application.pk,))

    @property
    def form(self) -> tuple[str, list[tuple[str, str]]] | None:
        """Address and fields with which the form is shown again as it was filled in; None where there is none.

        Who was told that the mapping is another one by now goes on with that one.
        """
        version = [] if self.outdated else [("version", str(self.question.arguments["version"]))]
        return (self.page["address"], [*self.page["fields"], *version]) if self.page["fields"] else None

    @property
    def outdated(self) -> bool:
        """Another mapping was saved since."""
        return self.application.job.schema_version != self.question.arguments["version"]

    @property
    def saved(self) -> bool:
        """This very mapping was."""
        return bool(self.application.job.schema == self.question.arguments["schema"])

    @cached_property
    def changes(self) -> list[ShownChange]:
        return in_words_of(self.application.job.schema, self.question.arguments["schema"])

    # --- whom it touches ----------------------------------------------------------------------------------------------

    @property
    def answered(self) -> bool:
        return self.question.state == "answered"

    @property
    def decided(self) -> bool:
        """A worker that failed did not decide anybody: it can be saved all the same, but nobody knows what follows."""
        return self.question.state in ("answered", "failed")

    @property
    def counted(self) -> dict[str, Any]:
        return self.question.answer if self.answered else {}

    @property
    def unread(self) -> str:
        return ", ".join(self.counted.get("unread", ()))

    @property
    def headline(self) -> str:
        return _sentence(self.counted.get("touched", {}))

    @property
    def next_cycle(self) -> str:
        """What the next cycle does in all, where other things are waiting, too."""
        counted = self.counted
        sent = {kind: n for kind, n in counted.get("next_cycle", {}).items() if kind not in ("skip", "unchanged")}
        touched = {kind: n for kind, n in counted.get("touched", {}).items() if kind not in ("skip", "unchanged")}
        return _sentence(sent) if sent != touched else ""

    @property
    def removals(self) -> int:
        touched = self.counted.get("touched", {})
        return int(touched.get("disable", 0) + touched.get("delete", 0))

    @property
    def read_at(self) -> Any:
        feed = Feed.objects.filter(tenant=self.application.tenant, kind=Feed.Kind.USERS).first()
        return feed.began_at if feed else None

    @cached_property
    def kinds(self) -> list[Kind[Touched]]:
        touched, examples = self.counted.get("touched", {}), self.counted.get("examples", {})
        return [
            Kind(name, *KINDS[name], touched[name], [_touched(each) for each in examples.get(name, ())])
            for name in WORDS
            if touched.get(name)
        ]

    @property
    def attributes(self) -> list[tuple[str, int]]:
        return list(self.counted.get("attributes", {}).items())

    # --- confirming ---------------------------------------------------------------------------------------------------

    @property
    def confirm(self) -> Confirmation:
        verb = str(self.saving.verb)
        if self.removals:
            people = number_format(self.removals, force_grouping=True)
            verb = ngettext(
                "%(verb)s and take access from %(people)s person",
                "%(verb)s and take access from %(people)s people",
                self.removals,
            ) % {"verb": verb, "people": people}
        return Confirmation(
            title=self.title,
            verb=verb,
            action=reverse("impact", args=(self.application.pk, self.question.question_id)),
            back=self.back,
            paragraphs=[self.saving.hint] if self.saving.hint else [],
            typed=str(self.removals) if self.removals > TYPED_ABOVE else "",
            dangerous=self.removals > 0 or self.saving.takes_away,
            form="typed-before" if self.form else "",
        )


def _sentence(counts: Mapping[str, int]) -> str:
    """ "312 people are changed, 4 people are created.", "" for nobody."""
    told = ", ".join(_phrases(counts))
    return f"{told}." if told else ""


def _phrases(counts: Mapping[str, int]) -> Iterator[str]:
    for kind, words in WORDS.items():
        if count := counts.get(kind):
            yield words % {"n": count, "people": number_format(count, force_grouping=True)}


def _touched(example: Mapping[str, Any]) -> Touched:
    before, reason = example["before"], example["reason"]
    return Touched(
        example["id"],
        example["name"],
        KINDS[before][0] if before else "",
        cause(reason).words if reason else "",
        in_words(example["sentence"]),
        [
            {"name": each["name"], "old": value_in_words(each["old"]), "new": value_in_words(each["new"])}
            for each in example["properties"]
        ],
    )


def value_in_words(value: Any) -> str:
    """ "" for what is empty, so that a page can say that there is nothing."""
    if isinstance(value, list):
        return ", ".join(map(value_in_words, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)
