"""Provision on demand: the row that came of it, with what was read on both sides."""

from django.test import Client
from django.urls import reverse

from portal.on_demand import OnDemandRow
from provisioning.models import Account, Change
from tests.portal.world import World


def result(client: Client, world: World) -> str:
    question = world.provisioned_on_demand()
    address = reverse("on-demand", args=(world.gotomeeting.pk,))
    return client.get(f"{address}?question={question.question_id}").content.decode()


def details(world: World, change: Change) -> dict[str, dict[str, str]]:
    return {shown.step.type: shown.step.details for shown in OnDemandRow(change).steps if shown.step}


def test_the_import_shows_what_was_read_of_the_person(world: World) -> None:
    change = Change.objects.get(pk=world.provisioned_on_demand().answer["change"])
    assert details(world, change)["import"]["department"] == "IT"


def test_the_match_shows_the_account_as_it_was_found(world: World) -> None:
    change = Change.objects.get(pk=world.provisioned_on_demand("success").answer["change"])
    Account.objects.filter(pk=change.account_id).update(
        attributes={"name.familyName": "van den Berg", "status": "ACTIVE", "adminRoles": []}
    )
    change.refresh_from_db()
    found = details(world, change)["matching"]
    assert (found["name.familyName"], found["status"]) == ("Berg", "ACTIVE")
    assert "adminRoles" not in found


def test_an_account_that_was_only_just_created_was_not_found(world: World) -> None:
    change = Change.objects.get(pk=world.provisioned_on_demand("success").answer["change"])
    Account.objects.filter(pk=change.account_id).update(attributes={"status": "INVITED"})
    Change.objects.filter(pk=change.pk).update(action="create")
    assert "status" not in details(world, Change.objects.get(pk=change.pk))["matching"]


def test_a_failure_says_why_and_what_to_do(world: World, administrator: Client) -> None:
    page = result(administrator, world)
    assert "Address in use elsewhere" in page
    assert "Another account has this value." in page
    assert "What it tried to write" in page
    assert ">Retry</button>" in page.replace("\n", "")


def test_a_row_that_is_gone_is_said_to_be(world: World, administrator: Client) -> None:
    question = world.provisioned_on_demand()
    Change.objects.filter(pk=question.answer["change"]).delete()
    address = reverse("on-demand", args=(world.gotomeeting.pk,))
    page = administrator.get(f"{address}?question={question.question_id}").content.decode()
    assert "The log row that told of it has been deleted." in page
