"""Creating accounts, many in one request, each judged by itself.

What GoTo answers when seats are used up, and where exactly it expects the licences, was never published: a refusal is
explained by reading the state anew, not by its status.

Source: GoTo Developer, "Create User", "How to create, update and delete account users via Admin API".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from provisioning.connectors.base import Account, Attributes, Creation, Outcome, RequestFacts
from provisioning.connectors.goto.accounts import fields_of, holds_something, key_of, person_of, texts
from provisioning.connectors.goto.changing import Changing
from provisioning.connectors.goto.client import GoToClient
from provisioning.connectors.goto.context import AccountReader
from provisioning.connectors.goto.refusals import Refusals
from provisioning.connectors.goto.users import Users
from provisioning.connectors.sending import Answer
from provisioning.errors import Conflict, Halted, OutcomeUnknown, ProvisioningError
from provisioning.sentences import Sentence

LINKED = Sentence("linked to existing account")
_LICENCES = "licenseKeys"


@dataclass(frozen=True)
class _Order:
    """What one request is to create."""

    people: Sequence[Creation]
    shared: Attributes
    facts: RequestFacts

    @property
    def licences(self) -> list[str]:
        return texts(self.shared.get(_LICENCES))


class Creating:
    """`array_limit` is lowered for the life of the object when GoTo says that it takes less."""

    def __init__(
        self,
        client: GoToClient,
        account: AccountReader,
        users: Users,
        changing: Changing,
        refusals: Refusals,
        *,
        array_limit: int,
    ) -> None:
        self._client, self._account, self._users = client, account, users
        self._changing, self._refusals = changing, refusals
        self.array_limit = array_limit
        self._licences_inside = False
        self._placement_proved = False

    def create(self, people: Sequence[Creation], shared: Attributes, facts: RequestFacts) -> list[Outcome]:
        """An Outcome for each person, in their order. Raises what refuses the request as a whole."""
        order, inside = _Order(people, shared, facts), self._licences_inside
        answer = self._post(order, inside=inside)
        return self._judge(answer, order, inside=inside) if answer.ok else self._refused(answer, order, inside=inside)

    def _post(self, order: _Order, *, inside: bool) -> Answer:
        """`inside`: the licences go into each user's object instead of beside the list of users."""
        groups = self._changing.groups_for(order.shared)
        fields = fields_of(order.shared, licence_field=_LICENCES, groups=groups)
        each = {_LICENCES: fields.pop(_LICENCES)} if inside and _LICENCES in fields else {}
        body = {"users": [{**person_of(person.attributes), **each} for person in order.people], **fields}
        path = self._account.path("users")
        query = {"allOrNothing": "false"}
        return self._client.request("POST", path, query=query, body=body, idempotent=False, facts=order.facts)

    def _refused(self, answer: Answer, order: _Order, *, inside: bool) -> list[Outcome]:
        """Nothing was created: look for the reason, from the one that a state shows to the one that GoTo names."""
        self._refusals.raise_if_seats_are_short(order.licences, len(order.people))
        if answer.status == 413:
            self.array_limit = max(1, len(order.people) // 2)
            raise self._refusals.rejected(answer)
        if answer.status not in (401, 403):
            if order.licences and not self._placement_proved:
                again = self._post(order, inside=not inside)
                if again.ok:
                    self._licences_inside = not inside
                    return self._judge(again, order, inside=not inside)
            if len(order.people) == 1 and (existing := self._look_for(order.people[0])) is not None:
                return [Outcome(account=existing, request=order.facts, note=LINKED)]
        raise self._refusals.error(answer)

    def _judge(self, answer: Answer, order: _Order, *, inside: bool) -> list[Outcome]:
        elements = _by_address(answer.data)
        outcomes = []
        for person in order.people:
            element = elements.get(_address(person))
            key = key_of(element) if element is not None else ""
            if key:
                outcomes.append(Outcome(account=_written(key, person, order.shared), request=order.facts))
            else:
                outcomes.append(self._without_key(person, order, answered=element is not None))
        self._prove_placement(outcomes, order, inside=inside)
        return outcomes

    def _without_key(self, person: Creation, order: _Order, *, answered: bool) -> Outcome:
        """An element without a key was not created, or not told of: only looking can say which."""
        try:
            existing = self._look_for(person)
            if existing is not None:
                return Outcome(account=existing, request=order.facts, note=LINKED if answered else "")
            self._refusals.raise_if_seats_are_short(order.licences, 1)
        except Halted:  # the others' outcomes must not be lost with it
            answered = False
        except ProvisioningError as exc:
            return Outcome(error=exc, request=order.facts)
        error: ProvisioningError = Conflict(
            Sentence(
                "The address is used in another GoTo account, whose owner has been invited to move. Once that is "
                "accepted the account is taken over."
            )
        )
        if not answered:
            error = OutcomeUnknown(
                Sentence("Whether GoTo created this person is looked up before anything is sent again.")
            )
        return Outcome(error=error, request=order.facts)

    def _look_for(self, person: Creation) -> Account | None:
        return self._users.look_for(_address(person), known_address=self._account.owner.email)

    def _prove_placement(self, outcomes: Sequence[Outcome], order: _Order, *, inside: bool) -> None:
        """Once: whether the licences arrived where they were put. If not, give them now and put them elsewhere then."""
        created = [outcome for outcome in outcomes if outcome.account is not None and outcome.note != LINKED]
        if self._placement_proved or not order.licences or not created or created[0].account is None:
            return
        try:
            seen = self._users.get(created[0].account.key)
        except ProvisioningError:  # what was created stays created, whatever became of looking at it
            return
        if seen is None:  # still invisible; the next creation is as good a proof
            return
        if texts(seen.attributes.get(_LICENCES)) == order.licences:
            self._placement_proved = True
            return
        self._licences_inside = not inside
        for outcome in created:
            if outcome.account is not None:
                self._give_licences(outcome, outcome.account.key, order)

    def _give_licences(self, outcome: Outcome, key: str, order: _Order) -> None:
        try:
            facts = RequestFacts("PUT", f"{order.facts.path}/{key}")
            self._changing.update(key, {_LICENCES: order.licences}, facts)
        except ProvisioningError:
            outcome.note = Sentence("created without a licence, which is given in the next cycle")
            if outcome.account is not None:
                outcome.account.attributes[_LICENCES] = []


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
