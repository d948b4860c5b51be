"""What helps on the way: keyboard shortcuts, filters that fold, a word about Default Access, the log before it goes."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from provisioning.models.application import DEFAULT_ACCESS
from tests.portal.conftest import Open
from tests.portal.world import World


@pytest.mark.django_db(transaction=True)
def test_a_question_mark_shows_the_shortcuts_unless_letters_are_switched_off(world: World, open_page: Open) -> None:
    page = open_page("/applications", viewport={"width": 1280, "height": 900})
    page.keyboard.press("?")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator(".search input")).to_be_focused()

    page.locator("[data-keys]").click()
    dialog.get_by_role("button", name="Switch single letters off").click()
    expect(page).to_have_url(f"{page.url.partition('/applications')[0]}/applications")
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(dialog).to_be_hidden()
    expect(page.locator(".search input")).not_to_be_focused()


@pytest.mark.django_db(transaction=True)
def test_filters_fold_where_there_is_no_room_for_them(world: World, open_page: Open) -> None:
    address = f"{reverse('logs', args=(world.gotomeeting.pk,))}?status=failure"
    page = open_page(address, viewport={"width": 1280, "height": 900})
    status, fold = page.locator("select[name=status]"), page.locator("[data-folds]")
    expect(status).to_be_visible()
    expect(fold).to_be_hidden()

    page.locator("tbody a").first.click()  # the panel takes its room
    expect(fold).to_have_text("Filters: 1")
    expect(status).to_be_hidden()
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(status).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_filters_stay_unfolded_without_scripts(world: World, open_page: Open) -> None:
    address = reverse("logs", args=(world.gotomeeting.pk,))
    page = open_page(address, viewport={"width": 390, "height": 900}, java_script_enabled=False)
    expect(page.locator("select[name=status]")).to_be_visible()
    expect(page.locator("[data-folds]")).to_be_hidden()


@pytest.mark.django_db(transaction=True)
def test_choosing_default_access_says_in_place_that_it_gives_no_account(world: World, open_page: Open) -> None:
    page = open_page(reverse("user-add", args=(world.gotomeeting.pk,)), viewport={"width": 1280, "height": 900})
    told = page.get_by_text("Default Access is not provisioned.", exact=True)
    expect(told).to_be_hidden()
    page.locator("#role").select_option(DEFAULT_ACCESS)
    expect(told).to_be_visible()
    page.locator("#role").select_option(world.organizer.role_id)
    expect(told).to_be_hidden()


def test_whoever_deletes_an_application_is_offered_its_log_first(world: World, administrator: Client) -> None:
    page = administrator.get(reverse("application-delete", args=(world.gotomeeting.pk,))).content.decode()
    log = reverse("log-download", args=(world.gotomeeting.pk, "ProvisioningLogs.json"))
    assert f'href="{log}?status=all&amp;range=all"' in page
    assert "provisioning logs are deleted here" in page


def test_the_shortcuts_are_a_page_without_scripts(world: World, reader: Client) -> None:
    page = reader.get(reverse("keys")).content.decode()
    assert "Keyboard shortcuts" in page
    reader.post(reverse("preferences"), {"letters": "off", "next": reverse("keys")})
    assert "Switch single letters on" in reader.get(reverse("keys")).content.decode()
