"""What the tenant says beside its people: the end of our secret, Microsoft's own provisioning, the time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from provisioning.connectors.graph.source import GraphSource
from tests.engine.test_certificates import certificate
from tests.sandbox_process import Control, SandboxProcess

IN_SPRING = datetime(2027, 4, 1, 12, tzinfo=UTC)


def test_the_end_of_the_secret_is_read_from_the_app_registration(
    source: GraphSource, control: Control, sandbox: SandboxProcess
) -> None:
    control.change_application(sandbox.client_id, secret_ends=IN_SPRING.timestamp())

    assert source.credential_ends_on() == date(2027, 4, 1)


def test_a_secret_that_the_registration_does_not_list_says_nothing(
    source: GraphSource, control: Control, sandbox: SandboxProcess
) -> None:
    control.change_application(sandbox.client_id, secret_ends=IN_SPRING.timestamp())
    assert source.credential_ends_on() is not None  # the token is kept, so that the old secret goes on working here
    control.change_application(sandbox.client_id, secret="???another-one")

    assert source.credential_ends_on() is None
    control.change_application(sandbox.client_id, revoke="Application.Read.All")
    assert source.credential_ends_on() is None


def test_a_certificate_says_its_end_itself(open_source: Callable[..., GraphSource], control: Control) -> None:
    opened = open_source(secret=None, certificate=certificate(ends=IN_SPRING))

    assert opened.credential_ends_on() == date(2027, 4, 1)
    assert control.requests("graph") == []


@pytest.mark.parametrize(("state", "on"), [("none", False), ("Active", True), ("Paused", False), ("Disabled", False)])
def test_only_an_active_job_of_microsoft_counts(source: GraphSource, control: Control, state: str, on: bool) -> None:
    control.knobs(microsoft_provisioning=state)
    (found,) = source.service_principals_named("GoToMeeting")

    assert source.microsoft_provisions(found.id) is on


def test_where_it_may_not_be_asked_it_is_not_known(
    source: GraphSource, control: Control, sandbox: SandboxProcess
) -> None:
    control.knobs(microsoft_provisioning="Active")
    (found,) = source.service_principals_named("GoToMeeting")
    control.change_application(sandbox.client_id, revoke="Synchronization.Read.All")

    assert source.microsoft_provisions(found.id) is None
    assert source.microsoft_provisions("00000000-0000-0000-0000-000000000001") is None


@pytest.mark.parametrize("permissions", [["Application.Read.All"], []])
def test_any_answer_tells_the_time(
    source: GraphSource, control: Control, sandbox: SandboxProcess, permissions: list[str]
) -> None:
    control.change_application(sandbox.client_id, permissions=permissions)

    told = source.time()

    assert told is not None and abs(told - datetime.now(UTC)) < timedelta(seconds=30)
