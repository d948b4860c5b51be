"""Every address × (nobody, no role, reader, administrator) × every method: one table."""

from collections.abc import Callable, Iterable

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse

from portal.urls import application, urlpatterns
from tests.portal.conftest import signed_in
from tests.portal.pages import arguments, named_patterns
from tests.portal.world import World

PUBLIC = {"sign-in", "welcome", "password-lost", "password-set", "preferences", "language", "healthz", "readyz"}
PERSONAL = {"password", "sign-out"}
ADMINISTRATORS_ONLY = {
    "start", "stop", "restart", "retry", "removals", "application-delete", "user-add", "user-role", "user-remove",
    "test-connection", "test-message", "authorize", "attribute", "attribute-delete", "restore-defaults",
    "scope-add", "scope-edit", "scope-delete", "gallery", "application-add", "authorized", "tenant-connect",
    "tenant-test", "tenant-disconnect", "people", "person-invite", "person", "person-deactivate", "person-activate",
    "person-link", "person-erase", "settings-test", "impact", "precedence", "expression-builder", "expression-verdict",
    "expression-attributes", "expression-lab",
}  # fmt: skip
pytestmark = pytest.mark.urls(__name__)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A thousand refusals are asked for here; the page that tells of one is looked at elsewhere."""
    return HttpResponse(status=403)


UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
METHODS = ("GET", "HEAD", "OPTIONS", *UNSAFE)
NAMES = sorted({pattern.name for pattern in [*urlpatterns, *application] if getattr(pattern, "name", None)})


Asked = tuple[str, str]
"""Name of the address, method."""
ALL = [(name, method) for name in NAMES for method in METHODS]


def ask(
    client: Client, addresses: dict[str, str], asked: Iterable[Asked], *, lasting: bool = False
) -> dict[Asked, HttpResponseBase]:
    """What each answers; unless `lasting` nothing that it does remains for the next one."""
    answers = {}
    for name, method in asked:
        with transaction.atomic():
            answers[name, method] = client.generic(method, addresses[name])
            transaction.set_rollback(not lasting)
    return answers


def otherwise(answers: dict[Asked, HttpResponseBase], expected: Callable[[Asked], tuple[int, ...]]) -> list[str]:
    """Those that answer something else than they are expected to."""
    return [
        f"{method} {name}: {answer.status_code}, expected {expected((name, method))}"
        for (name, method), answer in answers.items()
        if answer.status_code not in expected((name, method))
    ]


def test_who_is_not_signed_in_is_sent_to_the_sign_in(addresses: dict[str, str]) -> None:
    answers = ask(Client(), addresses, [each for each in ALL if each[0] not in PUBLIC])
    assert otherwise(answers, lambda each: (302,)) == []
    sign_in = reverse("sign-in")
    assert [each for each, answer in answers.items() if not answer["Location"].startswith(sign_in)] == []


def test_somebody_without_a_role_sees_nothing(addresses: dict[str, str]) -> None:
    answers = ask(signed_in("nobody"), addresses, [each for each in ALL if each[0] not in PUBLIC | PERSONAL])
    assert otherwise(answers, lambda each: (403,)) == []


def test_a_reader_looks_and_changes_nothing(addresses: dict[str, str], reader: Client) -> None:
    def expected(each: Asked) -> tuple[int, ...]:
        name, method = each
        if method in UNSAFE or name in ADMINISTRATORS_ONLY:
            return (403,)
        return (200, 302) if method == "GET" else (200, 302, 405)

    before = everything()
    asked = [each for each in ALL if each[0] not in PUBLIC | PERSONAL]
    assert otherwise(ask(reader, addresses, asked, lasting=True), expected) == []
    assert everything() == before


def test_an_administrator_changes_by_post_alone(addresses: dict[str, str], administrator: Client) -> None:
    """Where the address is of something that the world has not, or takes no such method, it says so."""

    def expected(each: Asked) -> tuple[int, ...]:
        if each[1] in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            return (405,)
        return (200, 302, 404, 405) if each[1] in ("GET", "HEAD") else (200, 204, 302, 400, 404, 405, 409, 422)

    asked = [each for each in ALL if each[0] not in PUBLIC | PERSONAL | {"authorize", "authorized"}]
    assert otherwise(ask(administrator, addresses, asked), expected) == []


def everything() -> dict[str, list[object]]:
    """All rows of all tables that an administrator's actions write."""
    tables = [*apps.get_app_config("provisioning").get_models(), User, Group]
    return {table.__name__: list(table._base_manager.order_by("pk").values_list()) for table in tables}


def test_a_post_without_its_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="admin"), backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("stop", args=(world.gotomeeting.pk,)))
    assert response.status_code == 403
    world.job.refresh_from_db()
    assert world.job.enabled


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(world: World) -> None:
    response = Client().get(reverse("live", args=(world.gotomeeting.pk,)), headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Redirect"] == reverse("sign-in")


@pytest.fixture
def addresses(world: World) -> dict[str, str]:
    given = arguments(world)
    parameters = {name: names for name, _route, names in named_patterns()}
    return {name: reverse(name, kwargs={each: given[each] for each in parameters[name]}) for name in NAMES}
