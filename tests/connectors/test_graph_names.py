"""Graph's names and those of the mappings, each turned into the other."""

from typing import Any

import pytest

from provisioning.connectors.graph.names import EXTENSION_ATTRIBUTES, graph_select, provisioning_attributes


@pytest.mark.parametrize(
    ("attributes", "selected"),
    [
        (["telephoneNumber"], "businessPhones"),
        (["mobile"], "mobilePhone"),
        (["facsimileTelephoneNumber"], "faxNumber"),
        (["physicalDeliveryOfficeName"], "officeLocation"),
        (["extensionAttribute1", "extensionAttribute15"], "onPremisesExtensionAttributes"),
        (["extension_0123_costCentre"], "extension_0123_costCentre"),
        (["employeeOrgData.division"], "employeeOrgData"),
        (["manager"], "manager"),
        (["surname"], "surname"),
    ],
)
def test_what_reads_an_attribute(attributes: list[str], selected: str) -> None:
    assert graph_select(attributes)[8:] == [selected]


@pytest.mark.parametrize(
    "attribute", ["objectId", "IsSoftDeleted", "appRoleAssignments", "passwordProfile.password", "mail", "displayName"]
)
def test_what_needs_no_reading_of_its_own(attribute: str) -> None:
    assert graph_select([attribute]) == graph_select([])


def test_the_select_is_the_same_for_the_same_attributes() -> None:
    assert graph_select(["surname", "givenName"]) == graph_select({"givenName", "surname"})
    assert graph_select([], "groups")[:2] == ["id", "displayName"]


@pytest.mark.parametrize(
    ("item", "attributes"),
    [
        ({"id": "7"}, {"objectId": "7"}),
        ({"mail": None}, {"mail": None}),
        ({"businessPhones": []}, {"telephoneNumber": None}),
        ({"businessPhones": ["1", "2"]}, {"telephoneNumber": "1"}),
        ({"mobilePhone": "1"}, {"mobile": "1"}),
        ({"accountEnabled": False}, {"accountEnabled": False}),
        ({"otherMails": ["a", "b"]}, {"otherMails": ["a", "b"]}),
        ({"onPremisesExtensionAttributes": {"extensionAttribute1": "x", "extensionAttribute2": None}},
         {"extensionAttribute1": "x", "extensionAttribute2": None}),
        ({"onPremisesExtensionAttributes": None}, dict.fromkeys(EXTENSION_ATTRIBUTES)),
        ({"employeeOrgData": {"division": "Sales", "parts": [1]}}, {"employeeOrgData.division": "Sales"}),
        ({"identities": [{"issuer": "x"}]}, {}),
        ({"extension_1_size": 12345678901234567890}, {"extension_1_size": 12345678901234567890}),
        ({"@odata.type": "#microsoft.graph.user", "members@delta": []}, {}),
        ({"manager@delta": [{"id": "m"}]}, {"manager": "m"}),
        ({"manager@delta": [{"id": "new"}, {"id": "old", "@removed": {"reason": "deleted"}}]}, {"manager": "new"}),
        ({"manager@delta": [{"id": "old", "@removed": {"reason": "deleted"}}]}, {"manager": None}),
        ({"manager": {"id": "m"}}, {"manager": "m"}),
    ],
    ids=str,
)  # fmt: skip
def test_a_graph_object_in_the_words_of_the_mappings(item: dict[str, Any], attributes: dict[str, Any]) -> None:
    assert provisioning_attributes(item) == attributes
