"""Every page of a company in which whoever could choose a name chose one that means harm."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from provisioning.models import (
    Account,
    Application,
    AppRole,
    Assignment,
    AuditEntry,
    Change,
    Cycle,
    DirectoryObject,
    Job,
    Link,
    Tenant,
)
from tests.portal.pages import arguments, named_patterns
from tests.portal.world import World

MARKUP = "'\"><img src=x onerror=alert(1)><script>alert(1)</script>"
NAMES = {
    "markup": MARKUP,
    "template": "{{ 7|add:7000 }}{% url 'home' %}%(name)s{0}",
    "right-to-left": "\u202e\u2066" + MARKUP,
    "255 characters": "W" * 200 + MARKUP,
}
CHOSEN: dict[type[models.Model], tuple[str, ...]] = {
    DirectoryObject: ("display_name", "user_principal_name", "mail"),
    Account: ("user_name",),
    Application: ("display_name",),
    AppRole: ("display_name", "value"),
    Assignment: ("principal_name",),
    AuditEntry: ("by_name", "target"),
    Change: ("identity", "reason"),
    Cycle: ("error",),
    Job: ("quarantine_error",),
    Link: ("failure",),
    Tenant: ("name", "trouble"),
    User: ("first_name", "last_name"),
}
IN_JSON = {
    DirectoryObject: ("attributes", lambda name: {"displayName": name, "department": name, name[:40]: name}),
    Change: ("modified", lambda name: [{"name": name, "old": name, "new": [name]}]),
    AuditEntry: ("changes", lambda name: [{"name": name, "old": name, "new": name}]),
    Application: ("licences", lambda name: [{"key": "1", "name": name, "products": [name], "seats": 2, "used": 1}]),
}
ELSEWHERE = {"authorize", "authorized", "log-download", "schema-download", "healthz", "readyz"}
"""No pages: they send on, or are read by programs."""


def rename_everybody(name: str) -> None:
    for table, columns in CHOSEN.items():
        lengths = {column: table._meta.get_field(column).max_length for column in columns}  # type: ignore[union-attr]
        table._base_manager.update(**{column: name[-(length or 255) :] for column, length in lengths.items()})
    for table, (column, made) in IN_JSON.items():
        values: Any = made(name)
        table._base_manager.update(**{column: values})


@pytest.mark.parametrize("kind", NAMES)
def test_a_hostile_name_is_harmless_on_every_page(kind: str, world: World, administrator: Client) -> None:
    world.quarantine()
    given = arguments(world)
    Tenant.objects.update(trouble_code="InvalidCredentials")
    rename_everybody(NAMES[kind])
    shown = 0
    for name, _route, parameters in named_patterns():
        if name in ELSEWHERE:
            continue
        answer = administrator.get(reverse(name, kwargs={each: given[each] for each in parameters}))
        assert answer.status_code < 500, name
        page = answer.content.decode() if not answer.streaming else ""
        assert not re.search(r"<img src=x|<script>alert|7007|onerror=alert\(1\)>", page), name
        shown += "alert(1)" in page or "{{ 7|add" in page
    assert shown > 15
