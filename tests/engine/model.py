"""The rules of provisioning once more, small and slow, from what the directory and the account show: to compare with.

It shares no line with the product. It knows who should have what, and lets a cycle end in exactly one way.
"""

from dataclasses import dataclass, replace
from typing import Any

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Seen:
    """An account of GoTo as far as provisioning concerns it."""

    email: str
    first: str
    last: str
    products: tuple[str, ...]

    @classmethod
    def of(cls, user: dict[str, Any]) -> "Seen":
        return cls(user["email"].lower(), user["firstName"], user["lastName"], tuple(user["products"]))


class Model:
    """`accounts`: account key → what it shows; `owners`: person → key of the account that was theirs last."""

    def __init__(self, roles: dict[str, str], application: str) -> None:
        self.roles = roles  # role id → product
        self.application = application
        self.accounts: dict[str, Seen] = {}
        self.owners: dict[str, str] = {}

    def products(self, directory: dict[str, Any], person: str) -> tuple[str, ...] | None:
        """None: nothing that entitles reaches this person."""
        user = next((user for user in directory["users"] if user["id"] == person), None)
        if user is None or not user["accountEnabled"]:
            return None
        groups = {group["id"] for group in directory["groups"] if person in group["members"]}
        given = {
            self.roles[row["appRoleId"]]
            for row in directory["assignments"]
            if row["resourceId"] == self.application
            and row["principalId"] in {person, *groups}
            and row["appRoleId"] in self.roles
        }
        if not given:
            return None
        return ("G2W",) if "G2W" in given else ("G2M",)  # a webinar licence brings meetings along

    def forget(self, key: str) -> None:
        """Somebody removed the account by hand."""
        self.accounts.pop(key, None)

    def expect(self, directory: dict[str, Any], accounts: dict[str, Seen]) -> dict[str, Seen]:
        """Address → what it must show after a cycle that begins with these accounts (key → what it shows)."""
        result = dict(accounts)
        people = {user["id"]: user for user in directory["users"]}
        arriving, leaving = {}, set()
        for person in {*people, *self.owners}:
            products = self.products(directory, person)
            if products is None:
                leaving.add(person)
            else:
                user = people[person]
                wanted = Seen(user["userPrincipalName"].lower(), user["givenName"], user["surname"], products)
                arriving[person] = wanted
        taken = {
            key
            for person, wanted in arriving.items()
            for key in (self._key(person, wanted, accounts, leaving),)
            if key is not None
        }
        for person in leaving:
            key = self.owners.get(person)
            if key in result and key not in taken:
                result[key] = replace(result[key], products=())
        for person, wanted in arriving.items():
            key = self._key(person, wanted, accounts, leaving)
            result[key or f"new account of {person}"] = wanted
        return {seen.email: seen for seen in result.values()}

    def _key(self, person: str, wanted: Seen, accounts: dict[str, Seen], leaving: set[str]) -> str | None:
        own = self.owners.get(person)
        if own in accounts and self._owner(own) == person:
            return own
        for key, seen in accounts.items():
            if seen.email == wanted.email and self._owner(key) in {None, *leaving}:
                return key
        return None

    def _owner(self, key: str) -> str | None:
        return next((person for person, owned in self.owners.items() if owned == key), None)

    def learn(self, directory: dict[str, Any], accounts: dict[str, Seen]) -> None:
        """After a cycle: whose account is whose, by the addresses of those who are entitled."""
        for user in directory["users"]:
            if self.products(directory, user["id"]) is None:
                continue
            for key, seen in accounts.items():
                if seen.email == user["userPrincipalName"].lower():
                    self.owners = {who: owned for who, owned in self.owners.items() if owned != key}
                    self.owners[user["id"]] = key
        self.accounts = accounts
