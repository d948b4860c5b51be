"""A round of the directory, kept on disk until it has ended: memory stays flat, and a broken round leaves no trace."""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any

import orjson
from django.conf import settings


class Spool:
    """Rows are plain lists; written once, then read as often as needed, in order."""

    def __init__(self) -> None:
        folder = settings.DATA_DIR / "spool"
        folder.mkdir(parents=True, exist_ok=True)
        # Unlinked at once: a killed worker leaves no file behind.
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by __exit__
        self.rows = 0

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, rows: Iterable[list[Any]]) -> None:
        for row in rows:
            self._file.write(orjson.dumps(row) + b"\n")
            self.rows += 1

    def __iter__(self) -> Iterator[list[Any]]:
        self._file.seek(0)
        for line in self._file:
            yield orjson.loads(line)

    def batches(self, size: int) -> Iterator[list[list[Any]]]:
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch
