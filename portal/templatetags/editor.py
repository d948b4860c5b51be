"""The editor's script, with its words in the language of the page."""

from typing import Any

from django import template
from django.template.context import Context

from portal.editor import PHRASES

register = template.Library()


@register.inclusion_tag("shared/_editor.html", takes_context=True)
def editor(context: Context) -> dict[str, Any]:
    return {"nonce": context["request"].csp_nonce, "phrases": {word: str(ours) for word, ours in PHRASES.items()}}
