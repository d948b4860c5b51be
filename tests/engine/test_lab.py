"""The lab on the mirrors: whom it reads, what of them, and what it says against today's mapping."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from provisioning.engine.connections import pure_target
from provisioning.engine.lab import context_of, people, source_of, try_out
from provisioning.engine.planning.rules import rules_for
from provisioning.expressions import compile_expression
from provisioning.mapping import compile_mapping
from provisioning.models import Account, DirectoryObject, Job
from provisioning.models.application import DEFAULT_ACCESS
from tests.portal.world import World, guid

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 9, tzinfo=UTC)
READS = {"sqlite": "JSON_EXTRACT", "postgresql": "JSONB_BUILD_ARRAY"}
VALUES = {"text": 'a "text"', "yes": True, "no": False, "number": 7, "list": ["a", "b"], "empty": "", "na-me.x": "é"}


@pytest.fixture
def world() -> World:
    made = World(people=6)
    made.assign(made.people[0].object_id, "user", "Noor")
    made.assign(made.people[1].object_id, "user", "Amélie", DEFAULT_ACCESS)
    return made


def tried(world: World, text: str, target: str = "userName", **facts):
    return try_out(world.job, compile_mapping(world.job.schema), compile_expression(text), target, NOW, **facts)


def test_everybody_is_everybody_in_the_mirror_who_is_not_gone(world):
    DirectoryObject.objects.filter(pk=world.people[0].pk).update(removed="deleted")

    found = dict(people(world.job, {"department"}))

    assert list(found) == [person.object_id for person in world.people[1:]]
    assert set(map(str, found.values())) == {"{'department': 'Sales'}", "{'department': 'IT'}"}


@pytest.mark.parametrize(
    "names", [[*VALUES], ["text"], ["yes"], ["list"], [*VALUES, 'with " mark'], [f"x{n}" for n in range(99)], []]
)
def test_values_come_as_the_mirror_has_them(names, world):
    DirectoryObject.objects.filter(pk=world.people[0].pk).update(attributes=VALUES)

    key, source = next(iter(people(world.job, names)))

    assert key == world.people[0].object_id
    assert {name: source.get(name) for name in names} == {name: VALUES.get(name) for name in names}


def test_no_more_is_read_than_the_expression_uses(world):
    with CaptureQueriesContext(connection) as asked:
        tried(world, "ToLower([department])", "timeZone")

    (query,) = [each["sql"] for each in asked if "directoryobject" in each["sql"]]
    read = query.partition(" FROM ")[0]
    assert f', {READS[connection.vendor]}("provisioning_directoryobject"."attributes"' in read
    assert "department" in read
    assert "timeZone" not in read


def test_what_the_engine_adds_is_there_for_one_and_for_everybody(world):
    text = 'Join("|", [objectId], [IsSoftDeleted], [appRoleAssignments])'
    first, second = world.people[0], world.people[1]
    expected = {f"{first.object_id}|False|organizer": 1, f"{second.object_id}|False": 1}

    assert expected.items() <= tried(world, text).results.items()
    expression = compile_expression(text)
    one = expression.evaluate(source_of(world.job, first), context_of(world.job, first, NOW))
    assert one == f"{first.object_id}|False|organizer"


def test_roles_come_through_groups_and_to_everybody_where_everybody_is_in_scope(world):
    world.assign(world.sales.object_id, "group", "Sales NL", world.gotomeeting.roles.get(value="webinar").role_id)
    assert tried(world, 'Join(",", [appRoleAssignments])').results == {"organizer,webinar": 1, "webinar": 5}

    world.gotomeeting.assignments.update(removed=True)
    assert tried(world, 'Join(",", [appRoleAssignments])').empty.count == 6
    world.job.scope = Job.Scope.ALL
    assert tried(world, 'Join(",", [appRoleAssignments])').results == {"organizer": 6}


def test_it_is_compared_with_what_is_mapped_today(world):
    compared = tried(world, 'Replace([userPrincipalName], "person0@", , , "noor@", , )').today

    assert (compared.same, compared.different.count) == (5, 1)
    assert compared.different.examples == [(guid(1000), "person0@contoso.com", "noor@contoso.com")]
    assert tried(world, "ToLower([userPrincipalName])", "timeZone").today is None


def test_an_address_for_two_is_a_collision(world):
    assert tried(world, "ToLower([department])").collisions["sales"].count == 3


def test_what_does_not_fit_the_targets_type_is_an_error(world):
    found = tried(world, 'Switch([department], "", "Sales", "yes", "IT", "True")', "active")

    assert (found.results, found.failed) == ({"True": 3}, 3)
    assert str(found.first_error["MappingError"]) == 'active: "yes" is neither True nor False.'


def test_values_that_accounts_have_are_taken(world):
    Account.objects.create(application=world.gotomeeting, key="1", user_name="sales")

    found = tried(world, 'SelectUniqueValue([department], Append([department], "2"))')

    assert found.results == {"IT": 3, "Sales2": 3}


def test_nobody_waits_for_ever(world):
    assert tried(world, "ToLower([department])", patience=timedelta(0)).stopped


def test_what_is_drawn_here_is_not_what_will_be_sent(world, settings):
    settings.GOTO_CLIENT_ID, settings.GOTO_CLIENT_SECRET = "client", "secret"
    text = "RandomString(12, 2, 2, 2, 2)"
    rules = rules_for(world.job, pure_target(world.gotomeeting), NOW)

    drawn = [compile_expression(text).evaluate({}, rules.expression_context(each.object_id)) for each in world.people]

    assert len(set(drawn) | set(tried(world, text).results)) == 12
