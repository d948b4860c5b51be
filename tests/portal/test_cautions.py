from datetime import timedelta

import pytest
from django.template.defaultfilters import filesizeformat
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portal.cautions import cautions
from portal.surroundings import Disk
from provisioning.models import Assignment, DirectoryObject, Heartbeat
from provisioning.models.application import DEFAULT_ACCESS
from tests.portal.world import World, guid


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


def test_microsofts_own_provisioning_is_told_while_it_is_on(world: World) -> None:
    for known, told in ((True, 1), (False, 0), (None, 0)):
        world.gotomeeting.microsoft_provisions = known
        assert facts(world).count("Microsoft's own provisioning of this application is on as well.") == told


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (None, ""),
        (timedelta(seconds=90), ""),
        (timedelta(minutes=5), "The clock of this server is 5 minutes fast."),
        (timedelta(minutes=-3), "The clock of this server is 3 minutes slow."),
    ],
)
def test_a_clock_that_is_off_is_told(world: World, administrator: Client, ahead: timedelta | None, told: str) -> None:
    type(world.contoso).objects.update(clock_ahead=ahead)
    pages = [administrator.get(reverse(name)).content.decode() for name in ("home", "health")]
    assert ["The clock of this server" in page for page in pages] == [bool(told)] * 2
    assert all(told in page for page in pages)


@pytest.mark.parametrize(
    ("days", "told"), [(31, ""), (30, "expires in 30 days"), (1, "expires in 1 day."), (-1, "has expired")]
)
def test_credentials_that_end_soon_are_told(world: World, administrator: Client, days: int, told: str) -> None:
    type(world.contoso).objects.update(secret_expires_on=world.at.date() + timedelta(days=days))
    world.gotomeeting.tenant.refresh_from_db()
    start = "The client secret or certificate for Contoso"
    assert [fact for fact in facts(world) if fact.startswith(start)] == [fact for fact in facts(world) if told]
    for name, arguments in (("home", ()), ("health", ()), ("tenant", (world.contoso.pk,))):
        page = administrator.get(reverse(name, args=arguments)).content.decode()
        assert (start in page) == bool(told) and told in page, name


@pytest.mark.parametrize(("free", "total", "full"), [(15, 1000, True), (50, 1000, False), (1, 8, False), (0, 8, True)])
def test_a_disk_is_nearly_full_when_little_is_left_of_it(world: World, free: int, total: int, full: bool) -> None:
    disk = Disk(free * 1024**3, total * 1024**3)
    found = cautions(world.gotomeeting, [], assigned=5, disk=disk)
    assert [caution.fact for caution in found] == (
        [f"The disk is nearly full: {filesizeformat(disk.free)} are free."] if full else []
    )


def test_welcome_mails_to_many_are_told_before_the_first_cycle(world: World) -> None:
    for number in range(1_200):
        world.assign(guid(5000 + number), "user", f"Person {number}")
    assert facts(world) == ["The first cycle sends up to 1,213 people a welcome mail."]

    mapping = world.gotomeeting.job.schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]
    source = next(row["source"] for row in mapping if row["targetAttributeName"] == "suppressEmail")
    source |= {"name": "True", "expression": '"True"'}
    assert facts(world) == []

    source |= {"name": "False", "expression": '"False"'}
    world.gotomeeting.job.steady_first_at = world.at
    assert facts(world) == []


def test_no_worker_alive_is_told_at_home_and_under_health(world: World, reader: Client) -> None:
    Heartbeat.objects.all().delete()
    for name in ("home", "health"):
        assert "No cycle runs until a worker" in reader.get(reverse(name)).content.decode()
