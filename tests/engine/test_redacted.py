"""A value in `Redact` reaches the application, and is nowhere to be read but in the two mirrors."""

from django.apps import apps

from provisioning.actions import mappings
from provisioning.models import Account, Change, DirectoryObject
from tests.engine.test_restart_and_mapping import mapped, reload
from tests.world import World

CANARY = "Canary-4711"
MIRRORS = (DirectoryObject, Account)


def tables_that_tell_it() -> list[str]:
    tables = [table for table in apps.get_app_config("provisioning").get_models() if table not in MIRRORS]
    return [table.__name__ for table in tables if CANARY in str(list(table._base_manager.values()))]


def test_a_redacted_value_is_sent_and_told_to_nobody(world: World) -> None:
    mappings.save(reload(world), mapped(world, "name.familyName", "Redact([surname])"), by=None)
    world.assign(world.add_user("Britta Simon", surname=CANARY))

    world.run_cycle()

    change = Change.objects.get(action="create")
    assert (change.status, change.sealed) == ("success", "")
    assert {"name": "name.familyName", "old": None, "new": "[Redact]"} in change.modified
    assert world.managed()["britta.simon@contoso.example"]["lastName"] == CANARY
    assert tables_that_tell_it() == []
