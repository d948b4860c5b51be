"""Erasing a person: what is said first, what goes from every table, and when it has to wait."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from provisioning.actions.activities import Activity
from provisioning.actions.assignments import Principal, assign
from provisioning.actions.jobs import provision_on_demand
from provisioning.models import Account, AuditEntry, Change, DirectoryObject, Feed, Link, Question
from provisioning.sentences import Sentence
from tests.portal.conftest import signed_in
from tests.portal.world import World
from tests.stored import tables_that_name

LUKASZ = 3
"""A name that JSON may escape."""


def erase(client: Client, person: DirectoryObject, typed: str | None = None) -> str:
    """What the page says afterwards."""
    given = {"typed": person.user_principal_name if typed is None else typed}
    response = client.post(reverse("person-erase", args=(person.pk,)), given, follow=True)
    return response.content.decode()


def known_everywhere(world: World, person: DirectoryObject) -> None:
    """Named by rows of every kind: their own, and those of others."""
    person.display_name = 'Łukasz "Lou" Wójcik'
    person.save()
    name, address = person.display_name, person.user_principal_name
    assign(world.gotomeeting, [Principal.of(person)], world.organizer.role_id, by=None)
    provision_on_demand(world.job, person, by=None)
    world.assign(person.object_id, "User", name)
    world.question(Question.Kind.SEARCH, arguments={"text": name[:4]}, answer=[{"displayName": name, "mail": address}])
    world.question(Question.Kind.PREVIEW, answer={"people": {"create": [{"id": person.pk, "name": name}]}})
    sentence = Sentence(
        "%(person)s has the same %(attribute)s, “%(value)s”.", person=name, attribute="userName", value=address
    ).stored()
    Link.objects.filter(subject=world.people[5]).update(failure=sentence)
    Change.objects.filter(subject=world.people[5]).update(
        reason=sentence, modified=[{"name": "userName", "old": address.upper(), "new": "other@contoso.com"}]
    )
    orphan = world.change(person, action="update", status="success")
    Change.objects.filter(pk=orphan.pk).update(subject=None)
    error = Sentence("The list left out the assignment of %(name)s.", name=name).stored()
    Feed.objects.create(tenant=world.contoso, kind="users", delta_link="x", error=error)


def test_the_question_says_what_goes_what_stays_and_who_comes_back(world: World, administrator: Client) -> None:
    person = world.people[LUKASZ]
    address = reverse("person-erase", args=(person.pk,))

    text = administrator.get(address).content.decode()
    rows = Change.objects.filter(subject=person).count()
    assert f"{rows} log rows in 1 application, 1 mirrored account," in text
    assert "The account in GoToMeeting stays as it is, enabled" in text
    assert "The directory still has this person: they come back" in text

    DirectoryObject.objects.filter(pk=person.pk).update(removed="deleted")
    Link.objects.filter(subject=person).update(disabled_at=world.at)
    text = administrator.get(address).content.decode()
    assert "come back" not in text
    assert "stays as it is" not in text


def test_no_table_names_the_person_afterwards(world: World, administrator: Client) -> None:
    person = world.people[LUKASZ]
    known_everywhere(world, person)
    identifiers = ("Łukasz", "Wójcik", person.user_principal_name, person.object_id)
    assert len(tables_that_name(*identifiers)) >= 8
    others = Change.objects.exclude(subject=person).exclude(subject=None).count()

    text = erase(administrator, person)

    assert tables_that_name(*identifiers) == set()
    assert "The person was erased, with" in text
    assert Change.objects.count() == others
    failed = Link.objects.get(subject=world.people[5])
    assert Sentence.read(failed.failure) == "[erased] has the same userName, “[erased]”."
    entry = AuditEntry.objects.latest("pk")
    assert (entry.activity, entry.by_name, entry.target) == (Activity.ERASE_PERSON, "admin", "Contoso")
    assert Feed.objects.get().delta_link == ""


def test_a_namesake_keeps_every_row(world: World, administrator: Client) -> None:
    person, namesake = world.people[LUKASZ], world.people[4]
    DirectoryObject.objects.filter(pk=namesake.pk).update(display_name=person.display_name)
    row = world.change(DirectoryObject.objects.get(pk=namesake.pk), action="update", status="success")

    erase(administrator, person)

    kept = Change.objects.get(pk=row.pk)
    assert (kept.identity, kept.modified) == (row.identity, row.modified)
    assert Account.objects.filter(links__subject=namesake).exists()


def test_an_address_that_somebody_else_has_now_stays_theirs(world: World, administrator: Client) -> None:
    person, heir = world.people[LUKASZ], world.people[4]
    address = person.user_principal_name
    DirectoryObject.objects.filter(pk=heir.pk).update(mail=address)
    row = world.change(heir, action="update", status="success")
    Change.objects.filter(pk=row.pk).update(modified=[{"name": "userName", "old": None, "new": address}])

    erase(administrator, person)

    assert Change.objects.get(pk=row.pk).modified[0]["new"] == address


def test_nobody_is_erased_by_a_wrong_word_or_by_a_reader(world: World, administrator: Client) -> None:
    person = world.people[LUKASZ]
    assert "Type person3@contoso.com to confirm." in erase(administrator, person, typed="yes")
    assert signed_in("reader").post(reverse("person-erase", args=(person.pk,))).status_code == 403
    assert DirectoryObject.objects.filter(pk=person.pk).exists()


def test_a_group_cannot_be_erased(world: World, administrator: Client) -> None:
    assert administrator.get(reverse("person-erase", args=(world.sales.pk,))).status_code == 404
    assert "Erase person" not in administrator.get(reverse("directory-object", args=(world.sales.pk,))).content.decode()


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("in_flight", "A change of this person is under way"), ("staged", "A removal of this person waits for your")],
)
def test_an_open_change_comes_first(status: str, sentence: str, world: World, administrator: Client) -> None:
    person = world.people[LUKASZ]
    world.change(person, action="disable", status=status)
    assert sentence in erase(administrator, person)
    assert DirectoryObject.objects.filter(pk=person.pk).exists()


def test_a_worker_at_work_comes_first(world: World, administrator: Client) -> None:
    person = world.people[LUKASZ]
    token = world.job.claim(timedelta(minutes=1))
    assert "A worker is provisioning GoToMeeting." in erase(administrator, person)
    assert token is not None
    world.job.release(token)
    assert "The person was erased" in erase(administrator, person)
