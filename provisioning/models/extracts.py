"""Reading a few keys of a JSON document from many rows, where reading whole documents would cost most of the time."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

MOST = 90
"""Databases take about a hundred arguments of one function."""


class Extract(Func):
    """The values of `names` as the text of one JSON array, null where a document has no such key.

    Django's own key transforms look at a document twice for every key, and lose the difference between 1 and true.
    `names` are two to `MOST`, without quotation marks: of a single path SQLite makes no array.
    """

    output_field = TextField()

    def __init__(self, field: str, names: Sequence[str]) -> None:
        super().__init__(F(field))
        self.names = tuple(names)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        document, parameters = compiler.compile(self.source_expressions[0])
        paths = [f'$."{name}"' for name in self.names]
        return f"JSON_EXTRACT({document}, {', '.join(['%s'] * len(paths))})", (*parameters, *paths)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        document, parameters = compiler.compile(self.source_expressions[0])
        values = ", ".join([f"{document} -> %s::text"] * len(self.names))
        return f"JSONB_BUILD_ARRAY({values})::text", tuple(each for name in self.names for each in (*parameters, name))
