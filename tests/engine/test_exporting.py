"""From planned rows to settled ones: arrays, seats, lost answers, accounts that are gone, and the pace."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from pytest_django import Settings

from provisioning.engine import connections, reading_directory
from provisioning.engine import cycle as cycles
from provisioning.models import Change, Job, Link, Question
from tests.crowds import creations, hire
from tests.engine.running import running_cycle, wait_until
from tests.world import WEBINAR, World


@pytest.fixture(autouse=True)
def quickly_visible(settings: Settings) -> None:
    settings.GOTO_VISIBILITY_SECONDS = 0.3


def statuses(world: World) -> Counter[tuple[str, str, str]]:
    return Counter(world.log())


# --- arrays -----------------------------------------------------------------------------------------------------


def test_people_who_share_a_role_are_created_together(world: World) -> None:
    everybody = hire(world, 30)

    world.run_cycle()

    assert [sorted(people) for people in creations(world)] == [everybody]
    assert sorted(world.managed()) == everybody


def test_each_element_of_an_array_is_judged_by_itself(world: World) -> None:
    """The answer lists the address that another account owns without a key; the others have theirs."""
    everybody = hire(world, 5)
    world.sandbox.control.seed(elsewhere=[everybody[2]])

    world.run_cycle()

    assert statuses(world) == {("create", "success", ""): 5}
    assert world.managed()[everybody[2]]["transfer"] == "pending"


def test_a_refused_array_is_halved_until_the_culprit_is_alone(world: World) -> None:
    everybody = hire(world, 16)
    culprit = next(
        user for user in world.sandbox.control.directory()["users"] if user["userPrincipalName"] == everybody[5]
    )
    world.change_user(culprit["id"], givenName="\u00a0")

    world.run_cycle()

    sizes = [len(people) for people in creations(world) if everybody[5] in people]
    assert sorted(set(sizes), reverse=True) == [16, 8, 4, 2, 1]
    assert sorted(world.managed()) == [address for address in everybody if address != everybody[5]]
    assert statuses(world) == {("create", "success", ""): 15, ("create", "failure", "UnprocessableEntity"): 1}


def test_a_smaller_array_limit_is_learned(world: World) -> None:
    world.sandbox.control.knobs(array_maximum=10)
    everybody = hire(world, 60)

    world.run_cycle()

    refused = [row for row in world.goto_requests("POST") if row["status"] == 413]
    assert [len(people) for people in creations(world)][:1] == [60]
    assert len(refused) <= 7, "60, then its parts; nothing else is sent too long"
    assert sorted(world.managed()) == everybody
    assert statuses(world) == {("create", "success", ""): 60}


def test_rows_behind_the_one_that_taught_the_limit_go_in_smaller_arrays(world: World, settings: Settings) -> None:
    settings.EXPORT_CONCURRENCY = 1
    settings.GOTO_ARRAY_LIMIT = 20
    world.sandbox.control.knobs(array_maximum=10)
    hire(world, 60)

    world.run_cycle()

    sizes = [len(people) for people in creations(world)]
    assert sizes == [20, 10, 10, 10, 10, 10, 10]


# --- seats ------------------------------------------------------------------------------------------------------


def test_used_up_seats_are_not_asked_for_again_and_everybody_else_goes_on(world: World) -> None:
    """Webinar organizers get none any more; what they would have shared with the others is not used up."""
    account = world.sandbox.control.goto()
    used = sum("G2W" in user["products"] for user in account["users"].values())
    world.sandbox.control.set_seats("G2W", used + 3)
    webinars = hire(world, 12, named="Willem", group="Webinars", role=WEBINAR)
    meetings = hire(world, 5, named="Mia", group="Meetings")

    world.run_cycle()

    managed = world.managed()
    assert [address for address in meetings if address not in managed] == []
    assert sum(address in managed for address in webinars) == 3
    assert statuses(world) == {("create", "success", ""): 8, ("create", "failure", "LicenseLimitExceeded"): 9}
    alone = [people for people in creations(world) if len(people) == 1 and people[0] not in managed]
    assert len(alone) <= 1 + 8, "one finds out; at most those who were on their way beside it ask as well"
    failure = Change.objects.filter(error_code="LicenseLimitExceeded").first()
    assert failure is not None and "no free seat" in failure.reason


def test_people_who_wait_for_a_seat_are_tried_again_with_the_next_cycle(world: World) -> None:
    used = sum("G2M" in user["products"] for user in world.goto().values())
    world.sandbox.control.set_seats("G2M", used)
    hire(world, 2)
    world.run_cycle()
    assert statuses(world) == {("create", "failure", "LicenseLimitExceeded"): 2}

    world.sandbox.control.set_seats("G2M", used + 2)
    world.wait(world.job.interval)
    world.run_cycle()

    assert statuses(world) == {("create", "success", ""): 2}
    assert not Link.objects.exclude(failure_code="").exists()


def test_the_seat_of_a_leaver_is_there_for_a_newcomer_of_the_same_cycle(world: World) -> None:
    leaver = world.add_user("Lea Ver")
    assignment = world.assign(leaver)
    world.run_cycle()
    seats = sum("G2M" in user["products"] for user in world.goto().values())
    world.sandbox.control.set_seats("G2M", seats)
    world.sandbox.control.faults({"server": "goto", "what": "latency", "method": "PUT", "latency": 0.5})
    world.log()

    world.unassign(assignment)
    world.assign(world.add_user("New Comer"))
    world.run_cycle()

    assert world.log() == [("disable", "success", ""), ("create", "success", "")]


# --- answers that are lost --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["reset_after_effect", "truncated_json", "empty_200"])
def test_a_lost_answer_to_a_creation_is_looked_up_and_nothing_is_sent_twice(world: World, what: str) -> None:
    everybody = hire(world, 8)
    world.sandbox.control.faults({"server": "goto", "what": what, "method": "POST", "count": 1})

    world.run_cycle()

    took_effect = what != "empty_200"
    assert len(creations(world)) == (1 if took_effect else 2)
    assert sorted(world.managed()) == everybody
    assert statuses(world) == {("create", "success", ""): 8}
    if took_effect:
        assert "looked up" in world.settled()[0].reason


def test_who_is_lost_again_and_again_fails_and_does_not_hold_up_the_cycle(world: World) -> None:
    everybody = hire(world, 2)
    world.sandbox.control.faults({"server": "goto", "what": "empty_200", "method": "POST"})

    assert world.run_cycle().state == "EntryLevelErrors"

    assert len(creations(world)) == 3
    assert statuses(world) == {("create", "failure", "Timeout"): 2}
    assert not Change.objects.filter(status__in=Change.OPEN).exists()

    world.sandbox.control.clear_faults()
    world.wait(timedelta(days=1))
    world.run_cycle()
    assert sorted(world.managed()) == everybody


def test_a_creation_whose_answer_was_lost_is_not_looked_for_before_it_can_be_visible(
    world: World, settings: Settings
) -> None:
    """Looked for too soon it would be taken for failed, and created a second time."""
    world.sandbox.control.knobs(invisible_seconds=1.5)
    settings.GOTO_VISIBILITY_SECONDS = 2
    everybody = hire(world, 2)
    world.sandbox.control.faults({"server": "goto", "what": "reset_after_effect", "method": "POST", "count": 1})

    world.run_cycle()

    assert [sorted(people) for people in creations(world)] == [everybody]
    assert statuses(world) == {("create", "success", ""): 2}


def test_a_lost_answer_to_an_update_is_looked_up(world: World) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    world.run_cycle()
    world.log()
    world.forget_requests()
    world.change_user(britta, surname="de Vries")
    world.sandbox.control.faults({"server": "goto", "what": "truncated_json", "method": "PUT", "count": 4})
    world.sandbox.control.knobs(update_status=200)

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["lastName"] == "de Vries"
    assert world.log()[-1] == ("update", "success", "")


def test_answers_lost_while_the_application_goes_down_are_looked_up_before_anything_is_planned_anew(
    world: World,
) -> None:
    """The cycle fails with rows in flight; the next one decides everybody again and must not trip over them."""
    everybody = hire(world, 3)
    world.sandbox.control.faults(
        {"server": "goto", "what": "reset_after_effect", "method": "POST", "count": 1},
        {"server": "goto", "what": "status", "status": 503, "method": "GET", "path": "filter="},
    )

    assert world.run_cycle().state == "Failed"
    assert Change.objects.filter(status="in_flight").count() == 3

    world.sandbox.control.clear_faults()
    assert world.run_cycle().state == "Succeeded"
    assert len(creations(world)) == 1
    assert sorted(world.managed()) == everybody
    assert not Change.objects.filter(status__in=Change.OPEN).exists()


# --- what moves on the way --------------------------------------------------------------------------------------


def test_an_account_that_is_gone_is_created_anew_in_the_same_cycle(world: World) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    world.run_cycle()
    world.log()
    world.sandbox.control.knobs(page_size_maximum=2)  # so that one answer does not hold all accounts
    world.sandbox.control.delete_goto_user("britta.simon@contoso.example")
    world.sandbox.control.seed(accounts=[{"email": "same.count@contoso.example", "firstName": "S", "lastName": "C"}])
    world.change_user(britta, surname="de Vries")
    world.forget_requests()

    world.run_cycle()

    assert [row["method"] for row in world.goto_writes()] == ["PUT", "POST"]
    assert world.managed()["britta.simon@contoso.example"]["lastName"] == "de Vries"
    assert world.log() == [("create", "success", "")]


def test_two_people_who_want_one_address_do_not_both_get_it(world: World) -> None:
    for name in ("Britta Simon", "Bert Simon"):
        world.assign(world.add_user(name))
    document = world.job.schema
    rules = document["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]
    rule = next(rule for rule in rules if rule["targetAttributeName"] == "userName")
    rule["source"] = {"type": "Constant", "name": "shared@contoso.example", "expression": '"shared@contoso.example"'}
    Job.objects.filter(pk=world.job.pk).update(schema=document)

    world.run_cycle()

    assert list(world.managed()) == ["shared@contoso.example"]
    assert statuses(world) == {("create", "success", ""): 1, ("create", "failure", "DuplicateSourceEntries"): 1}


def test_leavers_go_first_then_those_who_stay_then_newcomers(world: World, settings: Settings) -> None:
    settings.EXPORT_CONCURRENCY = 1
    stay, leave = world.add_user("Stay Er"), world.add_user("Lea Ver")
    world.assign(stay)
    assignment = world.assign(leave)
    world.run_cycle()
    world.forget_requests()
    keys = {email: user["key"] for email, user in world.managed().items()}
    world.assign(world.add_user("New Comer"))
    world.change_user(stay, surname="Changed")
    world.unassign(assignment)

    world.run_cycle()

    order = [(row["method"], row["path"].rpartition("/")[2]) for row in world.goto_writes()]
    assert order == [
        ("PUT", keys["lea.ver@contoso.example"]),
        ("PUT", keys["stay.er@contoso.example"]),
        ("POST", "users"),
    ]


def test_a_row_whose_person_changed_since_it_was_planned_is_planned_anew(world: World, settings: Settings) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    settings.SLICE = world.job.interval * 0
    advance_to_export(world)
    world.change_user(britta, surname="de Vries")
    reread(world)
    settings.SLICE = world.job.interval

    world.run_cycle()

    assert world.managed()["britta.simon@contoso.example"]["lastName"] == "de Vries"
    assert len(world.goto_writes()) == 1
    assert Counter(Change.objects.values_list("status", flat=True)) == {"success": 1, "superseded": 1}


def test_removals_that_turn_up_while_rows_are_being_sent_do_not_go_around_the_guard(
    world: World, settings: Settings
) -> None:
    Job.objects.filter(pk=world.job.pk).update(deletion_threshold=2)
    everybody = [world.add_user(f"Ada Number{number}") for number in range(4)]
    for user in everybody:
        world.assign(user)
    world.run_cycle()
    for user in everybody:
        world.change_user(user, surname="Changed")
    settings.SLICE = world.job.interval * 0
    advance_to_export(world)
    for user in everybody:
        world.change_user(user, accountEnabled=False)
    reread(world)
    settings.SLICE = world.job.interval

    world.run_cycle()

    assert all(user["products"] == ["G2M"] for user in world.managed().values())
    assert Change.objects.filter(action="disable", status="staged").count() == 4
    world.job.refresh_from_db()
    assert world.job.quarantine_reason == "TooManyDeletes"


def test_somebody_asked_for_on_demand_whose_change_is_on_its_way_does_not_trip_the_cycle(world: World) -> None:
    hire(world, 3)
    world.sandbox.control.faults({"server": "goto", "what": "latency", "method": "POST", "latency": 1.5})

    with running_cycle(world):
        wait_until(lambda: Change.objects.filter(status="in_flight").exists())
        person = Change.objects.filter(status="in_flight")[0].subject
        assert person is not None
        Question.objects.create(
            kind=Question.Kind.ON_DEMAND,
            application=world.application,
            arguments={"objectId": person.object_id},
            asked_by="admin",
            taken_at=world.now(),
        )

    assert [cycle.state for cycle in world.job.cycles.all()] == ["Succeeded"]
    assert len(world.managed()) == 3


def advance_to_export(world: World) -> None:
    """A cycle that has planned, and not sent anything yet: its slice is over."""
    Job.objects.filter(pk=world.job.pk).update(run_requested_at=world.now())
    while (outcome := cycles.advance(world.job.pk, clock=world.now)) is cycles.Next.READ:
        world.read()
    assert outcome is cycles.Next.AGAIN
    assert not Change.objects.filter(status="in_flight").exists()


def reread(world: World) -> None:
    """Another application's cycle reads the tenant meanwhile."""
    world.tenant.refresh_from_db()
    moment = world.now()
    assert reading_directory.read_tenant(world.tenant, connections.open_source, since=moment, now=moment)


# --- the pace ---------------------------------------------------------------------------------------------------


def test_under_the_real_limit_few_requests_are_throttled_and_the_pace_is_kept(world: World, settings: Settings) -> None:
    everybody = hire(world, 60)
    world.run_cycle()
    settings.GOTO_REQUESTS_PER_SECOND = 10.0
    world.application.refresh_from_db()
    world.application.pace = {}
    world.application.save(update_fields=["pace"])
    world.sandbox.control.knobs(rate_limit=10)
    for user in world.sandbox.control.directory()["users"]:
        world.change_user(user["id"], surname="Changed")
    world.forget_requests()

    began = time.monotonic()
    world.run_cycle()
    took = time.monotonic() - began

    throttled = [row for row in world.goto_requests() if row["status"] == 429]
    assert len(throttled) <= 3
    assert took < 12, "60 requests at ten a second, and the reading"
    assert all(user["lastName"] == "Changed" for user in world.managed().values())
    assert sorted(world.managed()) == everybody
    world.application.refresh_from_db()
    assert 4 <= world.application.pace["per_second"] <= 10
