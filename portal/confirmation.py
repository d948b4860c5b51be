"""The question before something that cannot simply be taken back: a dialog where scripts run, else a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

Text = str | Promise

TYPED_ABOVE = 10
"""More people than this, and their number has to be typed."""


@dataclass(frozen=True)
class Confirmation:
    """`names` are the first of the people concerned, `more` how many follow; `typed` must be typed to go on.

    `form` is the id of a form elsewhere on the page that brings back what was typed before.
    """

    title: Text
    verb: Text
    action: str
    back: str
    paragraphs: Sequence[Text] = ()
    names: Sequence[str] = ()
    more: int = 0
    typed: str = ""
    dangerous: bool = False
    links: Sequence[tuple[Text, str]] = ()
    hidden: Sequence[tuple[str, str]] = field(default=())
    form: str = ""


def ask(
    request: HttpRequest, confirm: Confirmation, *, problem: Text = "", status: int = 200, **context: Any
) -> HttpResponse:
    """`context` has the application, or the base template of another page."""
    template = "shared/_confirm.html" if request.headers.get("HX-Request") == "true" else "shared/confirm.html"
    return render(request, template, {"confirm": confirm, "problem": problem, **context}, status=status)


def is_typed(request: HttpRequest, confirm: Confirmation) -> bool:
    return not confirm.typed or request.POST.get("typed", "").strip() == confirm.typed
