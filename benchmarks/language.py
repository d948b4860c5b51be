"""The mapping language in one process: evaluations a second, microseconds a person, and the lab over 100,000 people."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from provisioning.expressions import Context, compile_expression  # noqa: E402
from provisioning.gallery import template  # noqa: E402
from provisioning.mapping import AttributeDefinition, compile_mapping  # noqa: E402
from provisioning.mapping.lab import try_on_everybody  # noqa: E402

JOIN = 'Join(" ", [givenName], [surname])'
CHOICES = (
    'Switch([country], IIF([department] = "Sales", Switch([state], IIF([city] = "Utrecht", Switch([jobTitle], "none", '
    '"Director", "d", "Manager", "m"), "elsewhere"), "NY", "new york"), "other"), "BE", "belgium")'
)
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
    expression, today = compile_expression(f"ToLower({JOIN})"), compile_expression(JOIN)
    began = time.perf_counter()
    findings = try_on_everybody(expression, everybody, context, definition=unique, today=today)
    seconds = time.perf_counter() - began
    assert findings.people == findings.changed.count == PEOPLE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"people": PEOPLE, "seconds": round(seconds, 2), "different_values": len(findings.results), "peak_mb": peak}


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
