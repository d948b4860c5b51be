"""The settings of a job."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from provisioning.actions import settings
from provisioning.actions.errors import ActionRefused
from provisioning.models import Application, Job
from tests.actions.conftest import audited, last_entry


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scope": "some"}, "scope"),
        ({"interval": timedelta(seconds=10)}, "interval"),
        ({"interval": timedelta(days=8)}, "interval"),
        ({"notification_email": "nobody"}, "notification_email"),
        ({"notify_failures": True}, "notification_email"),
        ({"deletion_threshold": 0}, "deletion_threshold"),
    ],
)
def test_what_cannot_be_set_is_refused_at_its_field(kept_here: Application, wrong: dict[str, Any], field: str) -> None:
    before = audited()

    with pytest.raises(ActionRefused) as refusal:
        settings.update(kept_here.job, by=None, **wrong)

    assert [name for name, _ in refusal.value.problems] == [field]
    assert audited() == before


def test_only_what_differs_is_audited(kept_here: Application) -> None:
    assert settings.update(
        kept_here.job, by=None, scope="assigned", notification_email="it@contoso.example", notify_failures=True
    )

    assert last_entry().activity == "Update provisioning setting or credentials"
    assert [change["name"] for change in last_entry().changes] == ["notification_email", "notify_failures"]
    before = audited()
    assert not settings.update(kept_here.job, by=None, scope="assigned")
    assert audited() == before


@pytest.mark.parametrize("changed", [{"scope": "all"}, {"skip_out_of_scope_deletions": True}])
def test_who_is_in_scope_is_decided_anew_at_once(running: Job, changed: dict[str, Any]) -> None:
    Job.objects.update(watermark=12, run_requested_at=None)

    settings.update(running, by=None, **changed)

    running.refresh_from_db()
    assert running.watermark == 0
    assert running.run_requested_at is not None


def test_other_settings_decide_nobody_anew(running: Job) -> None:
    Job.objects.update(watermark=12)

    settings.update(running, by=None, deletion_threshold=None, notification_email="it@contoso.example")

    running.refresh_from_db()
    assert (running.watermark, running.deletion_threshold) == (12, None)


def test_a_shorter_interval_brings_the_next_cycle_nearer(running: Job) -> None:
    Job.objects.update(next_run_at=now() + timedelta(hours=2))

    settings.update(running, by=None, interval=timedelta(minutes=5))

    running.refresh_from_db()
    assert running.next_run_at is not None
    assert running.next_run_at <= now() + timedelta(minutes=5)
    assert {"name": "interval", "old": "0:40:00", "new": "0:05:00"} in last_entry().changes
