"""Many people at once, assigned through one group: for tests about arrays, seats, the pace and crashes."""

import json

from tests.world import USER, World


def hire(world: World, count: int, *, named: str = "Ada", group: str = "Everybody", role: str = USER) -> list[str]:
    """Addresses of `count` new people, all of them members of a new group that is assigned with the role."""
    names = [f"{named} Number{number:03}" for number in range(count)]
    addresses = [f"{name.lower().replace(' ', '.')}@contoso.example" for name in names]
    world.sandbox.control.seed(
        users=[
            {"displayName": name, "givenName": named, "surname": name.split()[1], "userPrincipalName": address}
            for name, address in zip(names, addresses, strict=True)
        ],
        groups=[{"displayName": group, "members": addresses}],
        assignments=[{"principal": group, "role": role, "application": "GoToMeeting"}],
    )
    return addresses


def creations(world: World, *, answered: bool = False) -> list[list[str]]:
    """The addresses of each creation that GoTo was asked for since requests were forgotten, in order.

    `answered`: only those whose answer left; without, also those whose connection was cut or is left hanging.
    """
    requests = [row for row in world.goto_requests("POST") if row["path"].endswith("/users")]
    return [
        [user["email"].lower() for user in json.loads(row["body"])["users"]]
        for row in requests
        if row["status"] is not None or not answered
    ]
