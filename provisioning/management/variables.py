"""The variables of a deployment: what its caller gives, and what its folder remembers in `rollcall.env`.

The file is read by portal/settings.py, so that every `manage.py` beside a running service sees what the service sees.
It has three parts: what was chosen here and is kept (keys, passwords, addresses of what we start ourselves); lines that
the owner wrote, kept as they are; and what the caller gave, written anew at each start. A later part wins.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

FILE = "rollcall.env"
CHOSEN = "# Chosen by Rollcall, and kept:"
OWN = "# Your own settings, kept as they are:"
GIVEN = "# Given by whoever started the service last; written anew at each start:"
_DESCRIBED = re.compile(r"(?m)^#?\s*([A-Z][A-Z0-9_]+)=")
_ASSIGNMENT = re.compile(r"(?m)^([A-Za-z_0-9]+)=(['\"]?)(.*)\2$")


def described(example: Path) -> frozenset[str]:
    """Every variable of .env.example, also those that stand there as a comment."""
    return frozenset(_DESCRIBED.findall(example.read_text("utf-8")))


def given(example: Path, started_with: Iterable[str]) -> dict[str, str]:
    """The described variables that the caller set, as NAME or NAME_FILE. DATA_DIR leads to the file, not out of it."""
    names = described(example) - {"DATA_DIR"}
    wanted = names | {f"{name}_FILE" for name in names}
    return {name: os.environ[name] for name in sorted(wanted & set(started_with))}


def set_outside(folder: Path, started_with: Iterable[str]) -> frozenset[str]:
    """The variables that somebody has set: in the environment, or as lines in the folder's file.

    What Rollcall chose for itself does not count. Raises nothing when there is no file.
    """
    path = folder / FILE
    text = path.read_text("utf-8") if path.exists() else ""
    lines = text.partition(OWN)[2] if CHOSEN in text else text
    names = {name for name in (*started_with, *_assignments(lines)) if os.environ.get(name)}
    return frozenset(name.removesuffix("_FILE") for name in names)


def covers(variables: Mapping[str, str], name: str) -> bool:
    return bool(variables.get(name) or variables.get(f"{name}_FILE"))


@dataclass
class Remembered:
    """The parts of the file that outlive a start."""

    folder: Path
    chosen: dict[str, str] = field(default_factory=dict)
    own: str = ""

    @classmethod
    def read(cls, folder: Path) -> Self:
        path = folder / FILE
        text = path.read_text("utf-8").partition(GIVEN)[0] if path.exists() else ""
        if CHOSEN not in text:
            return cls(folder, own=text.strip())
        chosen, _, own = text.partition(CHOSEN)[2].partition(OWN)
        return cls(folder, _assignments(chosen), own.strip())

    @property
    def owners(self) -> dict[str, str]:
        return _assignments(self.own)

    def write(self, given: Mapping[str, str]) -> None:
        # A value of several lines cannot stand in the file; the service's own processes inherit it.
        shown = {name: value for name, value in given.items() if "\n" not in value}
        parts = [CHOSEN, *_lines(self.chosen), "", OWN, *([self.own] if self.own else []), "", GIVEN, *_lines(shown)]
        write_private(self.folder / FILE, "\n".join(parts) + "\n")


def _assignments(text: str) -> dict[str, str]:
    return {name: value for name, _, value in _ASSIGNMENT.findall(text)}


def _lines(variables: Mapping[str, str]) -> list[str]:
    return [f"{name}='{value}'" for name, value in variables.items()]


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and only for its owner's eyes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
