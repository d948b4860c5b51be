"""The keyboard shortcuts: a dialog where scripts run, else a page; where their single letters are switched off."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

KEYS = (
    (("/",), _("Search people, applications and pages"), True),
    (("G", "/"), _("Search menu"), True),
    (("?",), _("This list"), True),
    (("Ctrl + /",), _("Search menu"), False),
    (("Ctrl + S",), _("Save"), False),
    (("Esc",), _("Close what is open: a panel, a dialog, a menu"), False),
    (("Alt + ↑", "Alt + ↓"), _("The entry before or after, beside an open panel"), False),
    (("↑", "↓", "Enter"), _("Choose among what a search proposes"), False),
    (("Backspace",), _("Take the last chosen person or group out again"), False),
)
"""(keys, what they do, whether it is a single letter that can be switched off)."""


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    part = request.headers.get("HX-Request") == "true"
    context = {"keys": KEYS, "next": request.headers.get("HX-Current-URL") or request.path}
    return render(request, "keys/_keys.html" if part else "keys/index.html", context)
