"""What would happen, before anything does."""

from datetime import timedelta

from django.utils.timezone import now

from provisioning.engine.preview import preview
from provisioning.models import Change, Link
from tests.world import World


def names(found: dict[str, list[dict[str, str]]], kind: str) -> list[str]:
    return sorted(person["name"].partition(" · ")[0] for person in found.get(kind, []))


def test_a_first_preview_tells_who_would_get_an_account(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.assign(world.add_user("No Surname", surname=None))
    world.assign(world.add_user("Only Default"), "Default Access")
    world.add_user("Not Assigned")

    told = preview(world.job, now)

    assert names(told["people"], "create") == ["Britta Simon"]
    assert names(told["people"], "fail") == ["No Surname"]
    assert names(told["people"], "skip") == ["Only Default"]
    assert told["counts"] == {"create": 1, "fail": 1, "skip": 1}
    assert [seat["needed"] for seat in told["seats"]] == [1]


def test_a_preview_changes_nothing(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    before = world.goto()

    preview(world.job, now)

    assert world.goto() == before
    assert not Change.objects.exists()
    assert not Link.objects.exists()
    world.job.refresh_from_db()
    assert world.job.leased_until is None


def test_after_a_cycle_a_preview_tells_only_what_differs(world: World) -> None:
    kept = world.assign(world.add_user("Britta Simon"))
    leaving = world.assign(world.add_user("Jan Smit"))
    world.run_cycle()
    world.unassign(leaving)
    world.wait(timedelta(minutes=5))

    told = preview(world.job, world.now)

    assert kept != leaving
    assert names(told["people"], "disable") == ["Jan Smit"]
    assert told["counts"] == {"disable": 1, "unchanged": 1}
