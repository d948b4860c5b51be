"""A large company as rows: the directory, the accounts, and the log of a month, written as the engine writes them.

A tenth of the log lies in the last day, as on the day of a first cycle; the rest is spread over the days before.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from provisioning.models import (
    Account,
    Assignment,
    AuditEntry,
    Change,
    Cycle,
    DirectoryObject,
    Heartbeat,
    Job,
    Link,
    Membership,
    bulk,
)
from tests.portal.states import with_a_filter
from tests.portal.world import NAMES, World, guid

BATCH = 10_000
GROUPS = 300
AUDIT_ROWS = 20_000
CYCLES = 1_000
LOG_LENGTH = timedelta(days=30)
FAILURES = (
    ("LicenseLimitExceeded", "GoTo answered 403: NoSeatsAvailable."),
    ("MandatoryFieldsMissing", "surname has no value."),
    ("EntryConflict", "Another account has this address."),
    ("InvalidAnchor", "The account is gone."),
)
STATUSES = ("success",) * 16 + ("skipped", "skipped", "failure", "superseded")
ACTIONS = ("update",) * 6 + ("create", "create", "disable", "enable")
"""Never a delete: a filter that nothing fits."""


def fill(people: int, log_rows: int) -> World:
    """GoToMeeting with everybody, in the middle of a cycle; a second application that holds removals back."""
    world = World()
    world.configure()
    world.switch_on()
    Job.objects.filter(pk=world.job.pk).update(steady_first_at=world.at - LOG_LENGTH)
    world.history()
    world.previewed()
    with_a_filter(world)
    world.alive()
    World.user("admin", "Administrators")
    _directory(world, people)
    subjects = list(_people(world).order_by("pk").values_list("pk", flat=True))
    accounts = _accounts(world, subjects)
    _links(world, subjects, accounts)
    cycles = _cycles(world)
    _log(world, log_rows, subjects, accounts, cycles)
    _running(world, subjects)
    _insert(
        AuditEntry(at=world.at, by_name="admin", activity="Start provisioning", application=world.gotomeeting,
                   tenant=world.contoso, target=f"Target {number}")
        for number in range(AUDIT_ROWS)
    )  # fmt: skip
    _held(world, subjects)
    if connection.vendor == "postgresql":  # as autovacuum does; nobody does it on SQLite
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
    return world


def _insert(rows: Iterable[models.Model]) -> None:
    numbered = iter(rows)
    while batch := list(islice(numbered, BATCH)):
        with transaction.atomic():
            bulk.insert(batch)


def _people(world: World) -> models.QuerySet[DirectoryObject]:
    return DirectoryObject.objects.filter(tenant=world.contoso, kind=DirectoryObject.Kind.USER)


def _directory(world: World, people: int) -> None:
    """Everybody is in one large group and in two small ones; the groups and one person in five are assigned."""
    ids = [guid(1_000_000 + number) for number in range(people)]
    groups = [guid(500_000 + number) for number in range(GROUPS)]
    _insert(_person(world, number, object_id) for number, object_id in enumerate(ids))
    _insert(
        DirectoryObject(tenant=world.contoso, object_id=object_id, kind="Group", display_name=f"Team {number}",
                        reading=1)
        for number, object_id in enumerate(groups)
    )  # fmt: skip
    _insert(
        Membership(tenant=world.contoso, group_id=groups[place], member_id=object_id, reading=1)
        for number, object_id in enumerate(ids)
        for place in {0, 1 + number % (GROUPS - 1), 1 + number // 7 % (GROUPS - 1)}
    )
    principals = [("group", object_id, f"Team {number}") for number, object_id in enumerate(groups)]
    principals += [("user", ids[number], _name(number)) for number in range(0, people, 5)]
    _insert(
        Assignment(application=world.gotomeeting, assignment_id=str(uuid.uuid4()), principal_id=object_id,
                   principal_kind=kind, principal_name=name, role_id=world.organizer.role_id, reading=2)
        for kind, object_id, name in principals
    )  # fmt: skip


def _name(number: int) -> str:
    return f"{NAMES[number % len(NAMES)]} {number}"


def _address(number: int) -> str:
    return f"employee{number}@contoso.com"


def _person(world: World, number: int, object_id: str) -> DirectoryObject:
    name, address = _name(number), _address(number)
    given, _space, surname = name.partition(" ")
    attributes = {
        "accountEnabled": True, "displayName": name, "givenName": given, "surname": surname, "mail": address,
        "userPrincipalName": address, "department": f"Department {number % 40}", "jobTitle": "Consultant",
        "city": "Utrecht", "country": "NL", "employeeId": str(number), "objectId": object_id,
    }  # fmt: skip
    return DirectoryObject(
        tenant=world.contoso, object_id=object_id, kind="User", display_name=name, user_principal_name=address,
        mail=address, attributes=attributes, reading=1,
    )  # fmt: skip


def _accounts(world: World, subjects: list[int]) -> list[int]:
    _insert(
        Account(application=world.gotomeeting, key=str(9_100_000_000_000_000_000 + pk), user_name=_address(pk),
                attributes={"email": _address(pk), "firstName": "Noor", "lastName": f"Berg {pk}", "status": "ACTIVE"},
                read_at=world.at)
        for pk in subjects
    )  # fmt: skip
    mirrored = Account.objects.filter(application=world.gotomeeting, key__startswith="91").order_by("pk")
    return list(mirrored.values_list("pk", flat=True))


def _links(world: World, subjects: list[int], accounts: list[int]) -> None:
    """One person in twenty fails; the people of the small world have their links already."""
    linked = set(Link.objects.filter(job=world.job).values_list("subject_id", flat=True))
    _insert(
        _link(world, number, subject, account)
        for number, (subject, account) in enumerate(zip(subjects, accounts, strict=True))
        if subject not in linked
    )


def _link(world: World, number: int, subject: int, account: int) -> Link:
    if number % 20:
        return Link(
            job=world.job, subject_id=subject, account_id=account, provisioned_at=world.at - LOG_LENGTH,
            written={"email": _address(number), "lastName": "Berg"}, written_at=world.at - LOG_LENGTH,
        )  # fmt: skip
    code, sentence = FAILURES[number // 20 % len(FAILURES)]
    return Link(
        job=world.job, subject_id=subject, failed_at=world.at - timedelta(hours=5), failure_code=code,
        failure=sentence, failure_count=3, retry_at=world.at + timedelta(minutes=36),
    )  # fmt: skip


def _cycles(world: World) -> list[int]:
    """Oldest first."""
    apart = LOG_LENGTH / CYCLES
    times = [world.at - LOG_LENGTH + apart * number for number in range(CYCLES)]
    _insert(
        Cycle(job=world.job, kind="incremental", stage="settling", state="Succeeded", requested_at=at, began_at=at,
              ended_at=at + apart / 2, counts={"decided": 1000, "update": 900, "update:success": 890})
        for at in times
    )  # fmt: skip
    return list(Cycle.objects.filter(job=world.job, began_at__in=[times[0], *times]).order_by("began_at")
                .values_list("pk", flat=True))[:CYCLES]  # fmt: skip


def _log(world: World, rows: int, subjects: list[int], accounts: list[int], cycles: list[int]) -> None:
    _insert(
        _change(world, number, subjects, accounts, ago, cycles[min(CYCLES - 1, int(CYCLES * (1 - ago / LOG_LENGTH)))])
        for number, ago in enumerate(_times(rows))
    )


def _times(rows: int) -> Iterator[timedelta]:
    """How long ago each row was settled, the oldest first."""
    today = timedelta(days=1)
    before = rows - rows // 10
    for number in range(before):
        yield LOG_LENGTH - (LOG_LENGTH - today) * number / before
    for number in range(rows - before):
        yield today - today * number / (rows - before)


def _change(world: World, number: int, subjects: list[int], accounts: list[int], ago: timedelta, cycle: int) -> Change:
    person = number * 7919 % len(subjects)
    status = STATUSES[number % len(STATUSES)]
    action = "other" if status == "skipped" else ACTIONS[number // 3 % len(ACTIONS)]
    code, reason = FAILURES[number % len(FAILURES)] if status == "failure" else ("", "")
    at = world.at - ago
    return Change(
        job=world.job, cycle_id=cycle, subject_id=subjects[person], account_id=accounts[person], action=action,
        status=status, identity=f"{_name(person)} <{_address(person)}>", reason=reason,
        error_code="NotEffectivelyEntitled" if status == "skipped" else code,
        facts=_facts(person, status), modified=_modified(person) if action != "other" else [],
        planned_at=at - timedelta(seconds=30), sent_at=at if action != "other" else None, settled_at=at,
    )  # fmt: skip


def _facts(person: int, status: str) -> dict[str, Any]:
    return {
        "objectId": guid(1_000_000 + person), "via": ["Team 0"], "roles": ["organizer"],
        "scoping": {"Active in the source system": "True", "Assigned to the application": "True"},
        "reason": "NotEffectivelyEntitled" if status == "skipped" else "",
        "matching": {"attribute": "userName", "value": _address(person)},
        "account": str(9_100_000_000_000_000_000 + person),
        "export": {"method": "PUT", "path": "/users", "status": 403 if status == "failure" else 204,
                   "milliseconds": 340},
    }  # fmt: skip


def _modified(person: int) -> list[dict[str, Any]]:
    return [
        {"name": "userName", "old": None, "new": _address(person)},
        {"name": "name.familyName", "old": "Berg", "new": "van den Berg"},
        {"name": "licenseKeys", "old": [], "new": ["11"]},
    ]


def _running(world: World, subjects: list[int]) -> None:
    """A cycle under way, with what it still has to send."""
    cycle = world.running()
    _insert(_open(world.job, cycle, subject, "update", "planned") for subject in subjects[: len(subjects) // 20])


def _held(world: World, subjects: list[int]) -> None:
    """Removals that wait for approval, beside a log of its own that is short."""
    held = world.application("GoToMeeting, the other", guid(5))
    job = held.job
    job.enabled, job.quarantine_reason, job.quarantine_code = True, "TooManyDeletes", "TooManyDeletes"
    job.quarantine_began_at = world.at - timedelta(hours=1)
    job.save()
    _insert(_open(job, None, subject, "disable", "staged") for subject in subjects[: len(subjects) // 50])
    Heartbeat.objects.update(at=world.at + timedelta(hours=1))  # a long measurement makes nobody silent


def _open(job: Job, cycle: Cycle | None, subject: int, action: str, status: str) -> Change:
    identity = f"{_name(subject)} <{_address(subject)}>"
    return Change(
        job=job, cycle=cycle, subject_id=subject, action=action, status=status, identity=identity,
        planned_at=job.application.created_at,
    )  # fmt: skip
