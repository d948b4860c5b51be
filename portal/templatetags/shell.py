"""The parts of the frame: menus, command bar, pills, toasts, ids, links that keep a filter."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext

from portal import navigation
from portal.states import State
from portal.templatetags.icons import icon
from provisioning.models import Application

register = template.Library()


@register.inclusion_tag("shared/_menu.html", takes_context=True)
def application_menu(context: Context, application: Application) -> dict[str, Any]:
    assigned = application.assignments.filter(removed=False).count()
    return _menu(context, navigation.application_menu(application, assigned))


@register.inclusion_tag("shared/_menu.html", takes_context=True)
def portal_menu(context: Context) -> dict[str, Any]:
    return _menu(context, navigation.portal_menu(context["request"]))


def _menu(context: Context, groups: list[navigation.Group]) -> dict[str, Any]:
    match = context["request"].resolver_match
    name = match.url_name if match else ""
    current = next((item for group in groups for item in group.items if name in item.names), None)
    return {"groups": groups, "current": current}


@register.inclusion_tag("shared/_commands.html", takes_context=True)
def command_bar(context: Context, commands: Iterable[navigation.Command]) -> dict[str, Any]:
    places = ("first", "second", "third", "fourth", "fifth", "sixth")
    shown = navigation.visible(commands, context["request"])
    # Where only one finds room, it is one that can be used.
    order = sorted(range(len(shown)), key=lambda number: shown[number].disabled)
    place = {number: places[min(rank, len(places) - 1)] for rank, number in enumerate(order)}
    placed = [(command, place[number]) for number, command in enumerate(shown)]
    return {"commands": placed}


@register.simple_tag
def pill(state: State) -> SafeString:
    return format_html('<span class="pill {}">{}{}</span>', state.tone, icon(state.icon, 16, state.style), state.label)


@register.simple_tag
def copyable(value: object, length: int = 0) -> SafeString:
    """An id in code, with a button that copies the whole of it."""
    text = str(value)
    if not text:
        return mark_safe('<span class="subtle">–</span>')
    shown = Truncator(text).chars(length) if length else text
    return format_html(
        '<span class="id"><code title="{}">{}</code><button type="button" class="scripted" data-copy="{}">{}'
        '<span class="hidden-text">{}</span></button></span>',
        text,
        shown,
        text,
        icon("copy", 16),
        gettext("Copy"),
    )


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: object) -> str:
    """The page's own query with some values changed; an empty value takes the name out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    text = query.urlencode()
    return f"?{text}" if text else "?"


@register.filter
def query(values: dict[str, object]) -> str:
    return urlencode(values)


@register.filter
def plain(value: object) -> str:
    """A value of a row as people read it: "" for none, several after each other.

    >>> [plain(value) for value in (None, [], ["11", "12"], False, "Berg")]
    ['', '', '11, 12', 'False', 'Berg']
    """
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@register.filter
def initials(name: str) -> str:
    """
    >>> initials("Sanne de Vries"), initials("admin")
    ('SV', 'A')
    """
    words = [word for word in str(name).split() if word]
    letters = words[0][:1] + (words[-1][:1] if len(words) > 1 else "") if words else "?"
    return letters.upper()


@register.filter
def tone_icon(tone: str) -> str:
    names = {"success": "checkmark_circle", "warning": "warning", "danger": "error_circle", "error": "error_circle"}
    return names.get(tone, "info")
