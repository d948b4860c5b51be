"""Contoso's GoTo account as it is before anybody has touched it."""

from sandbox.entra.directory import DirectoryObject
from sandbox.goto.accounts import (
    FIRST_ACCOUNT_KEY,
    FIRST_GROUP_KEY,
    FIRST_LICENSE_KEY,
    FIRST_USER_KEY,
    SUPER_USER,
    Account,
    Client,
    GoTo,
    Group,
    License,
    Obstacle,
    SignIn,
    User,
)
from sandbox.identifiers import secret

ADMINISTRATOR = "provisioning@contoso.example"
MANAGER = "office.manager@contoso.example"
REPORTER = "reports@contoso.example"
MEMBER = "member@contoso.example"
OBSTACLES: dict[str, Obstacle] = {
    "locked@contoso.example": "locked",
    "sso@contoso.example": "company sign-in",
    "mfa@contoso.example": "second factor",
}
STRANGERS = (
    ("Henk", "Jansen", "henk@retired.example"),
    ("Ida", "Storm", "ida@agency.example"),
    ("Meeting", "Room", "room1@contoso.example"),
)
ELSEWHERE = ("freelancer@agency.example", "known.elsewhere@contoso.example")
SPARE_SEATS = 200
ADOPTED = 4


def found_account(seed: str, directory_users: list[DirectoryObject], seats: int, *, empty: bool) -> GoTo:
    """The account with its administrators; unless empty, also with strangers and people who were there before us."""
    account = Account(FIRST_ACCOUNT_KEY, "Contoso Meetings", FIRST_USER_KEY)
    products = (
        ("GoToMeeting Business", ["G2M"], seats),
        ("GoToWebinar Pro", ["G2W"], 100),
        ("GoToTraining", ["G2T"], 25),
    )
    for offset, (description, product, amount) in enumerate(products):
        key = FIRST_LICENSE_KEY + offset
        account.licenses[key] = License(key, description, product, amount)
    for offset, name in enumerate(("Main office", "Remote")):
        account.groups[FIRST_GROUP_KEY + offset] = Group(FIRST_GROUP_KEY + offset, name)
    account.role_sets = {1: "Help desk"}
    goto = GoTo({account.key: account}, elsewhere=list(ELSEWHERE))
    add_other_account(goto)
    goto.clients = {
        "rollcall": Client(
            "rollcall",
            secret(seed, "goto client"),
            redirect_uris=["http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost"],
        )
    }
    add_administrators(goto, account, seed)
    if not empty:
        add_lesser_staff(goto, account, seed)
        add_residents(account, directory_users)
    return goto


def add_other_account(goto: GoTo) -> None:
    """An account of somebody else, so that not every key is ours."""
    key = FIRST_ACCOUNT_KEY + 1
    other = Account(key, "Fabrikam", FIRST_USER_KEY + 10**12)
    join(other, User(0, "owner@fabrikam.example", "Femi", "Brik", admin_roles=[SUPER_USER], accepted=True))
    goto.accounts[key] = other


def add_administrators(goto: GoTo, account: Account, seed: str) -> None:
    """A super user and a manager, and people whom something keeps from signing in with a password."""
    join(account, User(0, ADMINISTRATOR, "Prov", "Robot", admin_roles=[SUPER_USER], accepted=True))
    rights = ["MANAGE_USERS", "ADD_USERS", "MANAGE_SEATS"]
    join(account, User(0, MANAGER, "Olga", "Manager", admin_roles=rights, accepted=True))
    for email in (ADMINISTRATOR, MANAGER):
        goto.sign_ins[email] = SignIn(email, password_of(seed, email))
    for email, obstacle in OBSTACLES.items():
        goto.sign_ins[email] = SignIn(email, password_of(seed, email), obstacle=obstacle)


def add_lesser_staff(goto: GoTo, account: Account, seed: str) -> None:
    """People who can sign in and may do little."""
    join(account, User(0, REPORTER, "Remy", "Porter", admin_roles=["RUN_REPORTS"], accepted=True))
    join(account, User(0, MEMBER, "Mem", "Ber", license_keys=[FIRST_LICENSE_KEY], accepted=True))
    for email in (REPORTER, MEMBER):
        goto.sign_ins[email] = SignIn(email, password_of(seed, email), org_admin=email == REPORTER)


def password_of(seed: str, email: str) -> str:
    return secret(seed, email)[:16]


def add_residents(account: Account, directory_users: list[DirectoryObject]) -> None:
    meeting = FIRST_LICENSE_KEY
    for first, last, email in STRANGERS:
        join(account, User(0, email, first, last, license_keys=[meeting], accepted=True))
    for user in directory_users[:ADOPTED]:
        names = user.properties
        first, last = names["givenName"], (names["surname"] or "Unknown")
        join(account, User(0, names["userPrincipalName"], first, last, license_keys=[meeting], accepted=True))


def join(account: Account, user: User) -> None:
    user.key = account.next_user_key
    account.next_user_key += 1
    account.add(user)
