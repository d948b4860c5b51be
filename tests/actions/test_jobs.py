"""On, Off, Start, Stop, Restart, and removals that were held back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from provisioning.actions import jobs
from provisioning.actions.errors import ActionRefused
from provisioning.actions.jobs import ResetScope
from provisioning.models import Application, Change, Credential, Feed, Job, Link, Tenant
from tests.actions.conftest import audited, last_entry, person

QUARANTINE = {
    "quarantine_reason": "EncounteredQuarantineException",
    "quarantine_code": "InvalidCredentials",
    "quarantine_error": "Wrong password.",
    "quarantine_began_at": now(),
    "quarantine_count": 3,
    "quarantine_mailed_code": "InvalidCredentials",
}


def staged(job: Job, *names: str) -> list[Change]:
    rows = []
    for name in names:
        subject = person(job.application.tenant, name)
        rows.append(
            Change.objects.create(
                job=job,
                subject=subject,
                action=Change.Action.DISABLE,
                status=Change.Status.STAGED,
                identity=name,
                planned_at=now(),
            )
        )
    return rows


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (Credential.Test.NEVER, "Test the admin credentials"),
        (Credential.Test.WAITING, "being tested"),
        (Credential.Test.RUNNING, "being tested"),
        (Credential.Test.FAILED, "failed"),
    ],
)
def test_on_needs_credentials_that_passed_their_test(ready: Job, state: str, sentence: str) -> None:
    Credential.objects.update(test=state)

    with pytest.raises(ActionRefused, match=sentence):
        jobs.turn_on(ready, by=None)

    ready.refresh_from_db()
    assert not ready.enabled


def test_on_needs_credentials_at_all(kept_here: Application) -> None:
    with pytest.raises(ActionRefused, match="Enter the admin credentials"):
        jobs.turn_on(kept_here.job, by=None)


def test_on_asks_for_a_cycle_at_once_and_is_audited_once(ready: Job) -> None:
    assert jobs.turn_on(ready, by=None)
    assert not jobs.turn_on(ready, by=None)

    ready.refresh_from_db()
    assert ready.enabled
    assert ready.run_requested_at == ready.next_run_at
    assert audited().count("Enable/start provisioning configuration") == 1


def test_off_begins_no_cycle_any_more_and_keeps_the_watermark(running: Job) -> None:
    Job.objects.update(watermark=12)

    assert jobs.turn_off(running, by=None)
    assert not jobs.turn_off(running, by=None)

    running.refresh_from_db()
    assert (running.enabled, running.halted, running.run_requested_at, running.watermark) == (False, False, None, 12)
    assert last_entry().activity == "Disable/pause provisioning configuration"


def test_stop_halts_and_start_goes_on_from_the_watermark(running: Job) -> None:
    Job.objects.update(watermark=12)

    jobs.stop(running, by=None)
    running.refresh_from_db()
    assert (running.enabled, running.halted) == (False, True)

    jobs.start(running, by=None)
    running.refresh_from_db()
    assert (running.enabled, running.halted, running.watermark) == (True, False, 12)


def test_start_lifts_a_quarantine(ready: Job) -> None:
    Job.objects.update(**QUARANTINE)

    jobs.start(ready, by=None)

    ready.refresh_from_db()
    assert not ready.quarantined
    assert (ready.quarantine_began_at, ready.quarantine_count, ready.quarantine_mailed_code) == (None, 0, "")


def test_start_lifts_no_quarantine_that_waits_for_a_decision(ready: Job) -> None:
    Job.objects.update(**{**QUARANTINE, "quarantine_reason": "TooManyDeletes"})

    jobs.start(ready, by=None)

    ready.refresh_from_db()
    assert ready.quarantine_reason == "TooManyDeletes"


def escrow(job: Job, tenant: Tenant) -> Link:
    return Link.objects.create(
        job=job,
        subject=person(tenant, "Failing"),
        failure_code="EntryConflict",
        failure="Taken.",
        failure_count=4,
        failed_at=now(),
        retry_at=now(),
    )


def test_restart_reads_and_decides_everything_anew_and_keeps_the_links(ready: Job, tenant: Tenant) -> None:
    Job.objects.update(watermark=12, **QUARANTINE)
    link = escrow(ready, tenant)
    Feed.objects.create(tenant=tenant, kind=Feed.Kind.USERS, delta_link="https://…", began_at=now())
    epoch = ready.epoch

    jobs.restart(ready, by=None)

    ready.refresh_from_db()
    link.refresh_from_db()
    assert (ready.enabled, ready.watermark, ready.epoch, ready.rematch) == (True, 0, epoch + 1, True)
    assert not ready.quarantined
    assert (link.failure_code, link.failed_at, link.retry_at, link.failure_count) == ("", None, None, 0)
    assert Feed.objects.get().delta_link == ""
    assert last_entry().activity == "Enable/restart provisioning configuration"


@pytest.mark.parametrize(
    ("scopes", "watermark", "quarantined", "escrowed"),
    [
        ({ResetScope.WATERMARK}, 0, True, True),
        ({ResetScope.ESCROWS}, 12, True, False),
        ({ResetScope.QUARANTINE_STATE}, 12, False, True),
        ({ResetScope.CONNECTOR_DATA_STORE}, 0, True, True),
        ({ResetScope.FULL}, 0, False, False),
        ({ResetScope.NONE}, 12, True, True),
    ],
)
def test_a_restart_clears_what_it_is_told_to(
    ready: Job, tenant: Tenant, scopes: set[ResetScope], watermark: int, quarantined: bool, escrowed: bool
) -> None:
    Job.objects.update(watermark=12, **QUARANTINE)
    link = escrow(ready, tenant)

    jobs.restart(ready, scopes=scopes, by=None)

    ready.refresh_from_db()
    link.refresh_from_db()
    assert (ready.watermark, ready.quarantined, bool(link.failure_code)) == (watermark, quarantined, escrowed)


def test_a_full_restart_does_not_let_removals_through(ready: Job) -> None:
    rows = staged(ready, "Leaver")

    jobs.restart(ready, scopes={ResetScope.FULL}, by=None)

    rows[0].refresh_from_db()
    assert rows[0].status == Change.Status.STAGED


def test_force_deletes_lets_them_through(ready: Job) -> None:
    rows = staged(ready, "Leaver")

    jobs.restart(ready, scopes={ResetScope.FORCE_DELETES}, by=None)

    rows[0].refresh_from_db()
    ready.refresh_from_db()
    assert (rows[0].status, ready.deletes_allowed) == (Change.Status.PLANNED, True)


@pytest.mark.parametrize(
    ("state", "sentence"), [({"enabled": False}, "off"), ({"enabled": False, "halted": True}, "stopped")]
)
def test_a_cycle_is_asked_for_only_while_provisioning_is_on(running: Job, state: dict[str, Any], sentence: str) -> None:
    Job.objects.update(**state)

    with pytest.raises(ActionRefused, match=sentence):
        jobs.request_cycle(running, by=None)


def test_a_cycle_that_is_asked_for_is_not_satisfied_with_an_older_reading(running: Job) -> None:
    Job.objects.update(next_run_at=now() - timedelta(hours=1))

    moment = jobs.request_cycle(running, by=None)

    running.refresh_from_db()
    assert running.run_requested_at == running.next_run_at == moment


def test_a_full_cycle_keeps_failures_and_quarantine(running: Job, tenant: Tenant) -> None:
    Job.objects.update(watermark=12, **QUARANTINE)
    link = escrow(running, tenant)

    jobs.request_cycle(running, full=True, by=None)

    running.refresh_from_db()
    link.refresh_from_db()
    assert (running.watermark, running.rematch, running.quarantined) == (0, True, True)
    assert link.failure_code


def test_removals_are_let_through_together(running: Job) -> None:
    staged(running, "One", "Two")

    assert jobs.allow_removals(running, by=None) == 2

    running.refresh_from_db()
    assert running.deletes_allowed
    assert set(Change.objects.values_list("status", flat=True)) == {Change.Status.PLANNED}
    assert last_entry().activity == "Allow deletes"


def test_removals_are_dropped_together_and_the_job_goes_on(running: Job) -> None:
    Job.objects.update(**{**QUARANTINE, "quarantine_reason": "TooManyDeletes"})
    staged(running, "One", "Two")

    assert jobs.reject_removals(running, by=None) == 2

    running.refresh_from_db()
    assert not running.quarantined
    assert not running.deletes_allowed
    assert set(Change.objects.values_list("status", flat=True)) == {Change.Status.SUPERSEDED}


@pytest.mark.parametrize("act", [jobs.allow_removals, jobs.reject_removals])
def test_there_must_be_removals_to_decide_on(running: Job, act: Callable[..., int]) -> None:
    with pytest.raises(ActionRefused, match="No removals"):
        act(running, by=None)


def test_an_action_sees_the_job_as_it_is_and_not_as_it_was_loaded(running: Job) -> None:
    """Two administrators at once: the second acts on what the first has done."""
    stale = Job.objects.get(pk=running.pk)
    jobs.stop(running, by=None)

    with pytest.raises(ActionRefused, match="stopped"):
        jobs.request_cycle(stale, by=None)


def test_somebody_is_provisioned_on_demand_whatever_the_state(ready: Job, tenant: Tenant) -> None:
    subject = person(tenant, "Britta Simon")

    question = jobs.provision_on_demand(ready, subject, by=None)

    assert question.arguments == {"objectId": subject.object_id}
    assert (last_entry().activity, last_entry().target) == ("Provision on demand", "Britta Simon")
