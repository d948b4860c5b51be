"""A lease: the right to be the only one who works on a row, for a short time.

Whoever holds it renews it every second by the database's clock. A dead holder's lease simply runs out.
"""

import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from provisioning.errors import Halted
from provisioning.sentences import Sentence


class Leased(models.Model):
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def claim(self, lease: timedelta) -> uuid.UUID | None:
        """Take the row for `lease`; None if another holds it. "One row changed" means that it is ours."""
        token = uuid.uuid4()
        free = type(self)._base_manager.filter(pk=self.pk).filter(Q(leased_until=None) | Q(leased_until__lte=Now()))
        if free.update(lease_token=token, leased_until=Now() + lease) != 1:
            return None
        self.lease_token = token
        return token

    def renew(self, token: uuid.UUID, lease: timedelta) -> bool:
        """False once the lease has lapsed or gone to another: the caller must send nothing more."""
        held = type(self)._base_manager.filter(pk=self.pk, lease_token=token, leased_until__gt=Now())
        return held.update(leased_until=Now() + lease) == 1

    def release(self, token: uuid.UUID) -> None:
        held = type(self)._base_manager.filter(pk=self.pk, lease_token=token)
        held.update(lease_token=None, leased_until=None)

    @classmethod
    def holding(cls, pk: int, token: uuid.UUID) -> Self:
        """The row, locked, for a transaction that only the lease's holder may commit. Raises Halted otherwise."""
        row: Self | None = cls._base_manager.select_for_update().filter(pk=pk, lease_token=token).first()
        if row is None:
            raise Halted(Sentence("Another worker has taken over."))
        return row
