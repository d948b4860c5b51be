"""Every address × (nobody, reader, administrator) × (look, change): one table."""

import pytest
from django.contrib.auth.models import User
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
    "person-link", "person-erase", "settings-test",
}  # fmt: skip
NAMES = sorted({pattern.name for pattern in [*urlpatterns, *application] if getattr(pattern, "name", None)})


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PUBLIC])
def test_who_is_not_signed_in_is_sent_to_the_sign_in(name: str, world: World) -> None:
    for send in (Client().get, Client().post):
        response = send(address(name, world))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PUBLIC | PERSONAL])
def test_a_reader_changes_nothing(name: str, world: World, reader: Client) -> None:
    assert reader.post(address(name, world)).status_code == 403
    looks = reader.get(address(name, world)).status_code
    assert looks == 403 if name in ADMINISTRATORS_ONLY else looks in (200, 302)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PUBLIC])
def test_somebody_without_a_role_sees_nothing(name: str, world: World) -> None:
    response = signed_in("nobody").get(address(name, world))
    assert response.status_code in ((200, 405) if name in PERSONAL else (403,))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PUBLIC | {"authorize", "authorized"}])
def test_an_administrator_may_look_wherever_there_is_something_to_see(
    name: str, world: World, administrator: Client
) -> None:
    assert administrator.get(address(name, world)).status_code in (200, 302, 404, 405)


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


def address(name: str, world: World) -> str:
    given = arguments(world)
    parameters = next(names for known, _route, names in named_patterns() if known == name)
    return reverse(name, kwargs={parameter: given[parameter] for parameter in parameters})
