"""What needs attention can be tried again from where it is told, and no moment is promised that has passed."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from provisioning.models import AuditEntry, Change, Job, Link, Question
from tests.portal.world import World

AGAIN = "Try again now"


def shown(client: Client, name: str, world: World, **more: object) -> str:
    address = reverse(name, kwargs={"application_id": world.gotomeeting.pk, **more})
    return client.get(address).content.decode()


def panel(client: Client, world: World, change: Change) -> str:
    return shown(client, "log", world, change_id=change.change_id)


def test_everybody_who_fails_for_one_reason_is_tried_again_in_a_cycle_now(world: World, administrator: Client) -> None:
    page = shown(administrator, "overview", world)
    assert page.count(AGAIN) == 3  # two who wait for a licence together, two others alone

    response = administrator.post(
        reverse("retry", args=(world.gotomeeting.pk,)), {"code": "LicenseLimitExceeded"}, follow=True
    )

    assert "2 people are tried again." in response.content.decode()
    job = Job.objects.get(pk=world.job.pk)
    assert job.run_requested_at is not None
    due = Link.objects.filter(retry_at__lte=job.run_requested_at)
    assert {link.failure_code for link in due} == {"LicenseLimitExceeded"}
    assert AuditEntry.objects.latest("pk").changes == [{"name": "retry", "old": None, "new": "LicenseLimitExceeded: 2"}]


def test_the_only_one_is_tried_again_on_demand(world: World, administrator: Client) -> None:
    person = world.people[7]
    assert f'name="object" value="{person.object_id}"' in shown(administrator, "overview", world)

    administrator.post(reverse("on-demand", args=(world.gotomeeting.pk,)), {"object": person.object_id})

    assert Question.objects.get(kind=Question.Kind.ON_DEMAND).arguments == {"objectId": person.object_id}


def test_nobody_is_tried_again_while_provisioning_is_off(world: World, administrator: Client) -> None:
    Job.objects.update(enabled=False)
    assert shown(administrator, "overview", world).count(AGAIN) == 2  # on demand works all the same
    address = reverse("retry", args=(world.gotomeeting.pk,))
    answer = administrator.post(address, {"code": "LicenseLimitExceeded"}, follow=True)
    assert "Provisioning is off." in answer.content.decode()


def test_a_row_offers_another_try_only_while_the_person_fails(
    world: World, administrator: Client, reader: Client
) -> None:
    failed = Change.objects.get(subject=world.people[7], status="failure")
    succeeded = Change.objects.filter(subject=world.people[1], status="success").latest("pk")
    assert AGAIN in panel(administrator, world, failed)
    assert AGAIN not in panel(administrator, world, succeeded)
    assert AGAIN not in panel(reader, world, failed)

    Link.objects.filter(subject=world.people[7]).update(failure_code="", failed_at=None)
    assert AGAIN not in panel(administrator, world, failed)


def test_what_is_due_is_not_promised_for_a_moment_that_has_passed(world: World, reader: Client) -> None:
    Link.objects.exclude(failure_code="").update(retry_at=world.at - timedelta(minutes=4))
    Job.objects.update(next_run_at=world.at - timedelta(minutes=4))
    page = shown(reader, "overview", world)
    assert "next try as soon as possible" in page
    assert "<dd>as soon as possible</dd>" in page
    assert "next try <time" not in page
    failed = Change.objects.get(subject=world.people[7], status="failure")
    assert "Next try as soon as possible." in panel(reader, world, failed)
