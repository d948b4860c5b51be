"""One life from end to end at every value of every knob: whatever the outside world turns out to be like, it ends the
same, and a cycle without a change writes nothing.
"""

import time
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from pytest_django import Settings

from provisioning.actions import mappings
from provisioning.models import Job
from sandbox.knobs import Knobs
from tests.engine.test_sign_in_methods import authorize
from tests.world import USER, WEBINAR, World

BRITTA, ADELE, LEE = (f"{name}@contoso.example" for name in ("britta.simon", "adele.vance", "lee.gu"))

EXPIRED = 0.00001
"""Days: less than a second."""
LIVES: dict[str, dict[str, Any]] = {
    "a feed in crumbs": {"delta_page_objects": 1, "delta_page_links": 1, "empty_pages": True, "page_token_minutes": 1},
    "a feed in disorder": {
        "delta_replays": 20,
        "delta_duplicates": True,
        "delta_shuffled": True,
        "delta_removed_at_first": True,
    },
    "a feed that lags": {"delta_delay_seconds": 0.3},
    "links that expire": {"delta_token_days": EXPIRED},
    "links that expire, otherwise": {"delta_token_days": EXPIRED, "delta_expiry": "400 syncStateNotFound"},
    "links that expire, as a query": {"delta_token_days": EXPIRED, "delta_expiry": "400 Request_UnsupportedQuery"},
    "links that expire, as a page": {"delta_token_days": EXPIRED, "delta_expiry": "400 Directory_ExpiredPageToken"},
    "a throttled Graph": {"graph_resource_units": 60},
    "a throttled Graph that does not say how long": {"graph_resource_units": 60, "graph_retry_after": False},
    "a Graph without costs, tokens of a second": {"graph_resource_units": 0, "access_token_seconds": 1},
    "GoTo of old": {
        "answer_generation": "legacy",
        "expires_in": "string",
        "refresh_mode": "same",
        "wrong_password": "401 invalid_grant",
        "status_spelling": "lower",
        "keys": "string",
        "microsoft_provisioning": "Active",
    },
    "tokens that rotate, 202": {
        "refresh_mode": "rotate",
        "wrong_password": "401 access_denied",
        "update_status": 202,
        "delete_status": 202,
        "status_spelling": "portal",
        "microsoft_provisioning": "Paused",
    },
    "everything is 200": {
        "create_status": 200,
        "update_status": 200,
        "delete_status": 200,
        "wrong_password": "403 invalid_grant",
        "microsoft_provisioning": "Disabled",
    },
    "no password grant": {"password_grant": False},
    "licences inside, read unless suspended": {
        "create_license_field": "inside users",
        "update_license_field": "licenses",
        "read_license_keys": "unless suspended",
        "seats_exhausted_status": 403,
        "error_body": "errorCode",
    },
    "one licence, never read": {
        "update_license_field": "licenseKey",
        "read_license_keys": "never",
        "seats_exhausted_status": 409,
        "error_body": "int_err_code",
    },
    "pages of one": {"page_size_default": 1, "seats_exhausted_status": 422, "error_body": "empty"},
    "pages of two": {"page_size_default": 2, "page_size_maximum": 2, "seats_exhausted_code": "SomethingElse"},
    "pages of two, more refused": {"page_size_default": 2, "page_size_maximum": 2, "page_size_excess": "refused"},
    "one at a time, lenient": {
        "array_maximum": 1,
        "license_or_role_required": False,
        "invited_take_seats": False,
        "email_filter_case": "exact",
        "error_body": "html",
    },
    "ten a second": {"rate_limit": 10},
    "ten a second, and how long": {"rate_limit": 10, "retry_after": True},
    "invisible at first": {"invisible_seconds": 1.0},
}
"""Every value of every knob besides the first, which all other tests have. Those that could hide one another, or that
need one another, do not share a life.
"""


def test_every_value_of_every_knob_is_tried() -> None:
    for knob, kind in get_type_hints(Knobs).items():
        tried = {life[knob] for life in LIVES.values() if knob in life}
        usual = getattr(Knobs(), knob)
        assert tried, f"{knob} is never turned"
        if kind is bool or get_origin(kind) is Literal:
            assert tried | {usual} == set(get_args(kind) or (True, False)), knob


@pytest.mark.parametrize("knobs", LIVES.values(), ids=LIVES)
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


REFUSALS = ("seats_exhausted_status", "seats_exhausted_code", "error_body")
SEATS: list[dict[str, Any]] = [
    {},
    *({knob: life[knob]} for life in LIVES.values() for knob in REFUSALS if knob in life),
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
