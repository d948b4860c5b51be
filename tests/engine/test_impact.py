"""Before Save: what is foretold is what saving then does."""

from copy import deepcopy
from typing import Any

from provisioning.actions import mappings
from provisioning.engine import questions
from provisioning.engine.impact import Impact, impact, size, told
from provisioning.expressions import parse
from provisioning.expressions.graph_source import to_source
from provisioning.models import Change, Job, Link
from tests.crowds import hire
from tests.world import World

Schema = dict[str, Any]


def with_expression(world: World, target: str, expression: str) -> Schema:
    schema: Schema = deepcopy(world.job.schema)
    for row in mappings.users_mapping(schema)["attributeMappings"]:
        if row["targetAttributeName"] == target:
            row["source"] = to_source(parse(expression))
            return schema
    raise AssertionError(f"{target} is not mapped")


def with_scope(world: World, attribute: str, operator: str, value: str) -> Schema:
    schema: Schema = deepcopy(world.job.schema)
    clause = {"operatorName": operator, "sourceOperandName": attribute, "targetOperand": {"values": [value]}}
    mappings.users_mapping(schema)["scope"] = {"groups": [{"name": "Filter", "clauses": [clause]}]}
    return schema


def switched(world: World, **properties: Any) -> Schema:
    schema: Schema = deepcopy(world.job.schema)
    mappings.users_mapping(schema).update(properties)
    return schema


def foretold(world: World, candidate: Schema) -> Impact:
    for row in (world.tenant, world.application, world.job):
        row.refresh_from_db()
    return impact(world.job, candidate, world.now())


def names(found: Impact, kind: str) -> list[str]:
    return sorted(example.identity.partition(" · ")[0] for example in found.examples.get(kind, []))


def what_saving_does(world: World, candidate: Schema) -> dict[str, list[str]]:
    """Action, or "fail" → names, of the rows that the cycle after saving writes."""
    known = set(world.job.changes.values_list("pk", flat=True))
    assert mappings.save(world.job, candidate, by=None)
    world.run_cycle()
    done: dict[str, list[str]] = {}
    for change in world.job.changes.filter(status__in=Change.SETTLED).exclude(pk__in=known):
        kind = "fail" if change.status == Change.Status.FAILURE else change.action
        done.setdefault(kind, []).append(change.identity.partition(" · ")[0])
    return {kind: sorted(people) for kind, people in done.items()}


def test_exactly_those_who_are_foretold_are_changed(world: World) -> None:
    hire(world, 12)
    hire(world, 4, named="Bob", group="Others")
    world.run_cycle()
    candidate = with_expression(
        world, "name.familyName", 'IIF([givenName] = "Bob", Append([surname], " (NL)"), [surname])'
    )

    found = foretold(world, candidate)
    done = what_saving_does(world, candidate)

    assert found.touched == {"update": 4}
    assert found.next_cycle == {"update": 4, "unchanged": 12}
    assert found.attributes == {"name.familyName": 4}
    assert done == {"update": names(found, "update")}
    assert {user["lastName"] for email, user in world.managed().items() if email.startswith("bob")} == {
        f"Number{number:03} (NL)" for number in range(4)
    }


def test_an_example_tells_what_is_written(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()

    # GoTo compares names without regard to case, so capitals alone are no difference.
    assert foretold(world, with_expression(world, "name.familyName", "ToUpper([surname])")).touched == {}

    found = foretold(world, with_expression(world, "name.familyName", 'Append([surname], "-de Wit")'))
    (example,) = found.examples["update"]
    assert (example.before, example.after.kind) == ("unchanged", "update")
    assert [tuple(each) for each in example.properties] == [("name.familyName", "Simon", "Simon-de Wit")]
    (shown,) = told(world.job, found)["examples"]["update"]
    assert shown["name"] == "Britta Simon · britta.simon@contoso.example"
    assert shown["properties"] == [{"name": "name.familyName", "old": "Simon", "new": "Simon-de Wit"}]


def test_a_filter_disables_and_the_next_lets_in(world: World) -> None:
    world.assign(world.add_user("Britta Simon", givenName="Britta"))
    world.assign(world.add_user("Jan Smit", givenName="Jan"))
    world.run_cycle()
    everybody = deepcopy(world.job.schema)
    britta = with_scope(world, "givenName", "EQUALS", "Britta")

    found = foretold(world, britta)
    done = what_saving_does(world, britta)

    assert found.touched == {"disable": 1}
    assert found.next_cycle == {"disable": 1, "unchanged": 1}
    assert done["disable"] == names(found, "disable") == ["Jan Smit"]

    found = foretold(world, everybody)
    done = what_saving_does(world, everybody)

    assert found.touched == {"enable": 1}
    assert done["enable"] == names(found, "enable") == ["Jan Smit"]


def test_removals_beyond_the_threshold_are_foretold_as_held(world: World) -> None:
    hire(world, 3)
    world.run_cycle()
    nobody = with_scope(world, "givenName", "EQUALS", "Nobody")
    for threshold, held in ((3, False), (2, True), (None, False)):
        Job.objects.update(deletion_threshold=threshold)
        assert told(world.job, foretold(world, nobody))["held"] is held

    Job.objects.update(deletion_threshold=2)
    what_saving_does(world, nobody)

    assert world.job.changes.filter(status="staged", action="disable").count() == 3


def test_two_who_would_get_one_address_are_foretold_as_a_failure(world: World) -> None:
    hire(world, 3)
    world.run_cycle()
    candidate = with_expression(world, "userName", 'Append([givenName], "@contoso.example")')

    found = foretold(world, candidate)
    done = what_saving_does(world, candidate)

    assert found.touched == {"update": 1, "fail": 2}
    assert names(found, "fail") == done["fail"]
    assert {example.after.reason for example in found.examples["fail"]} == {"DuplicateSourceEntries"}


def test_two_who_would_match_one_account_are_foretold_as_a_failure(world: World) -> None:
    """Also where the two are decided in different batches: what was given out is remembered."""
    world.assign(world.add_user("Office Manager", userPrincipalName="office.manager@contoso.example"))
    world.assign(world.add_user("Second Manager"))
    world.read()
    candidate = with_expression(world, "userName", 'Append("office.manager", "@contoso.example")')
    world.run_cycle()
    Link.objects.all().delete()

    found = foretold(world, candidate)
    done = what_saving_does(world, candidate)

    assert found.next_cycle == {"takeover": 1, "fail": 1}
    assert names(found, "fail") == done["fail"] == ["Second Manager"]


def test_people_who_fail_today_and_would_not_any_more(world: World) -> None:
    world.assign(world.add_user("No Surname", surname=None))
    world.run_cycle()
    candidate = with_expression(world, "name.familyName", 'Coalesce([surname], "-")')

    found = foretold(world, candidate)
    done = what_saving_does(world, candidate)

    (example,) = found.examples["create"]
    assert (example.before, example.after.kind) == ("fail", "create")
    assert done == {"create": ["No Surname"]}


def test_people_who_would_fail_say_why(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()
    candidate = with_expression(world, "name.familyName", "CBool([surname])")

    found = foretold(world, candidate)
    done = what_saving_does(world, candidate)

    assert done == {"fail": ["Britta Simon"]}
    failed = world.settled()[0]
    (example,) = told(world.job, found)["examples"]["fail"]
    assert example["reason"] == failed.error_code
    assert str(found.examples["fail"][0].after.sentence) == str(failed.reason)


def test_what_is_waiting_anyhow_is_not_counted_as_touched(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()
    world.assign(world.add_user("Jan Smit"))
    world.read()

    found = foretold(world, deepcopy(world.job.schema))

    assert found.touched == {}
    assert found.next_cycle == {"create": 1, "unchanged": 1}


def test_switches_of_the_object_mapping(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()
    world.assign(world.add_user("Jan Smit"))
    world.read()

    for properties in ({"flowTypes": "Update"}, {"enabled": False}):
        found = foretold(world, switched(world, **properties))
        assert (names(found, "skip"), found.examples["skip"][0].before) == (
            (["Jan Smit"], "create") if "flowTypes" in properties else (["Britta Simon", "Jan Smit"], "unchanged")
        )
    assert what_saving_does(world, switched(world, enabled=False)) == {"other": ["Britta Simon", "Jan Smit"]}


def test_what_was_never_read_is_not_taken_for_empty(world: World) -> None:
    world.assign(world.add_user("Britta Simon", companyName="Contoso"))
    world.run_cycle()

    found = foretold(world, with_expression(world, "name.familyName", "Trim([companyName])"))

    assert (found.unread, found.people, found.touched) == ({"companyName"}, 0, {})


def test_what_was_never_read_can_be_read_first(world: World) -> None:
    """By one full round, which neither the old mapping nor, once it is saved, the new one asks for again."""
    world.assign(world.add_user("Britta Simon", companyName="Contoso"))
    world.assign(world.add_user("Jan Smit"))
    world.run_cycle()
    candidate = with_expression(world, "name.familyName", "Coalesce([companyName], [surname])")
    proposed = mappings.propose(world.job, candidate, by=None)
    assert proposed is not None and proposed.answer["unread"] == ["companyName"]

    asked = mappings.read_and_propose(proposed, by=None)
    questions.answer(asked, world.now)
    asked.refresh_from_db()

    (example,) = asked.answer["examples"]["update"]
    assert asked.answer["touched"] == {"update": 1}
    assert example["properties"] == [{"name": "name.familyName", "old": "Simon", "new": "Contoso"}]
    read_at = world.tenant.feeds.get(kind="users").full_round_at
    world.run_cycle()
    world.log()
    mappings.save_proposed(asked, by=None)
    world.run_cycle()
    assert world.log() == [("update", "success", "")]
    assert world.tenant.feeds.get(kind="users").full_round_at == read_at


def test_nothing_is_asked_and_nothing_is_written(world: World) -> None:
    hire(world, 5)
    world.run_cycle()
    changes, links = Change.objects.count(), list(Link.objects.order_by("pk").values())
    job = Job.objects.values().get()
    world.forget_requests()
    heard: list[tuple[int, int]] = []

    candidate = with_expression(world, "name.familyName", 'Append([surname], "!")')
    world.job.refresh_from_db()
    impact(world.job, candidate, world.now(), progress=lambda found: heard.append((found.people, found.concerned)))

    assert heard == [(5, 5)]
    assert size(world.job) == 5
    assert world.sandbox.control.requests("goto") == []
    assert world.sandbox.control.requests("graph") == []
    assert Change.objects.count() == changes
    assert list(Link.objects.order_by("pk").values()) == links
    assert Job.objects.values().get() == job


def test_a_mapping_that_cannot_be_used_today_is_no_hindrance(world: World) -> None:
    world.assign(world.add_user("Britta Simon"))
    world.run_cycle()
    good = deepcopy(world.job.schema)
    Job.objects.update(schema=switched(world, sourceObjectName="Cat"))

    found = foretold(world, good)

    assert found.touched == found.next_cycle == {"unchanged": 1}
    assert found.examples["unchanged"][0].before == ""
