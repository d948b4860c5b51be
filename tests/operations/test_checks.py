"""What cannot work is said before anything starts."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from portal.checks import check_settings

CASES = [
    ("rollcall.E001", {"SECRET_KEY": ""}),
    ("rollcall.E002", {"ENCRYPTION_KEYS": []}),
    ("rollcall.E003", {"ENCRYPTION_KEYS": ["too short"]}),
    ("rollcall.E004", {"LEASE": timedelta(seconds=20)}),
    ("rollcall.E005", {"PUBLIC_URL": "rollcall.contoso.com"}),
    ("rollcall.E006", {"PUBLIC_URL": "https://rollcall.contoso.com"}),
    ("rollcall.E007", {"GOTO_API_URL": "http://api.getgo.com"}),
    ("rollcall.W001", {"DEBUG": True}),
    ("rollcall.E008", {"GOTO_CA_FILE": "/nowhere/ca.pem"}),
]


def test_good_settings_are_passed_in_silence() -> None:
    assert check_settings(None) == []


@pytest.mark.parametrize(("expected", "values"), CASES, ids=[expected for expected, _ in CASES])
def test_what_cannot_work_is_named_with_a_hint(expected: str, values: dict[str, Any], settings: Settings) -> None:
    for name, value in values.items():
        setattr(settings, name, value)

    (message,) = check_settings(None)

    assert message.id == expected
    assert message.hint


def test_the_host_of_a_public_address_may_be_allowed_by_its_domain(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://rollcall.contoso.com"
    settings.ALLOWED_HOSTS = [".contoso.com"]

    assert check_settings(None) == []
