"""What the engine counts on, whatever the application behind it.

Subclass and give a `target` and a `context`; the application begins without the people that are named here.
"""

from typing import Any

from provisioning.connectors.base import AccountContext, Creation, Outcome, RoleGrant, Target
from provisioning.errors import ObjectError

ADELE = {"userName": "adele@contoso.example", "name.givenName": "Adele", "name.familyName": "Vance"}
BRITTA = {"userName": "britta@contoso.example", "name.givenName": "Britta", "name.familyName": "Simon"}


class TargetContract:
    grants: tuple[RoleGrant, ...] = ()

    def creation(self, target: Target, context: AccountContext, person: dict[str, Any]) -> tuple[Creation, Any]:
        wanted = {**person, "active": True, "suppressEmail": True}
        resolution = target.resolve(wanted, roles=self.grants, context=context)
        return Creation(resolution.attributes), resolution.shared

    def create(self, target: Target, context: AccountContext, *people: dict[str, Any]) -> list[Outcome]:
        creations = [self.creation(target, context, person) for person in people]
        return target.create([creation for creation, _ in creations], creations[0][1])

    def key_of(self, target: Target, context: AccountContext, person: dict[str, Any] = ADELE) -> str:
        account = self.create(target, context, person)[0].account
        assert account is not None
        return account.key

    def test_the_credentials_can_be_proved(self, target: Target) -> None:
        assert target.prove().account_key

    def test_every_check_of_a_good_connection_passes(self, target: Target) -> None:
        assert {check.status for check in target.check()} == {"passed"}

    def test_nobody_is_found_where_nobody_matches(self, target: Target) -> None:
        assert target.find("userName", "nobody@contoso.example") == []
        assert target.get("4999999999999999999") is None

    def test_who_was_created_is_found_by_address_by_key_and_in_the_listing(
        self, target: Target, context: AccountContext
    ) -> None:
        key = self.key_of(target, context)

        found = target.find("userName", "Adele@Contoso.example")
        read = target.get(key)
        listed = {account.key: account for page in target.list_accounts() for account in page}

        assert [account.key for account in found] == [key]
        assert read is not None and read.attributes == found[0].attributes == listed[key].attributes
        assert target.is_active(read.attributes)

    def test_what_was_written_reads_back_equal_to_what_was_wanted(
        self, target: Target, context: AccountContext
    ) -> None:
        creation, _ = self.creation(target, context, ADELE)
        key = self.key_of(target, context)

        read = target.get(key)

        assert read is not None
        resolution = target.resolve({**ADELE, "active": True}, roles=self.grants, context=context)
        assert {name: read.attributes[name] for name in resolution.attributes} == resolution.attributes
        assert creation.attributes.keys() >= resolution.attributes.keys()

    def test_several_people_are_created_at_once_in_their_order(self, target: Target, context: AccountContext) -> None:
        outcomes = self.create(target, context, BRITTA, ADELE)

        names = [outcome.account and outcome.account.attributes["userName"] for outcome in outcomes]
        assert names == ["britta@contoso.example", "adele@contoso.example"]
        assert len({outcome.account.key for outcome in outcomes if outcome.account}) == 2

    def test_a_disabled_account_stays_is_inactive_and_can_be_enabled_again(
        self, target: Target, context: AccountContext
    ) -> None:
        key = self.key_of(target, context)
        before = target.get(key)
        assert before is not None

        outcome = target.update(key, target.disabled(before.attributes))
        disabled = target.get(key)

        assert outcome.error is None
        assert disabled is not None and not target.is_active(disabled.attributes)
        assert target.disabled(disabled.attributes).items() <= disabled.attributes.items()

        enabling = target.resolve({**ADELE, "active": True}, roles=self.grants, context=context).attributes
        changes = {name: value for name, value in enabling.items() if disabled.attributes.get(name) != value}
        assert target.update(key, changes).error is None
        enabled = target.get(key)
        assert enabled is not None and target.is_active(enabled.attributes)

    def test_an_update_changes_what_it_names_and_nothing_else(self, target: Target, context: AccountContext) -> None:
        key = self.key_of(target, context)
        before = target.get(key)

        outcome = target.update(key, {"name.familyName": "Vance-Berg"})
        after = target.get(key)

        assert before is not None and after is not None
        assert outcome.account is not None and outcome.account.attributes["name.familyName"] == "Vance-Berg"
        changed = {name for name, value in after.attributes.items() if before.attributes.get(name) != value}
        assert changed == {"name.familyName", "displayName"}

    def test_writing_to_an_account_that_is_gone_says_so(self, target: Target) -> None:
        outcome = target.update("4999999999999999999", {"name.givenName": "Nobody"})

        assert isinstance(outcome.error, ObjectError)
        assert outcome.error.code == "InvalidAnchor"

    def test_deleting_twice_is_deleting(self, target: Target, context: AccountContext) -> None:
        key = self.key_of(target, context)

        assert target.delete(key).error is None
        assert target.get(key) is None
        assert target.delete(key).error is None

    def test_every_outcome_carries_the_facts_of_its_request(self, target: Target, context: AccountContext) -> None:
        outcome = self.create(target, context, ADELE)[0]

        assert outcome.request is not None and outcome.request.status is not None
        assert (outcome.request.attempts, outcome.request.duration.total_seconds() > 0) == (1, True)
