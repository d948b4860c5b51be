"""Names of attributes inside nested values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import MappingError
from provisioning.mapping.paths import Path, get, parse_path, print_path, put

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATHS = {
    "userName": Path("userName"),
    "name.givenName": Path("name", "givenName"),
    'emails[type eq "work"].value': Path("emails", "value", (("type", "work"),)),
    'phoneNumbers[type eq "work" and primary eq true].value': Path(
        "phoneNumbers", "value", (("type", "work"), ("primary", True))
    ),
    'roles[primary eq "True"].value': Path("roles", "value", (("primary", "True"),)),
    'x[rank eq 2]': Path("x", "", (("rank", 2),)),
    'x[label eq "a \\"b\\" ] \\\\ c"].value': Path("x", "value", (("label", 'a "b" ] \\ c'),)),
    f"{ENTERPRISE}:department": Path("department", schema=ENTERPRISE),
    f"{ENTERPRISE}:manager.value": Path("manager", "value", schema=ENTERPRISE),
    "urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:cost-centre": Path(
        "cost-centre", schema="urn:ietf:params:scim:schemas:extension:Contoso:2.0:User"
    ),
}  # fmt: skip
PERSON = {
    "userName": "b@x.nl",
    "name": {"givenName": "Britta", "familyName": "Simon"},
    "emails": [{"type": "home", "value": "h@x.nl"}, {"type": "Work", "value": "w@x.nl", "primary": True}],
    ENTERPRISE: {"department": "Sales", "manager": {"value": "7"}},
}


@pytest.mark.parametrize(("text", "path"), PATHS.items(), ids=PATHS)
def test_a_name_is_read_and_printed(text, path):
    assert parse_path(text) == path
    assert print_path(path) == text


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_a_mapping_error(text):
    try:
        path = parse_path(text)
    except MappingError:
        return
    assert parse_path(print_path(path)) == path


BROKEN = ["", ".", "a.", "a..b", "a.b.c", "a[", "a[]", "a[type]", "a[type eq work]", 'a[type eq "w"', "a b"]


@pytest.mark.parametrize("text", [*BROKEN, 'a[x eq "1" or y eq "2"]'])
def test_a_broken_name_is_refused(text):
    with pytest.raises(MappingError, match="cannot be read"):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("userName", "b@x.nl"),
        ("USERNAME", "b@x.nl"),
        ("nickName", None),
        ("name.familyName", "Simon"),
        ("name.middleName", None),
        ("userName.nothing", None),
        ('emails[type eq "work"].value', "w@x.nl"),
        ("emails[primary eq true].value", "w@x.nl"),
        ('emails[primary eq "true"].value', None),
        ('emails[type eq "other"].value', None),
        ('userName[type eq "other"].value', None),
        ("emails.value", ["h@x.nl", "w@x.nl"]),
        (f"{ENTERPRISE}:department", "Sales"),
        (f"{ENTERPRISE}:manager.value", "7"),
        ("urn:x:y:User:department", None),
    ],
)
def test_a_value_is_found(text, value):
    assert get(PERSON, parse_path(text)) == value


@pytest.mark.parametrize("text", [text for text in PATHS if not text.startswith("x[rank")])
def test_what_is_put_is_found_and_what_is_taken_away_leaves_nothing_found(text):
    resource: dict = {}
    path = parse_path(text)

    put(resource, path, "one")
    put(resource, path, "two")
    assert get(resource, path) == "two"

    put(resource, path, None)
    assert get(resource, path) is None


def test_a_new_element_has_the_values_of_its_conditions():
    resource: dict = {}

    put(resource, parse_path('emails[type eq "work"].value'), "w@x.nl")
    put(resource, parse_path('emails[type eq "home"].value'), "h@x.nl")
    put(resource, parse_path('emails[type eq "WORK"].value'), "n@x.nl")

    assert resource == {"emails": [{"type": "work", "value": "n@x.nl"}, {"type": "home", "value": "h@x.nl"}]}


def test_an_element_goes_when_nothing_but_its_conditions_is_left():
    resource = {"emails": [{"type": "work", "value": "w"}, {"type": "home", "value": "h", "display": "H"}]}

    put(resource, parse_path('emails[type eq "work"].value'), None)
    put(resource, parse_path('emails[type eq "home"].value'), None)

    assert resource == {"emails": [{"type": "home", "display": "H"}]}


def test_the_last_element_takes_its_attribute_along():
    resource = {"emails": [{"type": "work", "value": "w"}]}

    put(resource, parse_path('emails[type eq "work"].value'), None)

    assert resource == {}


def test_the_spelling_that_is_there_is_kept():
    resource = {"username": "a"}

    put(resource, parse_path("userName"), "b")

    assert resource == {"username": "b"}


def test_nothing_can_be_put_inside_a_simple_value():
    with pytest.raises(MappingError, match="not a structured value"):
        put({"name": "Britta"}, parse_path("name.givenName"), "B")
