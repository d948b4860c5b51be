"""What a page costs: a fixed number of queries, however many people there are."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.assigned import LARGE
from provisioning.models import Membership
from tests.portal.pages import arguments, named_patterns
from tests.portal.states import SHOWN, Shown
from tests.portal.world import World

MOST = 50
AS_IT_STANDS = [shown for shown in SHOWN if shown.prepare is Shown.prepare]
PREPARED = [shown for shown in SHOWN if shown not in AS_IT_STANDS and not shown.click]


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
        if response.streaming:
            b"".join(response.streaming_content)
        return len(asked) if response.status_code != 405 else 0


def test_every_address_asks_the_database_a_fixed_number_of_times(world: World, administrator: Client) -> None:
    given = arguments(world)
    addresses = {
        name: reverse(name, kwargs={parameter: given[parameter] for parameter in parameters})
        for name, _route, parameters in named_patterns()
    } | {shown.name: shown.address(world) for shown in AS_IT_STANDS}
    costs = {name: queries(administrator, address) for name, address in addresses.items()}
    assert {name: count for name, count in costs.items() if count > MOST} == {}
    assert costs["overview"] > 5, "queries are counted"


@pytest.mark.parametrize("shown", PREPARED, ids=lambda shown: shown.name)
def test_a_page_in_each_of_its_states_does_as_well(shown: Shown, world: World, administrator: Client) -> None:
    shown.prepare(world)
    assert queries(administrator, shown.address(world)) <= MOST


def test_members_of_a_large_group_are_counted_but_not_looked_at(world: World, administrator: Client) -> None:
    address = reverse("users", args=(world.gotomeeting.pk,))
    assert "of 8 members" in administrator.get(address).content.decode()
    of_sales = {"tenant": world.contoso, "group_id": world.sales.object_id, "reading": 1}
    Membership.objects.bulk_create(Membership(member_id=f"member {n}", **of_sales) for n in range(LARGE))
    Membership.objects.create(member_id="who left", removed=True, **of_sales)
    text = administrator.get(address).content.decode()
    assert "1,008 members" in text
    assert "of 1,008 members" not in text
