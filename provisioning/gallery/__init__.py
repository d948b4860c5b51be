"""The gallery: one JSON file per application template, in the shape of Graph's synchronizationTemplate.

What Graph has no word for stands under "rollcall": displayName, publisher, categories, the connector's name, whether
Default Access entitles (`defaultAccessEntitles`), the proposed role table (`roles`; `unknownRole` for roles of the
tenant that it does not name) and the `actions` with what is on in a fresh application.
"""

import json
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

Template = dict[str, Any]


@cache
def stored() -> dict[str, Template]:
    found = [
        json.loads(file.read_text("utf-8")) for file in files(__package__).iterdir() if file.name.endswith(".json")
    ]
    return {template["id"]: template for template in sorted(found, key=lambda each: str(each["id"]))}


def template(id: str) -> Template:
    """A copy of one template, to change at will. Raises KeyError when the gallery has none of that id."""
    return deepcopy(stored()[id])


def templates() -> list[Template]:
    """Copies of all templates, by id."""
    return [deepcopy(each) for each in stored().values()]
