"""Plausible people: one language each, names in their own script, ASCII user principal names."""

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

DEPARTMENTS = {
    "Sales": ("Account Manager", "Sales Representative", "Sales Director"),
    "Marketing": ("Content Editor", "Campaign Manager", "Brand Manager"),
    "Finance": ("Controller", "Accountant", "Treasurer"),
    "Engineering": ("Software Engineer", "Test Engineer", "Principal Architect"),
    "Customer Support": ("Support Engineer", "Team Lead Support", "Service Manager"),
    "Human Resources": ("Recruiter", "HR Business Partner", "Payroll Officer"),
    "Operations": ("Planner", "Logistics Coordinator", "Plant Manager"),
    "Legal": ("Legal Counsel", "Paralegal", "Compliance Officer"),
    "Training": ("Trainer", "Instructional Designer", "Training Coordinator"),
    "IT": ("System Administrator", "Service Desk Agent", "Security Officer"),
}
# Letters that Unicode does not take apart, as their owners spell them in ASCII.
SPELLED = str.maketrans({
    "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe",
})  # fmt: skip


@cache
def locales() -> dict[str, dict[str, Any]]:
    """Locale → its weight, country, cities and names; a name in another script is [name, Latin spelling]."""
    found: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("names.json").read_text("utf-8"))
    return found


def latin(name: str | list[str]) -> str:
    """The letters of a name in ASCII.

    >>> latin("van den Berg"), latin("Łukasz"), latin(["田中", "Tanaka"])
    ('vandenberg', 'lukasz', 'tanaka')
    """
    text = name if isinstance(name, str) else name[1]
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())


@cache
def spellings(locale: str, part: str) -> list[tuple[str, str]]:
    """(as its owner writes it, in ASCII) of a locale's first or last names."""
    return [(name if isinstance(name, str) else name[0], latin(name)) for name in locales()[locale][part]]


def people(dice: random.Random, domain: str) -> Iterator[dict[str, Any]]:
    """Graph properties of one person after the other, without end; no userPrincipalName comes twice."""
    names = list(locales())
    weights = [locales()[name]["weight"] for name in names]
    taken: dict[str, int] = {}
    number = 0
    while True:
        for locale in dice.choices(names, weights, k=100):
            number += 1
            yield person(dice, locale, domain, number, taken)


def person(dice: random.Random, locale: str, domain: str, number: int, taken: dict[str, int]) -> dict[str, Any]:
    first, first_ascii = dice.choice(spellings(locale, "first"))
    last, last_ascii = dice.choice(spellings(locale, "last"))
    local = f"{first_ascii}.{last_ascii}"
    taken[local] = taken.get(local, 0) + 1
    if taken[local] > 1:
        local += str(taken[local])
    facts = locales()[locale]
    department = dice.choice(list(DEPARTMENTS))
    address = f"{local}@{domain}"
    return {
        "userPrincipalName": address,
        "displayName": f"{last} {first}" if facts.get("family_first") else f"{first} {last}",
        "givenName": first,
        "surname": last,
        "mail": address,
        "mailNickname": local,
        "accountEnabled": True,
        "userType": "Member",
        "department": department,
        "jobTitle": dice.choice(DEPARTMENTS[department]),
        "employeeId": f"{100_000 + number}",
        "companyName": "Contoso",
        "city": dice.choice(facts["city"]),
        "country": facts["country"],
        "usageLocation": facts["usageLocation"],
        "preferredLanguage": locale,
        "businessPhones": [f"+31 20 555 {dice.randrange(10_000):04}"],
        "mobilePhone": f"+31 6 5550 {dice.randrange(10_000):04}",
        "officeLocation": f"{dice.randrange(1, 9)}.{dice.randrange(1, 60):02}",
        "proxyAddresses": [f"SMTP:{address}"],
    }
