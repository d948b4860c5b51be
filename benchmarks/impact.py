"""Before Save: how long it takes to decide everybody twice, by today's mapping and by one that changes every third.

The mirrors are on disk and everybody has an account as the mapping wants it. Each size runs in a process of its own, so
that its peak memory is its own. Seconds are wall clock, cpu is this process alone.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks._alone import empty_installation, in_own_process, peak_mb

SIZES = (10_000, 100_000)
BATCH = 5_000
NOW = datetime(2026, 3, 9, tzinfo=UTC)
CANDIDATE = 'IIF([department] = "Sales", Append([surname], " (S)"), [surname])'


def main() -> dict[str, Any]:
    """{"10000": {"seconds", "cpu_seconds", "touched", "peak_mb", "peak_mb_before"}, …}"""
    return {str(size): in_own_process("impact", size) for size in SIZES}


def measure(size: int) -> dict[str, Any]:
    with empty_installation():
        from portal import schemas
        from provisioning.engine.impact import impact

        job = filled(size)
        row = {"targetAttributeName": "name.familyName", "source": schemas.source_of(schemas.EXPRESSION, CANDIDATE)}
        candidate = schemas.with_attribute(job.schema, "name.familyName", row)
        before = peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        found = impact(job, candidate, NOW)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        assert found.people == size and found.touched == {"update": len(range(0, size, 3))}, found.touched
        return {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu, 2),
            "touched": found.touched.total(),
            "peak_mb": peak_mb(),
            "peak_mb_before": before,
        }


def filled(size: int) -> Any:
    """A job with `size` people, all of them members of one assigned group."""
    from provisioning.models import (
        Account,
        Application,
        AppRole,
        Assignment,
        DirectoryObject,
        Feed,
        Job,
        Link,
        Membership,
        Tenant,
    )

    tenant = Tenant.objects.create(name="Contoso", tenant_id="contoso", client_id="rollcall", reading_number=1)
    licence = {"key": "11", "name": "Pro", "products": ["G2M"], "seats": size, "used": size, "enabled": True}
    application = Application.objects.create(
        tenant=tenant, template_id="gotomeeting", connector="goto_admin", licences=[licence]
    )
    schema = application.template["schema"]
    job = Job.objects.create(application=application, job_id="bench", schema=schema)
    AppRole.objects.create(application=application, role_id="r", value="User", display_name="User", products=["G2M"])
    Assignment.objects.create(
        application=application, assignment_id="a", principal_id="everybody", principal_kind="group",
        principal_name="Everybody", role_id="r", reading=1,
    )  # fmt: skip
    read = ["accountEnabled", "department", "displayName", "givenName", "mail", "preferredLanguage", "surname"]
    Feed.objects.create(
        tenant=tenant, kind=Feed.Kind.USERS, read_select=[*read, "userPrincipalName", "userType"], began_at=NOW
    )
    insert(
        size,
        lambda number: DirectoryObject(
            tenant=tenant, object_id=str(number), kind="User", attributes=person(number), reading=1
        ),
    )
    insert(size, lambda number: Membership(tenant=tenant, group_id="everybody", member_id=str(number), reading=1))
    insert(size, lambda number: Account(application=application, key=str(number), attributes=account(number)))
    subjects = list(DirectoryObject.objects.order_by("pk").values_list("pk", flat=True))
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    insert(size, lambda number: Link(job=job, subject_id=subjects[number], account_id=accounts[number]))
    return job


def insert(size: int, row: Callable[[int], Any]) -> None:
    from django.db import transaction

    from provisioning.models import bulk

    for first in range(0, size, BATCH):
        with transaction.atomic():
            bulk.insert([row(number) for number in range(first, min(first + BATCH, size))])


def person(number: int) -> dict[str, str]:
    return {
        "userPrincipalName": f"person{number}@contoso.com", "displayName": f"Person {number}",
        "mail": f"person{number}@contoso.com", "givenName": "Person", "surname": f"Of{number}",
        "department": "IT" if number % 3 else "Sales", "preferredLanguage": "nl-NL", "accountEnabled": "True",
    }  # fmt: skip


def account(number: int) -> dict[str, Any]:
    return {
        "userName": f"person{number}@contoso.com", "name.givenName": "Person", "name.familyName": f"Of{number}",
        "locale": "nl_NL", "licenseKeys": ["11"], "adminRoles": [],
    }  # fmt: skip
