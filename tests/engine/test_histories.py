"""Random histories of people, compared after every cycle with a small independent model of the rules.

Twelve people live through six rounds in each world: each of them is a history. Checked after every cycle: the account
is as the model says, strangers are as they were, nobody was written to twice, every write has its row in the log.
"""

import json
import random
from typing import Any

import pytest
from django.conf import settings

from provisioning.models import Change
from tests.engine.model import Model, Seen
from tests.world import USER, WEBINAR, World

PEOPLE, ROUNDS = 12, 6
WORLDS = 17 if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else 4
"""Two hundred histories on the embedded database; the rules are the same on the other, so fewer do there."""
STRANGER = "stranger@contoso.example"
GIVEN = ["Ada", "Britta", "Chidi", "Dewi", "Emre", "Fleur", "Goran", "Hana", "Ivo", "Jun", "Kaya", "Lars"]
SURNAMES = ["Simon", "de Vries", "Okafor", "Nguyen", "Müller", "Ó Briain", "Kowalska"]


class History:
    """A world and the things that can happen in it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice, self.seed = world, random.Random(seed), seed
        world.sandbox.control.seed(
            accounts=[{"email": STRANGER, "firstName": "A", "lastName": "Stranger", "products": ["G2M"]}]
        )
        self.people: dict[str, str] = {}
        self.deleted: dict[str, str] = {}
        self.groups = [world.add_group("Sales"), world.add_group("Marketing")]
        self.roles = {world.role_id(USER): "G2M", world.role_id(WEBINAR): "G2W"}
        self.model = Model(self.roles, world.application.service_principal_id)
        self.by_hand = False
        self.count = 0
        for given in GIVEN[:PEOPLE]:
            self._arrive(given)

    def _arrive(self, given: str) -> None:
        self.count += 1
        person = self.world.add_user(
            f"{given} {self.dice.choice(SURNAMES)}",
            mailNickname=f"n{self.count}",
            userPrincipalName=f"{given.lower()}{self.count}@contoso.example",
            mail=None,
        )
        self.people[person] = given

    def live(self) -> None:
        for person in list(self.people):
            self.dice.choice(self.ways)(self, person)
        if self.dice.random() < 0.4:
            self._group_event()

    # --- what may happen to a person ------------------------------------------------------------------------

    def nothing(self, person: str) -> None:
        return

    def rename(self, person: str) -> None:
        self.world.change_user(person, surname=self.dice.choice(SURNAMES))

    def move(self, person: str) -> None:
        self.count += 1
        address = f"{self.people[person].lower()}{self.count}@contoso.example"
        self.world.change_user(person, userPrincipalName=address)

    def block(self, person: str) -> None:
        self.world.change_user(person, accountEnabled=False)

    def unblock(self, person: str) -> None:
        self.world.change_user(person, accountEnabled=True)

    def assign(self, person: str) -> None:
        role = self.dice.choice(list(self.roles))
        if role not in {row["appRoleId"] for row in self._assignments(person)}:
            self.world.assign(person, {"G2M": USER, "G2W": WEBINAR}[self.roles[role]])

    def unassign(self, person: str) -> None:
        for row in self._assignments(person)[:1]:
            self.world.unassign(row["id"])

    def join(self, person: str) -> None:
        group = self.dice.choice(self.groups)
        if person not in self._members(group):
            self.world.join(group, person)

    def leave(self, person: str) -> None:
        for group in self.groups:
            if person in self._members(group):
                self.world.leave(group, person)

    def bin(self, person: str) -> None:
        self.world.delete_user(person)
        self.deleted[person] = self.people.pop(person)

    def restore(self, person: str) -> None:
        if self.deleted:
            back = self.dice.choice(list(self.deleted))
            self.world.restore_user(back)
            self.people[back] = self.deleted.pop(back)

    def purge(self, person: str) -> None:
        if self.deleted:
            gone = self.dice.choice(list(self.deleted))
            self.world.purge_user(gone)
            del self.deleted[gone]

    def rehire(self, person: str) -> None:
        """Deleted for good and hired again with the same address."""
        user = next(user for user in self._directory()["users"] if user["id"] == person)
        self.world.delete_user(person)
        self.world.purge_user(person)
        given = self.people.pop(person)
        self.count += 1
        again = self.world.add_user(
            f"{given} {user['surname']}",
            mailNickname=f"n{self.count}",
            userPrincipalName=user["userPrincipalName"],
            mail=None,
        )
        self.people[again] = given
        self.world.assign(again)

    def remove_by_hand(self, person: str) -> None:
        key = self.model.owners.get(person)
        email = next((seen.email for own, seen in self._accounts().items() if own == key), None)
        if email:
            self.world.sandbox.control.delete_goto_user(email)
            self.by_hand = True

    def edit_by_hand(self, person: str) -> None:
        key = self.model.owners.get(person)
        email = next((seen.email for own, seen in self._accounts().items() if own == key), None)
        if email:
            self.world.sandbox.control.edit_goto_user(email, lastName=f"Edited{self.count}")
            self.by_hand = True

    ways = [
        nothing, nothing, nothing, rename, move, block, unblock, assign, assign, assign, unassign, join, join, leave,
        bin, restore, purge, rehire, remove_by_hand, edit_by_hand,
    ]  # fmt: skip

    def _group_event(self) -> None:
        group = self.dice.choice(self.groups)
        held = self._assignments(group)
        if held:
            self.world.unassign(held[0]["id"])
        else:
            self.world.assign(group, self.dice.choice([USER, WEBINAR]))

    # --- what there is --------------------------------------------------------------------------------------

    def _directory(self) -> dict[str, Any]:
        return self.world.sandbox.control.directory()

    def _assignments(self, principal: str) -> list[dict[str, Any]]:
        rows = self._directory()["assignments"]
        own = [row for row in rows if row["resourceId"] == self.world.application.service_principal_id]
        return [row for row in own if row["principalId"] == principal]

    def _members(self, group: str) -> list[str]:
        return next(each["members"] for each in self._directory()["groups"] if each["id"] == group)

    def _accounts(self) -> dict[str, Seen]:
        users = self.world.managed()
        return {user["key"]: Seen.of(user) for email, user in users.items() if email != STRANGER}

    # --- a cycle --------------------------------------------------------------------------------------------

    def cycle(self, round_number: int) -> None:
        world, before, directory = self.world, self._accounts(), self._directory()
        stranger = world.goto()[STRANGER]
        expected = self.model.expect(directory, before)
        world.forget_requests()
        marker = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

        finished = world.run_cycle(full=self.by_hand)

        after, where = self._accounts(), f"seed {self.seed}, round {round_number}"
        assert finished.state == "Succeeded", (where, list(Change.objects.filter(status="failure").values()))
        assert {seen.email: seen for seen in after.values()} == expected, where
        assert world.goto()[STRANGER] == stranger, where
        rows = Change.objects.filter(pk__gt=marker, status="success")
        written = list(rows.values_list("subject_id", flat=True))
        assert len(written) == len(set(written)), f"{where}: somebody was written to twice"
        elements = sum(_elements(row) for row in world.goto_writes())
        assert elements == len(written), f"{where}: {elements} writes, {len(written)} rows in the log"
        self.model.learn(directory, after)
        self.by_hand = False


def _elements(request: dict[str, Any]) -> int:
    """People that one write names."""
    if request["method"] != "POST":
        return 1
    body = request["body"]
    return len((json.loads(body) if isinstance(body, str) else body)["users"])


@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_random_history_ends_as_the_rules_say(world: World, seed: int) -> None:
    history = History(world, seed)
    for round_number in range(ROUNDS):
        history.live()
        history.cycle(round_number)
        world.forget_requests()
    quiet = world.run_cycle()
    assert quiet.state == "Succeeded"
    assert world.goto_writes() == [], "nothing has changed, so nothing is written"
