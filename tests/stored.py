"""Everything that the database holds, as text, to look for what must not be in it."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection


def everything_stored() -> Iterator[tuple[str, str]]:
    """(table, row) of every row of every table, the characters that JSON escapes spelt out."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            for row in cursor.fetchall():
                text = " ".join(str(value) for value in row)
                yield model._meta.db_table, text.encode("raw_unicode_escape").decode("unicode_escape", "replace")


def tables_that_name(*words: str) -> set[str]:
    """Tables with a row that has one of the words, whatever its case."""
    wanted = [word.lower() for word in words]
    return {table for table, text in everything_stored() if any(word in text.lower() for word in wanted)}
