"""Fields of ours."""

from typing import Any

import orjson
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from provisioning.sentences import Sentence


class FastJSONField(models.JSONField):
    """Reads with orjson, which costs a third. Migrations know it as Django's own; no number of ours exceeds 64 bit."""

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is None or not isinstance(value, str):
            return super().from_db_value(value, expression, connection)
        return orjson.loads(value)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class SentenceField(models.TextField):
    """Holds the facts of a sentence; to migrations, and to older rows, it is a column of text."""

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> Sentence | None:
        return None if value is None else Sentence.read(value)

    def get_prep_value(self, value: Any) -> Any:
        return value.stored() if isinstance(value, Sentence) else super().get_prep_value(value)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
