"""English that is left on a Dutch page: whatever the catalogue has another text for."""

import html
import re
from functools import cache
from pathlib import Path

import polib
from django.conf import settings

CATALOGUE = Path(settings.BASE_DIR) / "portal/locale/nl/LC_MESSAGES/django.po"
GAP = re.compile(r"%\([a-z_]+\)[sd]|<[^>]*>|\n")
BOX = re.compile(r'<textarea.*?</textarea>|<div class="[^"]*cm-line.*?</div>', re.S)
"""What stands in a box, or in the editor in its place, is somebody's own."""
WORDS = 3
"""A shorter run of words may be a name, or the same in both languages."""


@cache
def english() -> list[str]:
    """The runs of words of all originals, as far as no translation has them as well."""
    catalogue = [entry for entry in polib.pofile(str(CATALOGUE)) if entry.msgstr or entry.msgstr_plural]
    dutch = "\n".join(text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values()))
    runs = {run.strip(" .:;,()") for entry in catalogue for text in _texts(entry) for run in GAP.split(text)}
    return sorted(run.replace("%%", "%") for run in runs if run.count(" ") >= WORDS - 1 and run not in dutch)


def _texts(entry: polib.POEntry) -> list[str]:
    return [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]


def english_in(page: str) -> list[str]:
    """`page`: a page of the portal, or a mail. What says itself that it is English, as the functions do, may be so."""
    page = re.sub(r'<(\w+) lang="en">.*?</\1>', " ", page, flags=re.DOTALL)
    seen = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", BOX.sub(" ", page))).split())
    return [run for run in english() if run in seen]
