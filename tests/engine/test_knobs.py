"""One life from end to end at every value of every knob: whatever the outside world turns out to be like, it ends the
same, and a cycle without a change writes nothing.
"""

import time
from typing import Any

import pytest
from pytest_django import Settings

from provisioning.actions import mappings
from provisioning.models import Job
from tests.engine.test_sign_in_methods import authorize
from tests.world import USER, WEBINAR, World

BRITTA, ADELE, LEE = (f"{name}@contoso.example" for name in ("britta.simon", "adele.vance", "lee.gu"))

OTHER: dict[str, list[Any]] = {
    "access_token_seconds": [1],
    "delta_token_days": [0.00001],
    "delta_expiry": ["400 syncStateNotFound", "400 Request_UnsupportedQuery", "400 Directory_ExpiredPageToken"],
    "page_token_minutes": [1],
    "delta_page_objects": [1],
    "delta_page_links": [1],
    "delta_delay_seconds": [0.3],
    "delta_replays": [20],
    "delta_duplicates": [True],
    "delta_shuffled": [True],
    "delta_removed_at_first": [True],
    "empty_pages": [True],
    "graph_resource_units": [0, 60],
    "graph_retry_after": [False],
    "microsoft_provisioning": ["Active", "Paused", "Disabled"],
    "answer_generation": ["legacy"],
    "expires_in": ["string"],
    "refresh_mode": ["same", "rotate"],
    "password_grant": [False],
    "wrong_password": ["401 invalid_grant", "401 access_denied", "403 invalid_grant"],
    "seats_exhausted_status": [403, 409, 422],
    "seats_exhausted_code": ["SomethingElse"],
    "create_status": [200],
    "update_status": [200, 202],
    "delete_status": [200, 202],
    "create_license_field": ["inside users"],
    "update_license_field": ["licenses", "licenseKey"],
    "read_license_keys": ["unless suspended", "never"],
    "status_spelling": ["lower", "portal"],
    "error_body": ["errorCode", "int_err_code", "empty", "html"],
    "page_size_default": [1],
    "page_size_maximum": [2],
    "page_size_excess": ["refused"],
    "email_filter_case": ["exact"],
    "array_maximum": [1],
    "license_or_role_required": [False],
    "invited_take_seats": [False],
    "keys": ["string"],
    "rate_limit": [10],
    "retry_after": [True],
    "invisible_seconds": [1.0],
}
"""Knob → its values besides the first, which all other tests have."""
TOGETHER: dict[str, dict[str, Any]] = {
    "delta_expiry": {"delta_token_days": 0.00001},
    "graph_retry_after": {"graph_resource_units": 60},
    "retry_after": {"rate_limit": 10},
    "page_size_excess": {"page_size_maximum": 2, "page_size_default": 2},
    "page_size_maximum": {"page_size_default": 2},
}
"""What makes a knob matter."""
CASES = [
    pytest.param({knob: value} | TOGETHER.get(knob, {}), id=f"{knob}={value}")
    for knob, values in OTHER.items()
    for value in values
]


def test_every_knob_is_tried(world: World) -> None:
    assert set(world.sandbox.control.knobs()) == set(OTHER)


@pytest.mark.parametrize("knobs", CASES)
def test_a_life_ends_the_same(world: World, settings: Settings, knobs: dict[str, Any]) -> None:
    settings.GOTO_VISIBILITY_SECONDS = knobs.get("invisible_seconds", 0)
    if knobs.get("password_grant") is False:
        authorize(world)
    world.sandbox.control.knobs(**knobs)
    life = Life(world, pause=knobs.get("delta_delay_seconds", 0))

    life.begins()
    life.changes()
    life.pauses()
    life.is_quiet()
    if "delete_status" in knobs:
        life.ends()


class Life:
    """Britta is assigned, Lee is a member of Sales; Adele, who is too, has an account from before."""

    def __init__(self, world: World, *, pause: float) -> None:
        self.world, self.pause = world, pause
        self.keys: dict[str, str] = {}

    def cycle(self, *expected: tuple[str, str, str]) -> None:
        """A cycle that writes exactly this."""
        time.sleep(self.pause)
        self.world.forget_requests()
        finished = self.world.run_cycle()
        assert finished.state == "Succeeded", finished.error
        assert sorted(self.world.log()) == sorted(expected)

    def users(self) -> dict[str, dict[str, Any]]:
        return {email.lower(): user for email, user in self.world.managed().items()}

    def begins(self) -> None:
        world = self.world
        world.sandbox.control.seed(
            accounts=[
                {"email": "Adele.Vance@Contoso.example", "firstName": "A.", "lastName": "Vance", "products": ["G2M"]}
            ]
        )
        self.britta = world.add_user("Britta Simon")
        self.assignment = world.assign(self.britta)
        self.adele = world.add_user("Adele Vance")
        self.lee = world.add_user("Lee Gu")
        world.assign(world.add_group("Sales", self.adele, self.lee))

        self.cycle(("create", "success", ""), ("create", "success", ""), ("update", "success", ""))

        users = self.users()
        assert {email: user["products"] for email, user in users.items()} == dict.fromkeys(
            [BRITTA, ADELE, LEE], ["G2M"]
        )
        assert users[ADELE]["firstName"] == "Adele"
        self.keys = {email: user["key"] for email, user in users.items()}

    def changes(self) -> None:
        """Another name, another address, another role."""
        world = self.world
        world.change_user(self.lee, surname="Guo", userPrincipalName="lee.guo@contoso.example")
        world.unassign(self.assignment)
        self.assignment = world.assign(self.britta, WEBINAR)

        self.cycle(("update", "success", ""), ("update", "success", ""))

        users = self.users()
        assert users[BRITTA]["products"] == ["G2W"]
        lee = users["lee.guo@contoso.example"]
        assert (lee["key"], lee["lastName"], lee["products"]) == (self.keys[LEE], "Guo", ["G2M"])

    def pauses(self) -> None:
        """Out and in again: the same account, with what the role of the moment gives."""
        world = self.world
        world.change_user(self.adele, accountEnabled=False)
        world.unassign(self.assignment)
        self.cycle(("disable", "success", ""), ("disable", "success", ""))
        users = self.users()
        assert (users[ADELE]["products"], users[BRITTA]["products"]) == ([], [])

        world.change_user(self.adele, accountEnabled=True)
        world.assign(self.britta, USER)
        self.cycle(("enable", "success", ""), ("enable", "success", ""))
        users = self.users()
        assert (users[ADELE]["products"], users[BRITTA]["products"]) == (["G2M"], ["G2M"])
        assert (users[ADELE]["key"], users[BRITTA]["key"]) == (self.keys[ADELE], self.keys[BRITTA])

    def is_quiet(self) -> None:
        self.cycle()
        assert self.world.goto_writes() == []
        self.world.restart()
        self.cycle()
        assert self.world.goto_writes() == []

    def ends(self) -> None:
        """Gone for good, where deleting is on."""
        mappings.set_actions(Job.objects.get(pk=self.world.job.pk), by=None, delete=True)
        self.world.delete_user(self.adele)
        self.world.purge_user(self.adele)

        self.cycle(("delete", "success", ""))

        assert ADELE not in self.users()


SEATS: list[dict[str, Any]] = [
    {},
    *({"seats_exhausted_status": status} for status in OTHER["seats_exhausted_status"]),
    *({"error_body": form} for form in OTHER["error_body"]),
    {"seats_exhausted_code": "SomethingElse"},
]


@pytest.mark.parametrize("knobs", SEATS, ids=str)
def test_who_finds_no_seat_waits_for_one(world: World, knobs: dict[str, Any]) -> None:
    """Whatever the refusal looks like: she fails alone, and gets her seat when there is one."""
    world.sandbox.control.knobs(**knobs)
    world.sandbox.control.set_seats("G2M", 1)
    for name in ("Britta Simon", "Adele Vance"):
        world.assign(world.add_user(name))

    world.run_cycle()

    assert len(world.managed()) == 1
    assert [status for _, status, _ in world.log()].count("failure") == 1

    world.sandbox.control.set_seats("G2M", 10)
    world.wait(world.job.interval * 10)
    world.run_cycle()

    assert {user["products"][0] for user in world.managed().values()} == {"G2M"}
    assert len(world.managed()) == 2
