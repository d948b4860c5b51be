"""The states of the pages that tests and screenshots look at: a name, how the world gets there, the address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from provisioning.models import Question
from tests.portal.world import World


@dataclass(frozen=True)
class Shown:
    """`click` is what is pressed once the page is there: an open panel, a dialog."""

    name: str
    address: Callable[[World], str]
    prepare: Callable[[World], object] = lambda world: None
    click: str = ""


def of_application(name: str, query: str = "", **more: object) -> Callable[[World], str]:
    return lambda world: reverse(name, kwargs={"application_id": world.gotomeeting.pk, **more}) + query


def of_nothing(name: str, query: str = "") -> Callable[[World], str]:
    return lambda world: reverse(name) + query


def of_proposal(world: World) -> str:
    proposed = Question.objects.filter(kind=Question.Kind.IMPACT).latest("pk")
    return reverse("impact", args=(world.gotomeeting.pk, proposed.question_id))


def of_on_demand(world: World) -> str:
    asked = Question.objects.filter(kind=Question.Kind.ON_DEMAND).latest("pk")
    return of_application("on-demand", f"?question={asked.question_id}")(world)


def with_a_filter(world: World) -> None:
    schema = world.job.schema
    mapping = schema["synchronizationRules"][0]["objectMappings"][0]
    clause = {"operatorName": "EQUALS", "sourceOperandName": "department", "targetOperand": {"values": ["Sales"]}}
    mapping["scope"] = {"groups": [{"name": "Sales only", "clauses": [clause]}]}
    world.job.save()


def surrounded(world: World) -> None:
    """The secret ends soon, the clock is fast, Microsoft provisions as well."""
    world.contoso.secret_expires_on = world.at.date() + timedelta(days=6)
    world.contoso.clock_ahead = timedelta(minutes=4)
    world.contoso.save()
    world.gotomeeting.microsoft_provisions = True
    world.gotomeeting.save()


SHOWN = [
    Shown("home", of_nothing("home")),
    Shown("applications", of_nothing("applications")),
    Shown("applications-none", of_nothing("applications", "?q=nothing+like+it")),
    Shown("gallery", of_nothing("gallery")),
    Shown("add", lambda world: reverse("application-add", args=("gotomeeting",))),
    Shown("overview", of_application("overview")),
    Shown("overview-running", of_application("overview"), World.running),
    Shown("overview-quarantine", of_application("overview"), World.quarantine),
    Shown("overview-held", of_application("overview"), lambda world: world.held_removals(12)),
    Shown("overview-stop", of_application("overview"), click='[href$="/stop"]'),
    Shown("cycles", of_application("cycles")),
    Shown("removals", of_application("removals", decision="allow"), lambda world: world.held_removals(12)),
    Shown("properties", of_application("properties")),
    Shown("users", of_application("users")),
    Shown("users-add", of_application("user-add"), click="#text"),
    Shown("roles", of_application("roles")),
    Shown("provisioning", of_application("provisioning")),
    Shown("mapping", of_application("mapping")),
    Shown("schema", of_application("schema")),
    Shown("impact", of_proposal, World.proposed),
    Shown("impact-nobody", of_proposal, lambda world: world.proposed(expression='Join("", [surname])')),
    Shown("impact-removals", of_proposal, World.proposed_removals),
    Shown("mapping-panel", of_application("mapping"), click="text=userName"),
    Shown("expressions", of_application("expression-builder", "?target=name.familyName")),
    Shown("expressions-lab", of_application("expression-builder", "?target=active"), click="#everybody"),
    Shown("scope", of_application("scope"), with_a_filter),
    Shown("scope-edit", of_application("scope-edit", number=0), with_a_filter),
    Shown("preview", of_application("preview"), World.previewed),
    Shown("preview-none", of_application("preview")),
    Shown("preview-waiting", of_application("preview"), lambda world: world.question(Question.Kind.PREVIEW)),
    Shown("on-demand", of_application("on-demand")),
    Shown("on-demand-failed", of_on_demand, World.provisioned_on_demand),
    Shown("licences", of_application("licences"), World.idle_seats),
    Shown("logs", of_application("logs")),
    Shown("logs-panel", of_application("logs"), click="tbody a"),
    Shown("logs-none", of_application("logs", "?q=nothing+like+it")),
    Shown("audit", of_application("application-audit"), World.quarantine),
    Shown("audit-all", of_nothing("audit"), World.quarantine),
    Shown("tenants", of_nothing("tenants")),
    Shown("tenant", lambda world: reverse("tenant", args=(world.contoso.pk,))),
    Shown("connect", of_nothing("tenant-connect")),
    Shown("person", lambda world: reverse("directory-object", args=(world.people[0].pk,))),
    Shown("person-erase", lambda world: reverse("person-erase", args=(world.people[0].pk,))),
    Shown("group", lambda world: reverse("directory-object", args=(world.sales.pk,))),
    Shown("people", of_nothing("people")),
    Shown("invite", of_nothing("person-invite")),
    Shown("settings", of_nothing("settings")),
    Shown("health", of_nothing("health")),
    Shown("health-cautions", of_nothing("health"), surrounded),
    Shown("overview-cautions", of_application("overview"), surrounded),
    Shown("notifications", of_nothing("notifications")),
    Shown("keys", of_nothing("keys")),
    Shown("search", of_nothing("search", "?q=no")),
    Shown("password", of_nothing("password")),
]
