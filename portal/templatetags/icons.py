"""Icons: read once from static/icons and written into the page, so that they take the colour of their text."""

from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

FOLDER = Path(settings.BASE_DIR) / "static" / "icons"


@cache
def drawing(name: str, size: int, style: str) -> str:
    """The SVG's inner part. Raises FileNotFoundError for an icon that is not among ours."""
    text = (FOLDER / f"{name}_{size}_{style}.svg").read_text("ascii")
    return text[text.index(">") + 1 : text.rindex("</svg>")]


@register.simple_tag
def icon(name: str, size: int = 20, style: str = "regular", css: str = "") -> SafeString:
    """Decoration only: the word beside it says what it means."""
    inner = drawing(name, size, style)
    return mark_safe(
        f'<svg class="icon icon-{size}{" " + css if css else ""}" width="{size}" height="{size}" '
        f'viewBox="0 0 {size} {size}" aria-hidden="true" focusable="false">{inner}</svg>'
    )
