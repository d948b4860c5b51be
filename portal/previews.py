"""The answer of a preview, as its page shows it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.engine.causes import cause
from provisioning.models import Question

Example = TypeVar("Example")

KINDS: dict[str, tuple[str | Promise, str]] = {
    "create": (_("Will be created"), "of-create"),
    "takeover": (_("Existing account is taken over"), "of-update"),
    "update": (_("Will be updated"), "of-update"),
    "enable": (_("Will be enabled"), "of-update"),
    "disable": (_("Will be disabled"), "of-disable"),
    "delete": (_("Will be deleted"), "of-delete"),
    "fail": (_("Will fail"), "of-failed"),
    "skip": (_("Is skipped"), "of-skip"),
    "unchanged": (_("Stays as it is"), "of-planned"),
}


@dataclass(frozen=True)
class Kind(Generic[Example]):
    """How many meet this end, and the first of them."""

    name: str
    label: str | Promise
    css: str
    count: int
    people: list[Example]

    @property
    def more(self) -> int:
        return self.count - len(self.people)


def told(question: Question) -> dict[str, Any]:
    """The answer as the page shows it; `outdated` once the mapping has been saved since."""
    answer = question.answer
    kinds = [
        Kind(
            name,
            label,
            css,
            answer["counts"].get(name, 0),
            _with_why(answer["people"].get(name, [])),
        )
        for name, (label, css) in KINDS.items()
    ]
    application = question.application
    return {
        "kinds": [kind for kind in kinds if kind.count],
        "seats": [{**seat, "short": max(0, seat["needed"] - seat["free"])} for seat in answer["seats"]],
        "mailed": answer["mailed"],
        "held": answer["held"],
        "removals": answer["counts"].get("disable", 0) + answer["counts"].get("delete", 0),
        "changes": sum(kind.count for kind in kinds if kind.name not in ("skip", "fail", "unchanged")),
        "outdated": application is not None and application.job.schema_version != answer["schema_version"],
    }


def _with_why(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "why": cause(each["reason"]).words if each["reason"] else ""} for each in people]
