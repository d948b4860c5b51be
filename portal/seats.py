"""Seats that nobody uses: invitations that were not accepted yet, and those that were declined.

An invitation takes a seat; one that was declined leaves a suspended user, who holds the seat until they are deleted or
invited again. Source: GoTo support, "Add users to your account".
"""

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from provisioning.models import Account, Application, Link

SHOWN = 10
INVITED, SUSPENDED = "invit", "suspended"
"""How the status begins, in lower case: its spelling was never published."""


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
    for account in _invited(application).iterator():
        if not account.attributes.get("licenseKeys"):
            continue
        kind = declined if str(account.attributes["status"]).lower() == SUSPENDED else waiting
        kind.count += 1
        if kind.count <= SHOWN:
            kind.holders.append(Holder(account, None))
    shown = [holder.account.pk for each in (waiting, declined) for holder in each.holders]
    links = Link.objects.filter(job=application.job, account__in=shown).select_related("subject")
    by_account = {link.account_id: link for link in links}
    for each in (waiting, declined):
        each.holders = [Holder(holder.account, by_account.get(holder.account.pk)) for holder in each.holders]
    return waiting, declined


def _invited(application: Application) -> "QuerySet[Account]":
    accounts = Account.objects.filter(application=application, removed=False)
    accounts = accounts.annotate(status=Lower(KT("attributes__status")))
    return accounts.filter(Q(status__startswith=INVITED) | Q(status=SUSPENDED)).order_by("user_name", "pk")
