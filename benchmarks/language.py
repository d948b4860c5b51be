"""The mapping language in one process: evaluations a second, microseconds a person, and the lab over 100,000 people.

The lab once over people in memory, and once over a mirror on disk: that in a process of its own, whose peak memory is
its own.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from benchmarks._alone import empty_installation, in_own_process, peak_mb
from provisioning.expressions import Context, compile_expression
from provisioning.gallery import template
from provisioning.mapping import AttributeDefinition, compile_mapping
from provisioning.mapping.lab import Findings, try_on_everybody

JOIN = 'Join(" ", [givenName], [surname])'
CHOICES = (
    'Switch([country], IIF([department] = "Sales", Switch([state], IIF([city] = "Utrecht", Switch([jobTitle], "none", '
    '"Director", "d", "Manager", "m"), "elsewhere"), "NY", "new york"), "other"), "BE", "belgium")'
)
LAB = 'ToLower(Join(".", [givenName], [surname]))'
PEOPLE = 100_000
PERSON = {
    "userPrincipalName": "britta.simon@contoso.com",
    "givenName": "Britta",
    "surname": "Simon",
    "IsSoftDeleted": "False",
    "preferredLanguage": "nl-NL",
    "appRoleAssignments": ["organizer"],
    "country": "NL",
    "department": "Sales",
    "state": "UT",
    "city": "Utrecht",
    "jobTitle": "Manager",
}


def main() -> dict[str, Any]:
    """{"evaluations_a_second": {…}, "gotomeeting_microseconds_a_person": …, "lab": {…}}"""
    context = Context(now=datetime(2026, 3, 9, tzinfo=UTC), seed="benchmark")
    join, choices = compile_expression(JOIN), compile_expression(CHOICES)
    assert (join.evaluate(PERSON, context), choices.evaluate(PERSON, context)) == ("Britta Simon", "m")
    mapping = compile_mapping(template("gotomeeting")["schema"])
    assert not mapping.evaluate(PERSON, context, creating=True).errors
    return {
        "evaluations_a_second": {
            "join": round(1 / best(lambda: join.evaluate(PERSON, context))),
            "five_levels": round(1 / best(lambda: choices.evaluate(PERSON, context))),
        },
        "gotomeeting_microseconds_a_person": round(
            best(lambda: mapping.evaluate(PERSON, context, creating=True), 5_000) * 1e6, 1
        ),
        "lab": lab(context),
        "lab_from_mirror": in_own_process("language"),
    }


def best(run: Callable[[], object], times: int = 100_000, rounds: int = 5) -> float:
    """Seconds for one call, in the best round: the others were disturbed."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            run()
        found.append((time.perf_counter() - began) / times)
    return min(found)


def people() -> Iterator[tuple[str, dict[str, str]]]:
    for number in range(PEOPLE):
        yield str(number), {"givenName": f"Person{number % 9973}", "surname": f"Of{number % 7919}"}


def lab(context: Context) -> dict[str, Any]:
    """A unique target, compared with what is mapped today: the dearest that the lab has."""
    everybody = list(people())
    unique = AttributeDefinition("userName", unique=True, maximum_length=20)
    expression, today = compile_expression(LAB), compile_expression(JOIN)
    figures, findings = timed(
        lambda: try_on_everybody(expression, everybody, context, definition=unique, today=today.evaluate)
    )
    return figures | {"different_values": len(findings.results)}


def measure() -> dict[str, Any]:
    """Reading and trying `PEOPLE` with two dozen attributes each from a mirror on disk, as the page does."""
    with empty_installation():
        from provisioning.engine.lab import try_out

        job = filled_mirror()
        before, mapping = peak_mb(), compile_mapping(job.schema)
        now = datetime(2026, 3, 9, tzinfo=UTC)
        figures, _ = timed(lambda: try_out(job, mapping, compile_expression(LAB), "userName", now))
        return figures | {"peak_mb": peak_mb(), "peak_mb_before": before}


def timed(run: Callable[[], Findings]) -> tuple[dict[str, Any], Findings]:
    """Everybody was tried, and everybody's result differs from today's."""
    began, cpu = time.perf_counter(), time.process_time()
    findings = run()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert findings.today is not None
    assert findings.people == findings.today.different.count == PEOPLE
    return {"people": PEOPLE, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2)}, findings


def filled_mirror() -> Any:
    """A job whose tenant has `PEOPLE`."""
    from provisioning.models import Application, DirectoryObject, Job, Tenant, bulk

    tenant = Tenant.objects.create(name="Contoso", tenant_id="contoso", client_id="rollcall")
    application = Application.objects.create(tenant=tenant, template_id="gotomeeting", connector="goto_admin")
    filling = {f"extensionAttribute{number}": f"value {number}" for number in range(1, 13)}
    everybody = people()
    for first in range(0, PEOPLE, 5_000):
        rows = []
        for key, names in islice(everybody, 5_000):
            upn = f"person{key}@contoso.com"
            attributes = PERSON | filling | names | {"userPrincipalName": upn}
            rows.append(
                DirectoryObject(tenant=tenant, object_id=key, kind="User", attributes=attributes, reading=first)
            )
        bulk.insert(rows)
    return Job.objects.create(application=application, job_id="bench", schema=template("gotomeeting")["schema"])
