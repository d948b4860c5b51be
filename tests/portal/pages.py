"""Every page with an address that works in the world of the tests."""

from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from provisioning.models import Change, Credential, DirectoryObject, Question
from tests.portal.world import World

PREFIXED = ("admin:", "djdt:")


def arguments(world: World) -> dict[str, Any]:
    """A value for every parameter that an address takes."""
    question = Question.objects.create(
        kind=Question.Kind.SEARCH, tenant=world.contoso, arguments={"text": "x"}, asked_by="reader"
    )
    return {
        "application_id": world.gotomeeting.pk,
        "change_id": Change.objects.filter(status="failure", subject__isnull=False).latest("pk").change_id,
        "name": "ProvisioningLogs.json",
        "decision": "allow",
        "number": 0,
        "template_id": "gotomeeting",
        "pk": DirectoryObject.objects.earliest("pk").pk,
        "question_id": question.question_id,
        "credential_id": Credential.objects.earliest("pk").pk,
        "tenant_id": world.contoso.pk,
        "person_id": 1,
        "uidb64": "MQ",
        "token": "set-password",
    }


def named_patterns() -> list[tuple[str, str, list[str]]]:
    """(name, route, parameters) of every address of the portal itself."""
    found: list[tuple[str, str, list[str]]] = []

    def walk(patterns: list[Any], route: str, names: list[str]) -> None:
        for each in patterns:
            here, more = route + str(each.pattern), [*names, *each.pattern.regex.groupindex]
            if isinstance(each, URLResolver):
                if each.app_name != "admin":
                    walk(each.url_patterns, here, more)
            elif isinstance(each, URLPattern) and each.name:
                found.append((each.name, here, more))

    walk(get_resolver().url_patterns, "", [])
    return found
