"""Every page of the portal beside a large company and a long log, on SQLite and on PostgreSQL.

PEOPLE and LOG_ROWS say how large, ROUNDS how often each page is asked for, DATABASES on which; each database is
measured in a process of its own. A page is what Django's test client gets as a signed-in administrator; of a download
the first piece. On SQLite every request opens the database anew, as the web server does.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks._alone import in_own_process

PEOPLE, LOG_ROWS, ROUNDS = (
    int(os.environ.get(name, default))
    for name, default in (("PEOPLE", 100_000), ("LOG_ROWS", 1_000_000), ("ROUNDS", 20))
)
DATABASES = os.environ.get("DATABASES", "sqlite postgresql").split()
MOST_QUERIES, MOST_MS = 50, 300

PART = {"HX-Request": "true"}
LIST, PANEL = {**PART, "HX-Target": "div#list"}, {**PART, "HX-Target": "div#panel"}


@dataclass(frozen=True)
class Asked:
    name: str
    address: str
    headers: dict[str, str]


def main() -> dict[str, Any]:
    """{"sqlite": {"fill": {…}, "pages": {name: {"queries", "p50_ms", "p95_ms"}}, "over": [name]}, …}"""
    return {name: _on(name) for name in DATABASES}


def _on(database: str) -> dict[str, Any]:
    with _url(database) as url:
        return in_own_process("pages", environment={"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"})


@contextmanager
def _url(database: str) -> Iterator[str]:
    if database == "postgresql":
        from tests.postgresql import running_server

        with running_server() as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
            yield f"sqlite:///{folder}/pages.sqlite3"


def measure() -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks._company import fill

    began = time.perf_counter()
    call_command("migrate", verbosity=0)
    world = fill(PEOPLE, LOG_ROWS)
    filled = round(time.perf_counter() - began)
    pages = {asked.name: _measured(asked) for asked in every_page(world)}
    pages = {name: figures for name, figures in pages.items() if figures}
    return {
        "people": PEOPLE,
        "log_rows": LOG_ROWS,
        "load": {"before": round(os.getloadavg()[1], 1), "fill_seconds": filled},
        "pages": pages,
        "slowest": max(pages, key=lambda name: pages[name]["p95_ms"]),
        "over": [
            name for name, each in pages.items() if each["queries"] > MOST_QUERIES or each["p95_ms"] > MOST_MS
        ],
    }  # fmt: skip


def every_page(world: Any) -> list[Asked]:
    """Each address once as it stands, and those with a choice in it with what makes them work."""
    from django.urls import reverse

    from tests.portal.pages import arguments, named_patterns

    given = arguments(world)
    pages = []
    for name, _route, parameters in sorted(named_patterns()):
        address = reverse(name, kwargs={parameter: given[parameter] for parameter in parameters})
        pages += [
            Asked(f"{name}, {words}" if words else name, address + query, headers)
            for words, query, headers in [("", "", {}), *_choices(world).get(name, ())]
        ]
    return [*pages, *_elsewhere(world)]


def _choices(world: Any) -> dict[str, list[tuple[str, str, dict[str, str]]]]:
    """Name of a page → (in words, query, headers)."""
    from portal.log_pages import key_of
    from provisioning.models import Change, Cycle, Question

    settled = Change.objects.filter(job=world.job, status="success").order_by("pk")
    middle = settled[LOG_ROWS // 3]
    key = key_of(middle).replace("+", "%2B")
    cycle = Cycle.objects.filter(job=world.job, pk=middle.cycle_id).get()
    preview = Question.objects.filter(kind=Question.Kind.PREVIEW).latest("pk")
    whole = "?range=all&status=all"
    found = [("a name", "?q=Noor", PART), ("one person", "?q=employee777@", PART), ("nobody", "?q=no-such-word", PART)]
    return {
        "logs": [
            ("everything", whole, LIST),
            ("from the middle to older", f"{whole}&before={key}", LIST),
            ("from the middle to newer", f"{whole}&after={key}", LIST),
            ("a name", "?range=all&q=Noor", LIST),
            ("one person's address", "?range=all&q=employee777@", LIST),
            ("no word found", f"{whole}&q=no-such-word", LIST),
            ("no word found in a day", "?q=no-such-word", LIST),
            ("no word found, one letter", "?q=%E0%B8%81&range=30d", LIST),
            ("an id", f"{whole}&q={middle.change_id}", LIST),
            ("an id that is not there", f"{whole}&q=8c1f0c0e-0000-4000-8000-000000000001", LIST),
            ("failures", "?range=all&status=failure", LIST),
            ("skipped", "?range=all&status=skipped", LIST),
            ("planned", "?status=planned", LIST),
            ("held", "?status=staged", LIST),
            ("an action", "?range=all&action=disable", LIST),
            ("an action that never was", "?range=all&action=delete", LIST),
            ("a cause", "?range=all&code=EntryConflict&status=failure", LIST),
            ("a cause that never was", "?range=all&code=NoSuchCode", LIST),
            ("a cycle", f"?cycle={cycle.cycle_id}&status=all", LIST),
            ("a cycle's failures", f"?cycle={cycle.cycle_id}&status=failure", LIST),
            ("a cycle without", f"?cycle={cycle.cycle_id}&status=success&action=delete", LIST),
            ("a person", f"?person={middle.subject_id}&status=all", LIST),
            ("a week long ago", "?range=custom&from=2020-01-01&to=2020-01-08", LIST),
        ],
        "logs-newer": [
            ("everything", f"{whole}&after={key}", PART),
            ("no word found", f"{whole}&after={key}&q=no-such-word", PART),
        ],
        "log": [("beside the list", whole, PANEL)],
        "log-download": [
            ("everything", whole, {}),
            ("failures", "?range=all&status=failure", {}),
            ("no word found", f"{whole}&q=no-such-word", {}),
        ],
        "users": [*found, ("the last page", "?page=99999", PART), ("groups", "?q=Team+", PART)],
        "principals": [*found, ("groups", "?q=Team&kind=Group", PART), ("people", "?q=e&kind=User", PART)],
        "search": found,
        "audit": [("nothing found", "?q=no-such-word", {}), ("an activity that never was", "?activity=Delete", {}),
                  ("deep", "?before=5000", {})],
        "application-audit": [("nothing found", "?q=no-such-word", {}), ("deep", "?before=5000", {})],
        "applications": [("nothing found", "?q=no-such-word", PART)],
        "attribute": [("one that is mapped", "?target=userName", PART)],
        "attribute-delete": [("one that is mapped", "?target=userName", PART)],
        "user-role": [("one", f"?assignment={world.gotomeeting.assignments.latest('pk').pk}", PART)],
        "user-remove": [("one", f"?assignment={world.gotomeeting.assignments.latest('pk').pk}", PART)],
        "provisioning": [("form", "?edit=1", {})],
        "preview": [("answered", f"?question={preview.question_id}", {})],
    }  # fmt: skip


def _elsewhere(world: Any) -> list[Asked]:
    """The largest group, and the application that holds removals back."""
    from django.urls import reverse

    from provisioning.models import Application, DirectoryObject

    everybody = DirectoryObject.objects.get(tenant=world.contoso, display_name="Team 0")
    held = Application.objects.exclude(pk=world.gotomeeting.pk).get()
    return [
        Asked("directory-object, a group of everybody", reverse("directory-object", args=(everybody.pk,)), {}),
        Asked("overview, held", reverse("overview", args=(held.pk,)), {}),
        Asked("live, held", reverse("live", args=(held.pk,)), {}),
        Asked("removals, held", reverse("removals", args=(held.pk, "allow")), {}),
        Asked("logs, held by the guard", reverse("logs", args=(held.pk,)) + "?status=staged", {}),
        Asked("logs, empty", reverse("logs", args=(held.pk,)), {}),
    ]


def _measured(asked: Asked, rounds: int = ROUNDS) -> dict[str, Any]:
    """Nothing for an address that only takes a POST, or is nothing without a choice."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = _client()
    with CaptureQueriesContext(connection) as queries:
        status, _milliseconds = _get(client, asked)
        asked_database = len(queries)
    if status == 405 or (status == 404 and "?" not in asked.address):
        return {}
    assert status in (200, 302), f"{asked.name}: {status}"
    times = [_get(client, asked)[1] for _ in range(rounds)]
    return {
        "queries": asked_database,
        "p50_ms": round(statistics.median(times)),
        "p95_ms": round(sorted(times)[max(0, round(0.95 * rounds) - 1)]),
    }


def _client() -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get(username="admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _get(client: Any, asked: Asked) -> tuple[int, float]:
    from django.db import close_old_connections

    close_old_connections()
    began = time.perf_counter()
    response = client.get(asked.address, headers=asked.headers)
    if response.streaming:
        next(iter(response.streaming_content))
    milliseconds = 1000 * (time.perf_counter() - began)
    response.close()
    return response.status_code, milliseconds
