"""Values of a JSON document, each with its path; what is wrong is gathered, not raised."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

Kind = Callable[["Reading", Any, str], Any]
"""Reads one value: (reading, value, path) → what it means, None where a problem was noted."""


class Refused(Exception):
    """The file cannot be made true. `problems` are (path, sentence): ("$.tenant", "“clientId” is missing.")."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(f"{sentence} (at {path})" for path, sentence in self.problems))


@dataclass
class Reading:
    problems: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, path: str, sentence: str) -> None:
        self.problems.append((path, sentence))

    def members(
        self, value: Any, path: str, *, required: Mapping[str, Kind], optional: Mapping[str, Kind]
    ) -> dict[str, Any]:
        """An object with these keys and no others; the optional ones that are absent are absent from the answer."""
        if not isinstance(value, dict):
            self.wrong(path, "An object is expected here.")
            return {}
        kinds = {**required, **optional}
        for name in value:
            if name not in kinds:
                self.wrong(path, f"“{name}” is unknown here. Known are: {', '.join(sorted(kinds))}.")
        for name in required:
            if name not in value:
                self.wrong(path, f"“{name}” is missing.")
        return {name: kinds[name](self, value[name], f"{path}.{name}") for name in kinds if name in value}


def text(reading: Reading, value: Any, path: str) -> str | None:
    if isinstance(value, str) and value.strip():
        return value
    reading.wrong(path, "A text is expected here.")
    return None


def email(reading: Reading, value: Any, path: str) -> str | None:
    try:
        validate_email(value)
    except ValidationError:
        reading.wrong(path, "An e-mail address is expected here.")
        return None
    return str(value)


def secret(reading: Reading, value: Any, path: str) -> str | None:
    """A text, {"env": NAME} or {"file": PATH}. No message ever repeats what was read."""
    if not isinstance(value, dict):
        return text(reading, value, path)
    if list(value) == ["env"] and isinstance(value["env"], str):
        found = os.environ.get(value["env"], "")
        if not found:
            reading.wrong(path, f"The environment has no variable {value['env']}.")
        return found or None
    if list(value) == ["file"] and isinstance(value["file"], str):
        return _content(reading, value["file"], path)
    reading.wrong(path, 'A text, {"env": "NAME"} or {"file": "PATH"} is expected here.')
    return None


def _content(reading: Reading, name: str, path: str) -> str | None:
    try:
        found = Path(name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        reading.wrong(path, f"The file {name} cannot be read.")
        return None
    if not found:
        reading.wrong(path, f"The file {name} is empty.")
    return found or None


def whole_number(least: int) -> Kind:
    def read(reading: Reading, value: Any, path: str) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        reading.wrong(path, f"A whole number from {least} up is expected here.")
        return None

    return read


def nullable(kind: Kind) -> Kind:
    return lambda reading, value, path: None if value is None else kind(reading, value, path)


def one_of(*words: str) -> Kind:
    def read(reading: Reading, value: Any, path: str) -> str | None:
        if isinstance(value, str) and value in words:
            return value
        reading.wrong(path, f"One of {', '.join(words)} is expected here.")
        return None

    return read


def list_of(kind: Kind) -> Kind:
    def read(reading: Reading, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            reading.wrong(path, "A list is expected here.")
            return []
        return [kind(reading, each, f"{path}[{index}]") for index, each in enumerate(value)]

    return read


def map_of(kind: Kind) -> Kind:
    def read(reading: Reading, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            reading.wrong(path, "An object is expected here.")
            return {}
        return {name: kind(reading, each, f'{path}["{name}"]') for name, each in value.items()}

    return read
