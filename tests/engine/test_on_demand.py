"""One person at once, by the rules of a cycle; the answer is the row that the log shows."""

from datetime import timedelta

from provisioning.engine import on_demand, questions
from provisioning.models import Change, Job, Question
from tests.world import World


def ask(world: World, person: str) -> Question:
    """What the interactive worker does with the question of a page."""
    question = Question.objects.create(
        kind=Question.Kind.ON_DEMAND,
        tenant=world.tenant,
        application=world.application,
        arguments={"objectId": person},
        asked_by="sanne",
    )
    questions.answer(question, world.now)
    question.refresh_from_db()
    return question


def test_a_new_person_is_provisioned_without_a_cycle(world: World) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    world.assign(world.add_user("Lee Gu"))

    question = ask(world, britta)

    change = Change.objects.get(pk=question.answer["change"])
    assert (change.action, change.status, change.initiated_by) == ("create", "success", "sanne")
    assert list(world.managed()) == ["britta.simon@contoso.example"]
    assert not world.job.cycles.exists()
    world.run_cycle()
    assert sorted(world.managed()) == ["britta.simon@contoso.example", "lee.gu@contoso.example"]


def test_it_works_while_provisioning_is_off_and_answers_what_needs_nothing(world: World) -> None:
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    Job.objects.update(enabled=False)

    first, again = ask(world, britta), ask(world, britta)

    assert Change.objects.get(pk=first.answer["change"]).status == "success"
    second = Change.objects.get(pk=again.answer["change"])
    assert (second.status, second.error_code) == ("skipped", "RedundantExport")


def test_somebody_out_of_scope_is_skipped_with_the_reason(world: World) -> None:
    question = ask(world, world.add_user("Debra Berger"))

    change = Change.objects.get(pk=question.answer["change"])
    assert (change.status, change.error_code) == ("skipped", "NotAssigned")
    assert world.managed() == {}


def test_somebody_unassigned_is_disabled(world: World) -> None:
    britta = world.add_user("Britta Simon")
    assignment = world.assign(britta)
    world.run_cycle()
    world.unassign(assignment)

    question = ask(world, britta)

    assert Change.objects.get(pk=question.answer["change"]).action == "disable"
    assert world.managed()["britta.simon@contoso.example"]["status"] == "SUSPENDED"


def test_a_running_cycle_is_left_to_do_it(world: World, monkeypatch: object) -> None:
    """The lease is another's: its writer plans the person while somebody waits, or the answer says so."""
    britta = world.add_user("Britta Simon")
    world.assign(britta)
    token = world.job.claim(timedelta(seconds=60))
    monkeypatch.setattr(on_demand, "PATIENCE", 1.0)  # type: ignore[attr-defined]

    question = ask(world, britta)

    assert question.answer is None
    assert "A cycle is running" in question.error
    assert token is not None
    world.job.release(token)


def test_the_writer_of_a_running_cycle_plans_whom_somebody_waits_for(world: World) -> None:
    britta, lee = world.add_user("Britta Simon"), world.add_user("Lee Gu")
    world.assign(britta)
    world.assign(lee)
    Question.objects.create(
        kind=Question.Kind.ON_DEMAND,
        tenant=world.tenant,
        application=world.application,
        arguments={"objectId": britta},
        asked_by="sanne",
        taken_at=world.now(),
    )

    world.run_cycle()

    assert Change.objects.get(initiated_by="sanne").subject.object_id == britta
    assert sorted(world.managed()) == ["britta.simon@contoso.example", "lee.gu@contoso.example"]
    assert Change.objects.filter(action="create", status="success").count() == 2
