from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import translation

from portal.cautions import cautions
from provisioning.models import Assignment, DirectoryObject, Heartbeat
from provisioning.models.application import DEFAULT_ACCESS
from tests.portal.world import World


def facts(world: World) -> list[str]:
    assigned = world.gotomeeting.assignments.filter(removed=False).count()
    with translation.override("en"):
        return [caution.fact for caution in cautions(world.gotomeeting, [], assigned=assigned)]


def test_a_good_set_up_is_left_alone(world: World) -> None:
    assert facts(world) == []


def test_nobody_assigned_is_told(world: World) -> None:
    Assignment.objects.all().delete()
    assert facts(world) == ["Nobody is assigned yet."]


def test_only_default_access_is_told(world: World) -> None:
    Assignment.objects.update(role_id=DEFAULT_ACCESS)
    assert facts(world) == ["Everybody is assigned with Default Access only."]


def test_mail_addresses_that_differ_are_counted(world: World) -> None:
    DirectoryObject.objects.filter(pk=world.people[1].pk).update(mail="amelie@contoso.com")
    assert facts(world) == ["1 person's mail address is not their user principal name."]


def test_a_worker_that_is_silent_is_named_on_the_overview(world: World, reader: Client) -> None:
    address = reverse("overview", args=(world.gotomeeting.pk,))
    assert "No cycle runs until" not in reader.get(address).content.decode()
    Heartbeat.objects.update(at=world.at - timedelta(minutes=10))
    assert "No cycle runs until" in reader.get(address).content.decode()
