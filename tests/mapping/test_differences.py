"""What has to be written to an account."""

import pytest

from provisioning.mapping import Difference
from tests.mapping.documents import MATCH, mapping, row

ALWAYS = mapping(row("title", "[department]", flowBehavior="FlowAlways"))
ADDING = mapping(row("exactRoles", "[appRoleAssignments]", flowType="MultiValueAddOnly"))
COMPLEX = mapping(row("exactRoles", "AppRoleAssignmentsComplex([appRoleAssignments])"))
PLAIN = mapping(MATCH, row("title", "[department]"), row("active", "[accountEnabled]"))

TABLE = [
    # mapping, attribute, wanted, current, the new value or None for no difference
    (PLAIN, "title", "Sales", "Sales", None),
    (PLAIN, "title", "sales", "SALES", None),
    (PLAIN, "title", "straße", "STRASSE", None),
    (PLAIN, "title", "Sales", "Support", "Sales"),
    (PLAIN, "title", "Sales", None, "Sales"),
    (PLAIN, "title", "", None, None),
    (PLAIN, "title", None, "Sales", "CLEARED"),
    (PLAIN, "title", None, None, None),
    (PLAIN, "title", None, "", None),
    (PLAIN, "code", "a", "A", "a"),
    (PLAIN, "code", "A", "A", None),
    (PLAIN, "active", True, "True", None),
    (PLAIN, "active", True, "true", None),
    (PLAIN, "active", "False", False, None),
    (PLAIN, "active", True, False, True),
    (PLAIN, "active", False, None, False),
    (PLAIN, "badge", 7, "7", None),
    (PLAIN, "badge", 0, None, 0),
    (PLAIN, "roles", ["a", "b"], ["B", "A"], None),
    (PLAIN, "roles", ["a", "b"], ["a"], ["a", "b"]),
    (PLAIN, "roles", ["a"], "a", None),
    (PLAIN, "roles", [], None, None),
    (PLAIN, "roles", [], ["a"], []),
    (PLAIN, "exactRoles", ["a"], ["A"], ["a"]),
    (PLAIN, "exactRoles", ["a", "b"], ["b", "a"], None),
    (PLAIN, "licenceKeys", ["7"], ["8"], ["7"]),
    (PLAIN, "licenceKeys", ["x"], ["X"], None),
    (PLAIN, "password", "secret", None, None),
    (ALWAYS, "title", "Sales", "Sales", "Sales"),
    (ADDING, "exactRoles", ["a"], ["b"], ["b", "a"]),
    (ADDING, "exactRoles", ["b"], ["a", "b"], None),
    (ADDING, "exactRoles", ["a"], None, ["a"]),
    (COMPLEX, "exactRoles", ["a"], ["b"], ["b", "a"]),
]


@pytest.mark.parametrize(("compiled", "name", "wanted", "current", "new"), TABLE)
def test_a_difference_is_what_the_target_would_notice(compiled, name, wanted, current, new):
    found = compiled.differences({name: wanted}, {name: current})

    if new is None:
        assert found == []
    else:
        assert found == [Difference(name, current, None if new == "CLEARED" else new)]


def test_differences_come_in_the_order_of_what_is_wanted():
    found = PLAIN.differences({"title": "a", "userName": "b", "active": True}, {})

    assert [difference.name for difference in found] == ["title", "userName", "active"]


def test_what_is_not_wanted_is_left():
    assert PLAIN.differences({}, {"title": "Sales", "other": "x"}) == []
