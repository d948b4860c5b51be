import re
from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from portal import first_run
from portal.tasks import forget_sign_ins
from provisioning.actions import people
from provisioning.models import AuditEntry, Installation
from tests.portal.conftest import signed_in
from tests.portal.world import PASSWORD, World


@pytest.fixture
def nobody_yet(db: None) -> None:
    first_run.forget()


def new_administrator(**changed: str) -> dict[str, str]:
    return {
        "code": first_run.code(),
        "username": "sanne",
        "name": "Sanne de Vries",
        "email": "sanne@contoso.com",
        "password": "a long enough secret",
        **changed,
    }


def test_an_empty_installation_leads_to_the_first_administrator(nobody_yet: None) -> None:
    response = Client().get("/", follow=True)
    assert response.redirect_chain[-1][0] == reverse("welcome")


def test_the_first_administrator_is_created_with_the_code_of_the_console(nobody_yet: None) -> None:
    client = Client()
    response = client.post(reverse("welcome"), new_administrator())

    assert response["Location"] == reverse("home")
    assert people.role_of(User.objects.get()) == people.ADMINISTRATORS
    assert client.get(reverse("people")).status_code == 200
    assert AuditEntry.objects.get().activity == people.ADD


def test_without_the_code_nobody_is_created(nobody_yet: None) -> None:
    response = Client().post(reverse("welcome"), new_administrator(code="AAAA-BBBB-CCCC"))
    assert response.status_code == 422
    assert not User.objects.exists()


def test_the_code_works_once(nobody_yet: None) -> None:
    used = first_run.code()
    Client().post(reverse("welcome"), new_administrator())
    response = Client().post(reverse("welcome"), new_administrator(code=used, username="second"))
    assert response["Location"] == reverse("sign-in")
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "password1234", "sanne@contoso.com"])
def test_a_weak_password_is_refused(nobody_yet: None, password: str) -> None:
    response = Client().post(reverse("welcome"), new_administrator(password=password))
    assert response.status_code == 422
    assert not User.objects.exists()


def test_a_changed_password_ends_the_other_sessions(world: World) -> None:
    here, elsewhere = signed_in("admin"), signed_in("admin")
    new = "quite another secret"
    here.post(reverse("password"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert here.get(reverse("home")).status_code == 200
    assert elsewhere.get(reverse("home")).status_code == 302


def test_ten_wrong_passwords_lock_out(world: World) -> None:
    client = Client()
    for _attempt in range(10):
        response = client.post(reverse("sign-in"), {"username": "admin", "password": "wrong"})
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()
    assert "refused 10 times. From here it is possible again in 15 min." in response.content.decode()
    right = client.post(reverse("sign-in"), {"username": "admin", "password": PASSWORD})
    assert right.status_code == 429


def test_signing_in_leads_back_to_where_one_was_going_but_never_away(world: World) -> None:
    given = {"username": "admin", "password": PASSWORD}
    there = reverse("overview", args=(world.gotomeeting.pk,))
    assert Client().post(reverse("sign-in"), {**given, "next": there})["Location"] == there
    assert Client().post(reverse("sign-in"), {**given, "next": "https://example.com/"})["Location"] == reverse("home")


def test_the_theme_is_kept_and_leads_back_to_the_page(world: World) -> None:
    client = signed_in("reader")
    response = client.post(reverse("preferences"), {"theme": "dark", "next": reverse("applications")})
    assert response["Location"] == reverse("applications")
    assert 'data-theme="dark"' in client.get(reverse("applications")).content.decode()
    assert client.post(reverse("preferences"), {"theme": "dark", "next": "//example.com"})["Location"] == "/"


def test_the_lost_password_form_does_not_tell_who_exists(world: World) -> None:
    known = Client().post(reverse("password-lost"), {"email": "admin@contoso.com"})
    unknown = Client().post(reverse("password-lost"), {"email": "stranger@contoso.com"})
    assert known.status_code == unknown.status_code == 200
    assert without_tokens(known) == without_tokens(unknown)


def test_whoever_is_switched_off_is_signed_out_at_once(world: World, administrator: Client) -> None:
    their = signed_in("reader")
    reader = User.objects.get(username="reader")
    administrator.post(reverse("person-deactivate", args=(reader.pk,)))
    assert their.get(reverse("home")).status_code == 302


def test_the_last_administrator_stays(world: World, administrator: Client) -> None:
    admin = User.objects.get(username="admin")
    given = {"name": "Sanne", "email": "admin@contoso.com", "role": people.READERS}
    response = administrator.post(reverse("person", args=(admin.pk,)), given)
    assert response.status_code == 422
    assert people.role_of(admin) == people.ADMINISTRATORS


def without_tokens(response: HttpResponse) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())


def test_what_sign_ins_left_behind_is_forgotten(world: World) -> None:
    Client().post(reverse("sign-in"), {"username": "admin", "password": PASSWORD})
    signed_in("reader")
    Installation.objects.create(pk=1, audit_days=30)
    month = now() - timedelta(days=31)
    AccessLog.objects.create(username="gone", ip_address="192.0.2.1", attempt_time=month)
    AccessLog.objects.filter(username="gone").update(attempt_time=month)
    Session.objects.filter(pk=Session.objects.earliest("pk").pk).update(expire_date=month)
    sessions, names = Session.objects.count(), set(AccessLog.objects.values_list("username", flat=True))

    forget_sign_ins()

    assert Session.objects.count() == sessions - 1 == 1
    assert set(AccessLog.objects.values_list("username", flat=True)) == names - {"gone"} != set()
