"""Seats that nobody uses: invitations that were not accepted yet, and those that were declined.

An invitation takes a seat; one that was declined leaves a suspended user, who holds the seat until they are deleted or
invited again. Source: GoTo support, "Add users to your account".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, TextField
from django.db.models.sql.compiler import SQLCompiler

from portal.columns import unindexed
from provisioning.models import Account, Application, Link

SHOWN = 10
INVITED, SUSPENDED = "invit", "suspended"
"""How the statuses in question begin, in any letter case: how GoTo spells them was never published."""


@dataclass(frozen=True)
class Holder:
    account: Account
    link: Link | None
    """With the person whose account it is, where Rollcall looks after it."""


@dataclass
class IdleSeats:
    count: int = 0
    holders: list[Holder] = field(default_factory=list)
    """The first of them."""

    @property
    def more(self) -> int:
        return self.count - len(self.holders)


def idle_seats(application: Application) -> tuple[IdleSeats, IdleSeats]:
    """(invitations that wait, invitations that were declined) as last read, each with a licence that it holds."""
    waiting, declined = IdleSeats(), IdleSeats()
    for account, status in _invited(application):
        if not account.attributes.get("licenseKeys"):
            continue
        kind = declined if status == SUSPENDED else waiting
        kind.count += 1
        if kind.count <= SHOWN:
            kind.holders.append(Holder(account, None))
    shown = [holder.account.pk for each in (waiting, declined) for holder in each.holders]
    links = Link.objects.filter(job=application.job, account__in=shown).select_related("subject")
    by_account = {link.account_id: link for link in links}
    for each in (waiting, declined):
        each.holders = [Holder(holder.account, by_account.get(holder.account.pk)) for holder in each.holders]
    return waiting, declined


def _invited(application: Application) -> Iterator[tuple[Account, str]]:
    """With the status in lower case."""
    told = Q(told__icontains=INVITED) | Q(told__icontains=SUSPENDED)
    # Every account is looked at, in the order in which they lie.
    accounts = Account.objects.alias(of=unindexed("application_id"), told=_Told("attributes"))
    for account in accounts.filter(told, of=application.pk, removed=False).order_by("user_name", "pk").iterator():
        status = str(account.attributes.get("status", "")).lower()
        if status == SUSPENDED or status.startswith(INVITED):
            yield account, status


class _Told(Func):
    """The status; on SQLite the whole document, which is sooner searched as a text than taken apart."""

    template = "(%(expressions)s ->> 'status')"
    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)
