"""Erasing a person from mirrors and logs. What remains is one audit entry: that somebody was erased, not who.

Rows about the person go. In rows about others whatever names the person is blacked out. Nothing is changed in the
directory or in an application: whoever is still in the directory comes back, whole, with the next reading of it.
Source: Regulation (EU) 2016/679, article 17.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import JSONField, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.errors import refuse
from provisioning.engine.reading_directory.feeds import forget_links
from provisioning.models import (
    Account,
    Assignment,
    AuditEntry,
    Change,
    Cycle,
    DirectoryObject,
    Feed,
    Job,
    Link,
    Membership,
    Question,
    Tenant,
)
from provisioning.sentences import Sentence

ERASED = "[erased]"
CLOSED = (*Change.SETTLED, Change.Status.SUPERSEDED)
"""An open change of somebody else is not touched: what it is about to write is theirs."""

TEXTS: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (Change, "job__application__tenant", ("identity", "reason", "modified", "payload", "facts")),
    (Link, "job__application__tenant", ("failure",)),
    (Cycle, "job__application__tenant", ("error",)),
    (Feed, "tenant", ("error",)),
    (Job, "application__tenant", ("quarantine_error",)),
    (Tenant, "pk", ("trouble",)),
    (AuditEntry, "tenant", ("target", "changes")),
)
"""Where rows about somebody else may name a person: table, the way to its tenant, columns."""


@dataclass(frozen=True)
class Traces:
    """What goes, as it is told before and kept afterwards."""

    log_rows: int
    applications: int
    """In the logs of how many of them."""
    accounts: int
    """Accounts in the mirrors of applications."""
    memberships: int
    assignments: int


def traces(person: DirectoryObject) -> Traces:
    """Counted along indexes; the few rows of others that name the person are not among them."""
    rows = Change.objects.filter(subject=person)
    return Traces(
        log_rows=rows.count(),
        applications=rows.order_by().values("job").distinct().count(),
        accounts=_accounts(person).count(),
        memberships=_memberships(person).count(),
        assignments=_assignments(person).count(),
    )


def still_enabled(person: DirectoryObject) -> list[str]:
    """Names of the applications in which the person's account stays as it is, enabled, and is kept in step no more."""
    links = Link.objects.filter(subject=person, account__isnull=False, account__removed=False, disabled_at=None)
    return sorted(links.values_list("job__application__display_name", flat=True))


def erase(person: DirectoryObject, *, by: Actor) -> Traces:
    """Refused while a worker has an application of the tenant in hand, or a change of the person is under way."""
    tenant, naming = person.tenant, Naming.of(person)
    # Found before anything is locked: in a long log that takes a while.
    mentions = [(model, columns, _mentions(model, path, columns, person, naming)) for model, path, columns in TEXTS]
    with transaction.atomic():
        _refuse_if_in_hand(person)
        told = traces(person)
        for model, columns, pks in mentions:
            _black_out(model, columns, pks, naming)
        _delete(person, naming)
        if person.removed != DirectoryObject.Removed.HARD:
            # A round of what changed would tell of one attribute of somebody whom the mirror no longer knows.
            forget_links(tenant)
        changes = [
            {"name": name, "old": count, "new": 0} for name, count in told.__dict__.items() if name != "applications"
        ]
        AuditEntry.record(by, Activity.ERASE_PERSON, tenant=tenant, changes=changes)
    return told


@dataclass(frozen=True)
class Naming:
    """How rows name a person. `marks` are theirs alone; a `name` may be another's as well."""

    marks: tuple[str, ...]
    names: tuple[str, ...]
    pattern: re.Pattern[str] = field(compare=False)

    @classmethod
    def of(cls, person: DirectoryObject) -> "Naming":
        addresses = {text for text in (person.user_principal_name, person.mail) if "@" in text}
        marks = (person.object_id, *sorted(text for text in addresses if not _is_anothers(person, text)))
        names = tuple({person.display_name} - {""})
        return cls(marks, names, re.compile(_alternatives(marks, names), re.IGNORECASE))

    def blacked_out(self, value: Any) -> Any:
        """The same text, sentence, list or object of JSON, with `ERASED` for whatever names the person."""
        match value:
            case str():
                said = Sentence.read(value)
                if said.parameters:
                    return Sentence.of(self.blacked_out(said.facts())).stored()
                return self.pattern.sub(ERASED, value)
            case list():
                return [self.blacked_out(each) for each in value]
            case dict():
                return {key: self.blacked_out(each) for key, each in value.items()}
            case _:
                return value


def _alternatives(marks: Iterable[str], names: Iterable[str]) -> str:
    """A name of a single word is believed to be the person's only where a text begins with it."""
    words = [*marks, *(name for name in names if " " in name)]
    anywhere = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in words]
    return "|".join([*anywhere, *(rf"^{re.escape(name)}(?!\w)" for name in names if " " not in name)])


def _is_anothers(person: DirectoryObject, address: str) -> bool:
    """Whoever has the address now is who it names."""
    others = DirectoryObject.objects.filter(tenant=person.tenant, removed=DirectoryObject.Removed.NO)
    has = Q(user_principal_name__iexact=address) | Q(mail__iexact=address)
    return others.exclude(pk=person.pk).filter(has).exists()


# --- what is about the person ---------------------------------------------------------------------------------------


def _accounts(person: DirectoryObject) -> QuerySet[Account]:
    """Linked, or known by an address that is the person's alone."""
    addresses = [mark.lower() for mark in Naming.of(person).marks]
    of_tenant = Account.objects.filter(application__tenant=person.tenant)
    nobody_elses = of_tenant.filter(user_name__in=addresses).exclude(links__isnull=False)
    linked = Account.objects.filter(links__subject=person)
    return Account.objects.filter(Q(pk__in=linked.values("pk")) | Q(pk__in=nobody_elses.values("pk")))


def _memberships(person: DirectoryObject) -> QuerySet[Membership]:
    return Membership.objects.filter(tenant=person.tenant, member_id=person.object_id)


def _assignments(person: DirectoryObject) -> QuerySet[Assignment]:
    return Assignment.objects.filter(application__tenant=person.tenant, principal_id=person.object_id)


def _delete(person: DirectoryObject, naming: Naming) -> None:
    Change.objects.filter(subject=person).delete()
    # What is left of rows whose person the mirror had lost before.
    Change.objects.filter(job__application__tenant=person.tenant, subject=None, identity__contains=ERASED).delete()
    _accounts(person).delete()
    _memberships(person).delete()
    _assignments(person).delete()
    _asked_about(person, naming).delete()
    person.delete()


def _asked_about(person: DirectoryObject, naming: Naming) -> QuerySet[Question]:
    """Questions and their answers, previews among them, go whole: they are asked anew when they are wanted again."""
    questions = Question.objects.filter(Q(tenant=person.tenant) | Q(tenant=None))
    return _naming(questions, ("arguments", "answer", "error"), (*naming.marks, *naming.names))


# --- what names the person elsewhere --------------------------------------------------------------------------------


def _mentions(
    model: type[Model], tenant_path: str, columns: tuple[str, ...], person: DirectoryObject, naming: Naming
) -> list[Any]:
    """Primary keys."""
    rows: QuerySet[Any] = model._default_manager.filter(**{tenant_path: person.tenant_id})
    if model is Change:
        # By marks alone: a namesake's own rows must stay what they are.
        rows = rows.filter(status__in=CLOSED).exclude(subject=person)
        rows = _naming(rows, ("identity", "reason", "modified"), naming.marks)
    else:
        rows = _naming(rows, columns, (*naming.marks, *naming.names))
    return list(rows.values_list("pk", flat=True))


def _naming(rows: QuerySet[Any], columns: Iterable[str], words: Iterable[str]) -> QuerySet[Any]:
    """The rows that have one of the words in one of the columns; JSON is searched as the text it is stored as."""
    needles = {spelling for word in words for spelling in _spellings(word)}
    conditions = []
    for column in columns:
        name = column
        if isinstance(rows.model._meta.get_field(column), JSONField):
            name = f"{column}_as_text"
            rows = rows.alias(**{name: Cast(column, TextField())})
        conditions += [Q(**{f"{name}__icontains": needle}) for needle in needles]
    return rows.filter(reduce(or_, conditions))


def _spellings(word: str) -> Iterator[str]:
    """As text, and as JSON may escape it."""
    yield word
    yield json.dumps(word)[1:-1]
    yield json.dumps(word, ensure_ascii=False)[1:-1]


def _black_out(model: type[Model], columns: tuple[str, ...], pks: list[Any], naming: Naming) -> None:
    for row in model._default_manager.filter(pk__in=pks).only(*columns):
        told = {name: naming.blacked_out(getattr(row, name)) for name in columns}
        changed = {name: value for name, value in told.items() if value != getattr(row, name)}
        model._default_manager.filter(pk=row.pk).update(**changed)


# --- when it must wait ----------------------------------------------------------------------------------------------


def _refuse_if_in_hand(person: DirectoryObject) -> None:
    """Raises ActionRefused. The jobs stay locked until the transaction ends: no worker takes one meanwhile."""
    jobs = Job.objects.select_for_update().filter(application__tenant=person.tenant)
    locked = {job.pk: job for job in jobs}
    held = Job.objects.filter(pk__in=locked, leased_until__gt=Now()).select_related("application")
    if names := sorted(job.application.display_name for job in held):
        sentence = _("A worker is provisioning %(names)s. Wait for the end of the cycle, or stop it, and try again.")
        raise refuse(sentence % {"names": ", ".join(names)})
    open_rows = Change.objects.filter(subject=person)
    if open_rows.filter(status=Change.Status.IN_FLIGHT).exists():
        raise refuse(_("A change of this person is under way. Wait for its end, and try again."))
    if open_rows.filter(status=Change.Status.STAGED).exists():
        raise refuse(_("A removal of this person waits for your decision. Allow or reject it first."))
