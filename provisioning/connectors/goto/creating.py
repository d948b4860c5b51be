"""Creating accounts, many in one request, each judged by itself.

What GoTo answers when seats are used up, and where exactly it expects the licences, was never published: a refusal is
explained by reading the state anew, not by its status.

Source: GoTo Developer, "Create User", "How to create, update and delete account users via Admin API".
"""

from collections.abc import Sequence
from typing import Any

from provisioning.connectors.base import Account, Attributes, Creation, Outcome, RequestFacts
from provisioning.connectors.goto.accounts import fields_of, holds_something, key_of, person_of, texts
from provisioning.connectors.goto.changing import Changing
from provisioning.connectors.goto.client import GoToClient
from provisioning.connectors.goto.context import AccountReader
from provisioning.connectors.goto.refusals import Refusals
from provisioning.connectors.goto.users import Users
from provisioning.connectors.sending import Answer
from provisioning.errors import Conflict, OutcomeUnknown, ProvisioningError

LINKED = "linked to existing account"
LARGEST_ARRAY = 100
_LICENCES = "licenseKeys"


class Creating:
    """`array_limit` is lowered for the life of the object when GoTo says that it takes less."""

    def __init__(
        self, client: GoToClient, account: AccountReader, users: Users, changing: Changing, refusals: Refusals
    ) -> None:
        self._client, self._account, self._users = client, account, users
        self._changing, self._refusals = changing, refusals
        self.array_limit = LARGEST_ARRAY
        self._licences_inside = False
        self._placement_proved = False

    def create(self, people: Sequence[Creation], shared: Attributes, facts: RequestFacts) -> list[Outcome]:
        """An Outcome for each person, in their order. Raises what refuses the request as a whole."""
        answer = self._post(people, shared, facts)
        if not answer.ok:
            return self._refused(answer, people, shared, facts)
        return self._judge(answer, people, shared, facts)

    def _post(self, people: Sequence[Creation], shared: Attributes, facts: RequestFacts) -> Answer:
        fields = fields_of(shared, licence_field=_LICENCES, groups=self._changing.groups_for(shared))
        inside = {_LICENCES: fields.pop(_LICENCES)} if self._licences_inside and _LICENCES in fields else {}
        body = {"users": [{**person_of(person.attributes), **inside} for person in people], **fields}
        query = {"allOrNothing": "false"}
        path = self._account.path("users")
        return self._client.request("POST", path, query=query, body=body, idempotent=False, facts=facts)

    def _refused(
        self, answer: Answer, people: Sequence[Creation], shared: Attributes, facts: RequestFacts
    ) -> list[Outcome]:
        """Nothing was created: look for the reason, from the one that a state shows to the one that GoTo names."""
        self._refusals.raise_if_seats_are_short(texts(shared.get(_LICENCES)), len(people))
        if answer.status == 413:
            self.array_limit = max(1, len(people) // 2)
            raise self._refusals.rejected(answer)
        if shared.get(_LICENCES) and not self._placement_proved and answer.status not in (401, 403):
            self._licences_inside = not self._licences_inside
            again = self._post(people, shared, facts)
            if again.ok:
                return self._judge(again, people, shared, facts)
            self._licences_inside = not self._licences_inside
        if len(people) == 1 and answer.status not in (401, 403):
            existing = self._look_for(people[0])
            if existing is not None:
                return [Outcome(account=existing, request=facts, note=LINKED)]
        raise self._refusals.error(answer)

    def _judge(
        self, answer: Answer, people: Sequence[Creation], shared: Attributes, facts: RequestFacts
    ) -> list[Outcome]:
        elements = _by_address(answer.data)
        outcomes = []
        for person in people:
            element = elements.get(_address(person))
            key = key_of(element) if element is not None else ""
            if key:
                outcomes.append(Outcome(account=_written(key, person, shared), request=facts))
            else:
                outcomes.append(self._without_key(person, shared, facts, answered=element is not None))
        self._prove_placement(outcomes, shared)
        return outcomes

    def _without_key(self, person: Creation, shared: Attributes, facts: RequestFacts, *, answered: bool) -> Outcome:
        """An element without a key was not created, or not told of: only looking can say which."""
        try:
            existing = self._look_for(person)
            if existing is not None:
                return Outcome(account=existing, request=facts, note=LINKED if answered else "")
            self._refusals.raise_if_seats_are_short(texts(shared.get(_LICENCES)), 1)
        except ProvisioningError as exc:
            return Outcome(error=exc, request=facts)
        error: ProvisioningError = Conflict(
            "The address is used in another GoTo account, whose owner has been invited to move. Once that is accepted "
            "the account is taken over."
        )
        if not answered:
            error = OutcomeUnknown(
                "GoTo's answer did not mention this person; it is looked up before anything is sent."
            )
        return Outcome(error=error, request=facts)

    def _look_for(self, person: Creation) -> Account | None:
        return self._users.look_for(_address(person), known_address=self._account.owner.email)

    def _prove_placement(self, outcomes: Sequence[Outcome], shared: Attributes) -> None:
        """Once: whether the licences arrived where they were put. If not, give them now and put them elsewhere then."""
        wanted = texts(shared.get(_LICENCES))
        created = [outcome for outcome in outcomes if outcome.account is not None and outcome.note != LINKED]
        if self._placement_proved or not wanted or not created or created[0].account is None:
            return
        seen = self._users.get(created[0].account.key)
        if seen is None:  # still invisible; the next creation is as good a proof
            return
        if texts(seen.attributes.get(_LICENCES)) == wanted:
            self._placement_proved = True
            return
        self._licences_inside = not self._licences_inside
        for outcome in created:
            if outcome.account is not None and outcome.request is not None:
                given = self._changing.update(outcome.account.key, {_LICENCES: wanted}, outcome.request)
                outcome.error, outcome.account = given.error, outcome.account if given.error is None else None


def _by_address(data: Any) -> dict[str, dict[str, Any]]:
    """The elements of an answer by lower-case address; an empty dict when it is no such answer."""
    if isinstance(data, dict):
        data = next((data[name] for name in ("users", "results") if isinstance(data.get(name), list)), [data])
    if not isinstance(data, list):
        return {}
    return {
        str(element["email"]).casefold(): element
        for element in data
        if isinstance(element, dict) and "email" in element
    }


def _address(person: Creation) -> str:
    return str(person.attributes.get("userName") or "").casefold()


def _written(key: str, person: Creation, shared: Attributes) -> Account:
    """The new account as far as it is known without reading it: as it was asked for."""
    attributes = {**person.attributes, **shared}
    attributes.pop("suppressEmail", None)
    first, last = attributes.get("name.givenName") or "", attributes.get("name.familyName") or ""
    attributes |= {"displayName": f"{first} {last}".strip(), "active": holds_something(attributes)}
    return Account(key, attributes)
