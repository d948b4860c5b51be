"""Columns as no index knows them, where an index would lead the database astray.

SQLite keeps no statistics here: it takes whichever index answers most conditions, even one that leads through a
million rows while another would find ten.
"""

from django.db.models import Value
from django.db.models.functions import Coalesce


def unindexed(name: str, empty: int | str = 0) -> Coalesce:
    """The column, which is never null, with the same value. `empty` is any value of its type."""
    return Coalesce(name, Value(empty))
