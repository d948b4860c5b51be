"""What a page costs: a fixed number of queries, however many people there are."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portal.states import SHOWN, Shown
from tests.portal.world import World

MOST = 50
PAGES = [shown for shown in SHOWN if not shown.click]


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_asks_the_database_a_fixed_number_of_times(shown: Shown, world: World, administrator: Client) -> None:
    shown.prepare(world)
    with CaptureQueriesContext(connection) as asked:
        response = administrator.get(shown.address(world))
    assert response.status_code == 200
    assert len(asked) <= MOST, [query["sql"][:100] for query in asked]
