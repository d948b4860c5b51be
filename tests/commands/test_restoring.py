"""A database that is older than the world: nothing of it is replayed, nobody is doubled, nobody loses anything."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as deployment
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now
from pytest_django import Settings

from provisioning.engine import cycle
from provisioning.models import AuditEntry, Change, Cycle, Heartbeat, Job, Link, Question
from tests.sandbox_process import SandboxProcess
from tests.workers import WorkerProcess
from tests.world import World, build

SQLITE = deployment.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def world(sandbox: SandboxProcess, transactional_db: None, settings: Settings) -> World:
    settings.GOTO_VISIBILITY_SECONDS = 0.2
    sandbox.control.reset(empty=True, knobs={"rate_limit": 0})
    return build(sandbox)


@pytest.fixture
def people(world: World) -> dict[str, str]:
    """Britta, Carl and Gina are provisioned. Name → assignment."""
    assigned = {name: world.assign(world.add_user(f"{name} Simon")) for name in ("Britta", "Carl", "Gina")}
    world.run_cycle()
    return assigned


def address(name: str) -> str:
    return f"{name.lower()}.simon@contoso.example"


def user_id(world: World, name: str) -> str:
    return next(
        user["id"] for user in world.sandbox.control.directory()["users"] if user["displayName"] == f"{name} Simon"
    )


def in_the_middle(world: World, people: dict[str, str], settings: Settings) -> None:
    """Of a cycle: Carl's end and Dana's account are planned and unsent; Eve's was under way when the worker died."""
    world.unassign(people["Carl"])
    world.assign(world.add_user("Dana Simon"))
    world.assign(world.add_user("Eve Simon"))
    Job.objects.update(run_requested_at=world.now(), deletes_allowed=True)
    usual, settings.SLICE = settings.SLICE, timedelta(0)
    assert cycle.advance(world.job.pk, clock=world.now) is cycle.Next.READ
    world.read()
    assert cycle.advance(world.job.pk, clock=world.now) is cycle.Next.AGAIN
    settings.SLICE = usual
    planned = Change.objects.filter(status="planned")
    assert {row.identity.split()[0] for row in planned} == {"Carl", "Dana", "Eve"}
    planned.filter(identity__startswith="Eve").update(status="in_flight", sent_at=now())
    Question.objects.create(kind=Question.Kind.ASSIGN, application=world.application, arguments={"add": []})


def test_an_old_plan_is_dropped_and_everybody_decided_anew(
    world: World, people: dict[str, str], settings: Settings
) -> None:
    in_the_middle(world, people, settings)

    said = run("after_restore")

    assert "2 changes of old plans" in said and "1 that were under way" in said
    assert not Change.objects.filter(status__in=["planned", "staged"]).exists()
    world.job.refresh_from_db()
    assert (world.job.watermark, world.job.rematch, world.job.accounts_listed_at) == (0, True, None)
    assert not world.job.deletes_allowed, "what was allowed was another plan"
    assert world.job.run_requested_at is not None
    assert Question.objects.get().error_code == "Restored"
    assert Cycle.objects.latest("pk").error_code == "Restored"
    assert AuditEntry.objects.latest("pk").activity == "Restore from backup"
    assert not Heartbeat.objects.exists()
    assert "0 changes of old plans" in run("after_restore"), "again, it does no harm"


@pytest.mark.skipif(not SQLITE, reason="copies the file of SQLite")
def test_a_restored_copy_of_a_running_world_changes_nothing_in_the_application(
    world: World, people: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    in_the_middle(world, people, settings)
    copy = tmp_path / "backup.sqlite3"
    assert "bytes" in run("backup", str(copy))

    # Life goes on: Carl is back, Dana and Eve get their accounts, Gina leaves, Felix comes, Britta marries.
    world.assign(user_id(world, "Carl"))
    world.unassign(people["Gina"])
    world.assign(world.add_user("Felix Simon"))
    world.change_user(user_id(world, "Britta"), surname="de Vries")
    world.run_cycle()
    world.run_cycle()
    before = world.goto()
    assert {address(name) for name in ("Britta", "Carl", "Dana", "Eve", "Felix")} <= set(before)

    said = run("restore", str(copy))
    world.forget_requests()
    world.job.refresh_from_db()
    world.application.refresh_from_db()
    cycles = [world.run_cycle(), world.run_cycle()]

    kept = list(Path(str(connection.settings_dict["NAME"])).parent.glob("*-before-restore-*"))
    assert len(kept) == 1 and str(kept[0]) in said and "2 changes of old plans" in said
    assert [each.state for each in cycles] == ["Succeeded"] * 2
    assert world.goto() == before
    assert world.goto_writes() == []
    provisioned = Link.objects.filter(account__removed=False, disabled_at=None)
    names = sorted(provisioned.values_list("account__user_name", flat=True))
    assert names == [address(name) for name in ("Britta", "Carl", "Dana", "Eve", "Felix")]
    assert not Change.objects.filter(status__in=Change.OPEN).exists()


@pytest.mark.skipif(not SQLITE, reason="copies the file of SQLite")
def test_what_is_no_backup_is_refused_and_nothing_is_touched(world: World, tmp_path: Path) -> None:
    good = tmp_path / "good.sqlite3"
    run("backup", str(good))
    assert good.stat().st_mode & 0o777 == 0o600
    text, foreign, newer = tmp_path / "text", tmp_path / "foreign", tmp_path / "newer"
    text.write_text("no database at all, but long enough to look like one" * 50)
    with closing(sqlite3.connect(foreign)) as made:
        made.execute("CREATE TABLE other (id)")
    newer.write_bytes(good.read_bytes())
    with closing(sqlite3.connect(newer)) as made:
        made.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('provisioning', '9999_later', 0)")
        made.commit()

    for file, why in ((tmp_path / "none", "no file"), (text, "no SQLite"), (foreign, "no backup"), (newer, "newer")):
        with pytest.raises(CommandError, match=why):
            run("restore", str(file))
    with pytest.raises(CommandError, match="there already"):
        run("backup", str(good))

    assert Job.objects.get().watermark == world.job.watermark
    assert not AuditEntry.objects.filter(activity="Restore from backup").exists()


def test_beside_a_worker_nothing_is_restored(world: World, worker: WorkerProcess, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="A worker is alive"):
        run("after_restore")


def test_the_commands_may_be_written_with_hyphens() -> None:
    words = [sys.executable, "manage.py", "make-keys"]
    made = subprocess.run(
        words, cwd=deployment.BASE_DIR, env=os.environ.copy(), capture_output=True, text=True, check=True
    )

    assert len(made.stdout.strip()) == 44
