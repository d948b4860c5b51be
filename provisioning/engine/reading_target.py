"""A listing or lookups → the mirror of the accounts.

What is missing from a listing is only a suspicion as long as it is linked to a person: it is asked for by its key.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from provisioning.connectors.base import Account as ToldAccount
from provisioning.connectors.base import Target
from provisioning.engine.holding import Holding
from provisioning.engine.spool import Spool
from provisioning.errors import ConfigurationError, ReadingRefused
from provisioning.expressions import Value
from provisioning.mapping.evaluation import same
from provisioning.models import Account, Application, Job, Link, bulk
from provisioning.sentences import Sentence

BATCH = 1000
GONE_AT_LEAST, GONE_PROPORTION = 10, 0.1
"""Linked accounts gone at once: more than both, and the job stops, because that is a mishap rather than a clean-up."""

ASKED_AT_ONCE = 20
"""New accounts that a listing leaves out and that are asked for, one by one; they speak for any more of them."""

ACCOUNT_FIELDS = ["user_name", "attributes", "removed", "number", "read_at"]


def list_accounts(job: Job, target: Target, holding: Holding, now: datetime) -> None:
    take_in(job, target, target.list_accounts(), holding, now)


def take_in(
    job: Job, target: Target, listing: Iterable[Sequence[ToldAccount]], holding: Holding, now: datetime
) -> None:
    """Bring the whole mirror up to date. Raises ReadingRefused when the listing cannot be believed: nothing changes
    then.
    """
    with Spool() as spool:
        for page in listing:
            holding.check()
            spool.add([account.key, account.attributes] for account in page)
        listed = {row[0] for row in spool}
        gone = _missing(job, listed, target, holding, now)
        for batch in spool.batches(BATCH):
            holding.check()
            mirror(job.application, [ToldAccount(key, attributes) for key, attributes in batch], now)
    bury(job, gone, now)
    job.accounts_listed_at, job.accounts_total = now, len(listed)
    Job.objects.filter(pk=job.pk).update(accounts_listed_at=now, accounts_total=len(listed))


def _missing(job: Job, listed: set[str], target: Target, holding: Holding, now: datetime) -> list[str]:
    mirrored = job.application.accounts.filter(removed=False).values_list("key", flat=True)
    missing = [key for key in mirrored.iterator() if key not in listed]
    linked = Link.objects.filter(job=job, account__key__in=missing[:10_000]) if missing else Link.objects.none()
    written = dict(linked.values_list("account__key", "written_at"))
    young_since = now - target.visibility_delay
    young = {key for key, moment in written.items() if moment is not None and moment >= young_since}
    here = _still_here(young, target, holding)
    _not_too_many(job, len(written) - len(here))
    for key in written.keys() - young:
        holding.check()
        if target.get(key) is not None:
            raise ReadingRefused(
                Sentence(
                    "%(application)s left out the account %(key)s in its listing, but has it when asked. Nothing of "
                    "the listing was used.",
                    application=job.application,
                    key=key,
                )
            )
    return [key for key in missing if key not in here]


def _still_here(young: set[str], target: Target, holding: Holding) -> set[str]:
    """Of accounts so new that a listing may not show them yet, those that are there when asked; many are sampled."""
    asked = sorted(young)[:ASKED_AT_ONCE]
    here = set()
    for key in asked:
        holding.check()
        if target.get(key) is not None:
            here.add(key)
    return young if len(here) == len(asked) else here


def _not_too_many(job: Job, gone: int) -> None:
    links = Link.objects.filter(job=job, account__isnull=False).count()
    if gone > max(GONE_AT_LEAST, GONE_PROPORTION * links) and not job.rematch:
        raise ConfigurationError(
            Sentence(
                "%(gone)s of %(links)s accounts that Rollcall manages are gone from %(application)s at once. Nothing "
                "was done about it. If they were meant to go, restart provisioning; if not, restore them first.",
                gone=gone,
                links=links,
                application=job.application,
            ),
            code="ManyAccountsGone",
        )


def mirror(application: Application, told: Sequence[ToldAccount], now: datetime) -> list[Account]:
    """Take accounts in as read; whoever is linked to one that changed is decided anew. Returns the rows, in order."""
    mirrored = Account.objects.filter(application=application, key__in=[account.key for account in told])
    with transaction.atomic():
        rows = {row.key: row for row in mirrored}
        moved, changed = [], []
        for account in told:
            row = rows.get(account.key) or Account(application=application, key=account.key, number=0, removed=True)
            row.read_at = now
            if row.attributes == account.attributes and not row.removed:
                continue
            if row.removed or _contradicts(account.attributes, row.attributes):
                changed.append(row.key)
            row.attributes, row.removed, row.number = account.attributes, False, row.number + 1
            row.user_name = str(account.attributes.get("userName") or "").lower()[:300]
            moved.append(row)
        mirrored.update(read_at=now)
        if moved:
            bulk.upsert(moved, unique=["application", "key"], update=ACCOUNT_FIELDS)
            rows = {row.key: row for row in mirrored.all()}
        links = Link.objects.filter(job__application=application, account__in=rows.values()).select_related("account")
        _wake(links.filter(account__key__in=changed), now)
        _forget_accepted(links.exclude(replaced={}))
    return [rows[account.key] for account in told]


def _contradicts(told: Mapping[str, Value], known: Mapping[str, Value]) -> bool:
    """Of an account that was just created only what was written is known: the rest, once read, is no news."""
    return any(told[name] != value for name, value in known.items() if name in told)


def _wake(links: Iterable[Link], now: datetime) -> None:
    for link in links:
        if link.retry_at is None or link.retry_at > now:
            Link.objects.filter(pk=link.pk).update(retry_at=now)


def _forget_accepted(links: Iterable[Link]) -> None:
    """An application that now shows what was written has accepted the correction: it does not insist."""
    for link in links:
        assert link.account is not None, "filtered by account"
        read = link.account.attributes
        kept = {
            name: value
            for name, value in link.replaced.items()
            if not same(link.written.get(name), read.get(name), case_exact=True)
        }
        if kept != link.replaced:
            Link.objects.filter(pk=link.pk).update(replaced=kept)


def bury(job: Job, keys: Sequence[str], now: datetime) -> None:
    """Accounts that are proven to be gone: the link is dropped, and the person is matched again."""
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        with transaction.atomic():
            rows = list(Account.objects.filter(application=job.application, key__in=batch))
            Link.objects.filter(account__in=rows).update(
                account=None, retry_at=now, disabled_at=None, written={}, replaced={}
            )
            for row in rows:
                row.removed, row.number = True, row.number + 1
            bulk.update(rows, ACCOUNT_FIELDS)


def look_up(job: Job, target: Target, key: str, now: datetime) -> Account | None:
    """One account by its key; gone: its link is dropped."""
    told = target.get(key)
    if told is None:
        bury(job, [key], now)
        return None
    return mirror(job.application, [told], now)[0]


def find(job: Job, target: Target, attribute: str, value: str, now: datetime) -> list[Account]:
    """The accounts that have this value, as the application says now; whoever only the mirror has is asked for by
    key.
    """
    told = target.find(attribute, value)
    if attribute == "userName":
        keys = {account.key for account in told}
        for row in Account.objects.filter(application=job.application, user_name=value.lower(), removed=False):
            if row.key not in keys:
                look_up(job, target, row.key, now)
    return mirror(job.application, told, now)
