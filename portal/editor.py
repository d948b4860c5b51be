"""The editor of boxes with code: what a page that shows one needs.

A view is decorated with `with_editor`, its template loads `{% editor %}`, its textarea has data-editor="expression" or
data-editor="json"; `static/editor/build/source/editor.js` says what else it understands.
"""

from collections.abc import Callable

from csp.constants import NONCE
from csp.decorators import csp_update
from django.utils.translation import gettext_lazy as _

from portal.access import View

with_editor: Callable[[View], View] = csp_update({"style-src": [NONCE]})
"""Lets the editor's own style element in, and no other."""

PHRASES = {
    "Completions": _("Completions"),
    "Diagnostics": _("Problems"),
    "No diagnostics": _("No problems"),
    "Find": _("Find"),
    "Replace": _("Replace with"),
    "next": _("next"),
    "previous": _("previous"),
    "all": _("all"),
    "match case": _("match case"),
    "regexp": _("regular expression"),
    "by word": _("whole words"),
    "replace": _("replace"),
    "replace all": _("replace all"),
    "close": _("close"),
    "current match": _("current match"),
    "replaced match on line $": _("replaced match on line $"),
    "replaced $ matches": _("replaced $ matches"),
    "on line": _("on line"),
    "Folded lines": _("Folded lines"),
    "Unfolded lines": _("Unfolded lines"),
    "Fold line": _("Fold line"),
    "Unfold line": _("Unfold line"),
    "to": _("to"),
    "folded code": _("folded code"),
    "unfold": _("unfold"),
    "Selection deleted": _("Selection deleted"),
}
"""The editor's own words, by which it asks for them."""
