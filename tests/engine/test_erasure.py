"""Whoever is erased while the directory still has them comes back as somebody new, and keeps the account."""

from provisioning.actions.erasure import erase
from provisioning.models import DirectoryObject
from tests.stored import tables_that_name
from tests.world import World


def test_a_person_still_assigned_comes_back_whole_and_nothing_is_written(world: World) -> None:
    britta, lee = world.add_user("Britta Simon"), world.add_user("Lee Gu")
    world.assign(britta)
    world.assign(world.add_group("Sales", lee, britta))
    world.run_cycle()
    before = world.goto()
    world.forget_requests()

    erase(DirectoryObject.objects.get(object_id=britta), by=None)
    assert tables_that_name("Britta", britta) == set()
    world.change_user(britta, department="Sales")  # a round of changes alone would tell no more of her than this
    world.run_cycle()

    back = DirectoryObject.objects.get(object_id=britta)
    assert back.attributes["surname"] == "Simon"
    assert back.links.get().account is not None
    assert world.goto() == before
    assert world.goto_writes() == []


def test_a_person_who_is_gone_for_good_stays_away(world: World) -> None:
    britta = world.add_user("Britta Simon")
    assignment = world.assign(britta)
    world.run_cycle()
    world.unassign(assignment)
    world.delete_user(britta)
    world.run_cycle()
    world.purge_user(britta)
    world.run_cycle()

    erase(DirectoryObject.objects.get(object_id=britta), by=None)
    world.run_cycle()

    assert not DirectoryObject.objects.filter(object_id=britta).exists()
    assert tables_that_name(britta) == set()
