"""What the roles of an application give."""

from typing import Any

import pytest

from provisioning.actions import roles
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Job
from tests.actions.conftest import audited, last_entry


def test_a_role_that_gives_something_else_decides_everybody_anew(enterprise: Application) -> None:
    Job.objects.update(watermark=12)
    role = enterprise.roles.get()

    assert roles.update(role, by=None, products=["G2W"])

    assert Job.objects.get().watermark == 0
    assert (last_entry().activity, last_entry().target) == ("Update role table", "User")
    assert last_entry().changes == [{"name": "products", "old": ["G2M"], "new": ["G2W"]}]


def test_the_order_of_what_it_gives_is_no_difference(kept_here: Application) -> None:
    role = kept_here.roles.get(value="team_admin")
    before = audited()

    assert not roles.update(role, by=None, admin_roles=list(reversed(role.admin_roles)), products=role.products)
    assert audited() == before


@pytest.mark.parametrize(
    ("wrong", "field"), [({"products": ["G2X"]}, "products"), ({"admin_roles": ["SUPER_USER"]}, "admin_roles")]
)
def test_a_role_gives_only_what_the_application_knows(
    kept_here: Application, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(ActionRefused) as refusal:
        roles.update(kept_here.roles.all()[0], by=None, **wrong)

    assert refusal.value.problems[0][0] == field


def test_what_the_account_has_licences_for_can_be_given(kept_here: Application) -> None:
    kept_here.licences = [{"key": "1", "name": "OpenVoice", "products": ["OPENVOICE"], "seats": 1, "used": 0}]
    kept_here.save()

    assert roles.update(kept_here.roles.all()[0], by=None, products=["OPENVOICE"])


def test_roles_of_the_tenant_are_switched_there(enterprise: Application, kept_here: Application) -> None:
    with pytest.raises(ActionRefused, match="in the tenant"):
        roles.update(enterprise.roles.get(), by=None, enabled=False)

    assert roles.update(kept_here.roles.get(value="team_admin"), by=None, enabled=True)
