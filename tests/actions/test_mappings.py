"""Saving a mapping."""

from copy import deepcopy
from typing import Any

import pytest

from provisioning import gallery
from provisioning.actions import mappings
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Job
from tests.actions.conftest import audited, last_entry

PATH = "synchronizationRules[0].objectMappings[0]"


def changed(job: Job, target: str, **properties: Any) -> dict[str, Any]:
    schema = deepcopy(job.schema)
    row = next(row for row in rows(schema) if row["targetAttributeName"] == target)
    row.update(properties)
    return schema


def rows(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = mappings.users_mapping(schema)["attributeMappings"]
    return found


def direct(name: str) -> dict[str, Any]:
    return {"type": "Attribute", "name": name, "expression": f"[{name}]", "parameters": []}


def test_a_saved_mapping_decides_everybody_anew_at_once(running: Job) -> None:
    Job.objects.update(watermark=12, run_requested_at=None)
    running.refresh_from_db()

    assert mappings.save(running, changed(running, "userName", source=direct("mail")), by=None)

    running.refresh_from_db()
    assert (running.watermark, running.schema_version) == (0, 2)
    assert running.run_requested_at is not None
    assert last_entry().activity == "Update attribute mappings or scope"
    assert last_entry().changes == [
        {"name": "attributeMapping userName: source", "old": "[userPrincipalName]", "new": "[mail]"}
    ]


def test_saving_the_same_mapping_changes_nothing(running: Job) -> None:
    before = audited()

    assert not mappings.save(running, deepcopy(running.schema), by=None)

    running.refresh_from_db()
    assert running.schema_version == 1
    assert audited() == before


def test_two_editors_do_not_overwrite_each_other(kept_here: Application) -> None:
    job = kept_here.job
    mappings.save(job, changed(job, "userName", source=direct("mail")), version=1, by=None)

    with pytest.raises(ActionRefused, match="meanwhile"):
        mappings.save(job, changed(job, "userName", source=direct("displayName")), version=1, by=None)


def test_what_is_wrong_is_refused_with_its_path(kept_here: Application) -> None:
    schema = changed(kept_here.job, "userName", source=direct("shoeSize"), matchingPriority=0)

    with pytest.raises(ActionRefused) as refusal:
        mappings.save(kept_here.job, schema, by=None)

    assert [path for path, _ in refusal.value.problems] == [
        f"{PATH}.attributeMappings[0].source",
        f"{PATH}.attributeMappings",
    ]
    kept_here.job.refresh_from_db()
    assert kept_here.job.schema_version == 1


def test_a_required_mapping_goes_only_while_provisioning_is_off(running: Job) -> None:
    schema = deepcopy(running.schema)
    rows(schema)[:] = [row for row in rows(schema) if row["targetAttributeName"] != "name.familyName"]

    with pytest.raises(ActionRefused, match="name.familyName"):
        mappings.save(running, schema, by=None)

    Job.objects.update(enabled=False)
    assert mappings.save(running, schema, by=None)


def test_the_defaults_come_back(kept_here: Application) -> None:
    job = kept_here.job
    mappings.save(job, changed(job, "userName", source=direct("mail")), by=None)

    assert mappings.restore_defaults(job, by=None)

    job.refresh_from_db()
    assert job.schema == gallery.template("gotomeeting")["schema"]
    assert not mappings.restore_defaults(job, by=None)


@pytest.mark.parametrize(
    ("actions", "flags"),
    [
        ({"delete": True}, "Add, Update, Delete"),
        ({"update": False}, "Add"),
        ({"create": False, "update": False}, "None"),
        ({"create": False, "delete": True}, "Update, Delete"),
    ],
)
def test_target_object_actions_are_switched(kept_here: Application, actions: dict[str, bool], flags: str) -> None:
    assert mappings.set_actions(kept_here.job, by=None, **actions)

    assert mappings.users_mapping(kept_here.job.schema)["flowTypes"] == flags
    assert not mappings.set_actions(kept_here.job, by=None, **actions)
