"""What somebody waits for at the screen: on a queue of its own, kept short; the answer is a row that the page polls."""

from celery import shared_task
from django.utils.timezone import now

from provisioning.engine import connections, testing
from provisioning.models import Credential, Heartbeat

LIFE = 60
"""Seconds after which an unanswered question is no longer worth answering."""


@shared_task(name="provisioning.tasks.interactive.test_connection")
def test_connection(credential_id: int) -> None:
    """The checks of Test Connection, written to the credential's row one by one."""
    credential = Credential.objects.filter(pk=credential_id).first()
    if credential is not None:
        testing.test_connection(credential, connections.checker(credential), now)


@shared_task(name="provisioning.tasks.interactive.sign")
def sign() -> None:
    Heartbeat.give(Heartbeat.Name.INTERACTIVE, now())
