"""What somebody waits for at the screen: on a queue of its own, kept short; the answer is a row that the page polls."""

from celery import shared_task
from django.utils.timezone import now

from provisioning.engine import connections, questions, testing
from provisioning.models import Credential, Heartbeat, Question
from provisioning.sentences import Sentence
from provisioning.tasks.housekeeping import HOUR, look_after

LIFE = 60
"""Seconds after which an unanswered question is no longer worth answering."""


@shared_task(name="provisioning.tasks.interactive.test_connection")
def test_connection(credential_id: int) -> None:
    """The checks of Test Connection, written to the credential's row one by one."""
    credential = Credential.objects.filter(pk=credential_id).first()
    if credential is not None:
        testing.test_connection(credential, connections.checker(credential), now)
        if credential.tenant_id is not None and not credential.draft:
            look_after.apply_async((credential.tenant_id,), expires=HOUR)


@shared_task(name="provisioning.tasks.interactive.answer")
def answer(question_id: int) -> None:
    """What the row asks, asked outside; the answer, or why there is none, is written to it."""
    question = Question.objects.select_related("tenant", "application__tenant").filter(pk=question_id).first()
    if question is None:
        return
    try:
        questions.answer(question, now)
    except Exception:
        # The page must not wait for an answer that never comes; the traceback goes to the worker's log.
        questions.fail(
            question, "InternalError", Sentence("The worker met a fault of its own. Its log says more."), now()
        )
        raise


@shared_task(name="provisioning.tasks.interactive.sign")
def sign() -> None:
    Heartbeat.give(Heartbeat.Name.INTERACTIVE, now())
