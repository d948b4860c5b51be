"""The expression builder's form: the expression, and the form of the attribute mapping that it came from."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.forms.mapping import AttributeForm
from portal.schemas import EXPRESSION


class ExpressionForm(forms.Form):
    """Nothing is refused here: what is wrong with the expression is shown under it."""

    expression = forms.CharField(
        label=_("Expression"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "class": "code",
                "rows": 5,
                "spellcheck": "false",
                "data-editor": "expression",
                "data-words": "words",
                "aria-describedby": "verdict",
            }
        ),
    )


def one_line_breaks(text: str) -> str:
    """As it was typed: a form sends every line break as two characters, which would move columns."""
    return text.replace("\r\n", "\n")


def carried(posted: QueryDict, form: AttributeForm, target: str) -> list[tuple[str, str]]:
    """The fields of the attribute mapping beside the expression: as typed there, or as `form` has them for `target`.

    They travel with the builder, so that nothing that was typed is lost on the way back.
    """
    names = [name for name in form.fields if name not in ("kind", "expression")]
    if "apply" in posted:
        given: dict[str, Any] = {name: posted[name] for name in names if name in posted}
    else:
        given = {name: "on" if form.initial.get(name) is True else form.initial.get(name) for name in names}
        given["target"] = target
    return [("kind", EXPRESSION), *((name, str(value)) for name, value in given.items() if value)]
