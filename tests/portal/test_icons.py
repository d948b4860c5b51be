import re
from pathlib import Path

import pytest
from django.conf import settings

from portal import states
from portal.rows import NOT_REACHED, STEP_STATES
from portal.states import State
from portal.templatetags.icons import drawing, icon

TEMPLATES = Path(settings.BASE_DIR) / "templates"
USE = re.compile(r'{% icon "([a-z_]+)"(?: (\d+))?(?: "([a-z]+)")?')
USED = sorted(
    {
        (name, int(size or 20), style or "regular")
        for path in TEMPLATES.rglob("*.html")
        for name, size, style in USE.findall(path.read_text())
    }
)


@pytest.mark.parametrize("used", USED, ids=lambda used: "-".join(map(str, used)))
def test_an_icon_that_a_template_names_is_there(used: tuple[str, int, str]) -> None:
    assert "<path" in drawing(*used)


def test_the_icons_of_states_are_there_in_both_sizes() -> None:
    found = [each for each in vars(states).values() if isinstance(each, State)]
    found += [state for table in vars(states).values() if isinstance(table, dict) for state in table.values()]
    for state in [each for each in found if isinstance(each, State)] + [*STEP_STATES.values(), NOT_REACHED]:
        for size in (16, 20):
            assert "<path" in drawing(state.icon, size, state.style), state


def test_every_icon_named_in_python_is_there() -> None:
    named = re.compile(r'(?:Command|_item)\(\s*_\("[^"]+"\),\s*"([a-z_]+)"')
    for path in (Path(settings.BASE_DIR) / "portal").rglob("*.py"):
        for name in named.findall(path.read_text()):
            assert "<path" in drawing(name, 20, "regular"), name


def test_an_icon_is_decoration() -> None:
    assert 'aria-hidden="true"' in icon("play")
