"""Who waits for a seat, who holds one without using it, and which of several accounts is provisioned."""

from django.test import Client
from django.urls import reverse

from portal.seats import SHOWN
from provisioning.models import Account, Application, AuditEntry, Credential
from tests.portal.world import World

CHOICES = [["7", "Contoso Meetings"], ["8", "Fabrikam"]]


def licences(client: Client, world: World) -> str:
    return client.get(reverse("licences", args=(world.gotomeeting.pk,))).content.decode()


def account(world: World, name: str, status: str, *licences: str) -> None:
    address = f"{name}@contoso.com"
    attributes = {"userName": address, "status": status, "licenseKeys": list(licences)}
    Account.objects.create(application=world.gotomeeting, key=name, user_name=address, attributes=attributes)


def test_invitations_that_hold_a_seat_are_told(world: World, reader: Client) -> None:
    account(world, "asked", "Invite sent", "11")
    account(world, "declined", "SUSPENDED", "11")
    account(world, "suspended", "suspended")
    account(world, "at-work", "ACTIVE", "11")

    page = licences(reader, world)

    assert "1 declined invitation still holds a seat." in page
    assert "1 person was invited and has not signed in yet" in page
    assert "asked@contoso.com" in page
    assert "declined@contoso.com" in page
    assert "suspended@contoso.com" not in page
    assert "at-work@contoso.com" not in page


def test_only_the_first_are_named(world: World, reader: Client) -> None:
    for number in range(SHOWN + 3):
        account(world, f"new{number:02}", "invited", "11")
    page = licences(reader, world)
    assert "13 people were invited" in page
    assert "3 more" in page
    assert page.count("@contoso.com</span>") == SHOWN


def test_nothing_is_said_where_no_seat_is_idle(world: World, reader: Client) -> None:
    page = licences(reader, world)
    assert "nvitation" not in page
    assert "2 people wait for a licence." in page


def test_one_of_several_accounts_is_chosen_where_the_test_found_them(world: World, administrator: Client) -> None:
    checks = [{"name": "GoTo account", "status": "failed", "message": "Choose.", "code": "X", "choices": CHOICES}]
    Credential.objects.filter(application=world.gotomeeting).update(accounts=dict(CHOICES), checks=checks)
    Application.objects.update(account_key="7")
    address = reverse("provisioning", args=(world.gotomeeting.pk,))
    page = administrator.get(address).content.decode()
    assert 'name="credential-account_key" value="8"' in page

    form = {
        "mode": "automatic",
        "credential-auth_mode": "password",
        "credential-username": "provisioning@contoso.com",
        "credential-password": "a password",
        "credential-account_key": ["", "8"],  # what the form has, and the button that was pressed
        "scope": "assigned",
        "interval": "40",
        "status": "on",
    }
    response = administrator.post(address, form)

    assert response.status_code == 302
    assert Application.objects.get().account_key == "8"
    assert not Account.objects.exists()
    entry = AuditEntry.objects.filter(application=world.gotomeeting).earliest("pk")
    assert {"name": "account_key", "old": None, "new": "8"} in entry.changes
