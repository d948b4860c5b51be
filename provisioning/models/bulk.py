"""Writing rows by the thousand, where Django's own bulk operations spend their time building SQL and not running it.

One prepared statement, executed for every row. What it leaves out compared with `bulk_create`: signals, primary keys
in the objects afterwards, and expressions as values.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from provisioning.models.fields import SentenceField

Prepare = Callable[[Any], Any]


def insert(rows: Sequence[models.Model]) -> None:
    """New rows of one model, without primary keys."""
    _execute(rows, "")


def upsert(rows: Sequence[models.Model], *, unique: Sequence[str], update: Sequence[str]) -> None:
    """New rows, or `update` fields of the row with the same `unique` fields. Conditional constraints do not serve."""
    if not rows:
        return
    model = type(rows[0])
    target = ", ".join(_quoted(model, _field(model, name)) for name in unique)
    columns = [_quoted(model, _field(model, name)) for name in update]
    _execute(
        rows, f" ON CONFLICT ({target}) DO UPDATE SET " + ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
    )


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """`fields` of rows that exist, each found by its primary key."""
    if not rows:
        return
    model = type(rows[0])
    connection = _connection(model)
    chosen = [_field(model, name) for name in fields]
    assignments = ", ".join(f"{_quoted(model, field)} = %s" for field in chosen)
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"UPDATE {table} SET {assignments} WHERE {_quoted(model, model._meta.pk)} = %s"
    prepares = [(field.attname, _preparation(field, connection)) for field in chosen]
    with connection.cursor() as cursor:
        cursor.executemany(
            sql, [[prepare(getattr(row, name)) for name, prepare in prepares] + [row.pk] for row in rows]
        )


def _execute(rows: Sequence[models.Model], ending: str) -> None:
    if not rows:
        return
    model = type(rows[0])
    connection = _connection(model)
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(_quoted(model, field) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({places}){ending}"
    prepares = [(field, _preparation(field, connection)) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_values(row, prepares) for row in rows])


def _values(row: models.Model, prepares: "Iterable[tuple[models.Field[Any, Any], Prepare]]") -> list[Any]:
    return [prepare(field.pre_save(row, True)) for field, prepare in prepares]


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field), f"{name} is a column of {model.__name__}"
    return field


def _quoted(model: type[models.Model], field: "models.Field[Any, Any]") -> str:
    return str(_connection(model).ops.quote_name(str(field.column)))


def _connection(model: type[models.Model]) -> BaseDatabaseWrapper:
    return connections[router.db_for_write(model)]


def _preparation(field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> Prepare:
    """How a value of this field goes to the database; the few kinds we have are spared Django's general way."""
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else orjson.dumps(value).decode()
    if isinstance(field, models.DateTimeField):
        return lambda value: connection.ops.adapt_datetimefield_value(value)
    if isinstance(field, SentenceField):
        return field.get_prep_value
    if isinstance(field, models.CharField | models.TextField | models.BigIntegerField | models.BooleanField):
        return lambda value: value
    if isinstance(field, models.ForeignKey):
        return lambda value: value
    return lambda value: field.get_db_prep_save(value, connection)
