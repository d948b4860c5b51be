"""Answering what somebody waits for: each kind of question with what it asks outside. Workers only."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from provisioning.connectors.graph.assignments import GUID
from provisioning.connectors.graph.records import ObjectRow, ServicePrincipal
from provisioning.connectors.graph.source import GraphSource
from provisioning.engine import authorization, connections, impact, on_demand, testing
from provisioning.engine.holding import Holding
from provisioning.engine.preview import preview, read_directory
from provisioning.engine.reading_directory import rounds
from provisioning.engine.reading_directory.feeds import ensure_feeds
from provisioning.errors import ConfigurationError, ProvisioningError
from provisioning.models import Application, Feed, Installation, Question, Tenant
from provisioning.notifications import deliver
from provisioning.sentences import Sentence

Clock = Callable[[], datetime]

NAMES = ("displayName", "userPrincipalName", "mail")
SHOWN = ("id", "displayName", "mail")
"""Asked of users and groups alike."""


def answer(question: Question, clock: Clock) -> None:
    """Ask outside and write the answer down, or why there is none. Delivered twice, a question is asked once."""
    taken = Question.objects.filter(pk=question.pk, taken_at=None).update(taken_at=clock())
    if taken != 1:
        return
    try:
        result = ANSWERS[question.kind](question, clock)
    except ProvisioningError as error:
        fail(question, error.code, error.message, clock())
    else:
        Question.objects.filter(pk=question.pk).update(answer=result, answered_at=clock())


def fail(question: Question, code: str, sentence: Sentence, now: datetime) -> None:
    Question.objects.filter(pk=question.pk).update(error_code=code, error=sentence, answered_at=now)


def _source(tenant: Tenant | None) -> GraphSource:
    assert tenant is not None, "this kind of question is asked of a tenant"
    return connections.open_source(tenant, interactive=True)


def _application(question: Question) -> Application:
    assert question.application is not None, "this kind of question is asked about an application"
    return question.application


def _search(question: Question, clock: Clock) -> list[dict[str, Any]]:
    kinds, text = question.arguments.get("kinds") or ("user", "group"), question.arguments["text"]
    source = _source(question.tenant)
    if GUID.fullmatch(text):
        return [_object(row) for row in _with_id(source, text, kinds)]
    return [_object(row) for row in source.search(text, kinds)]


def _with_id(source: GraphSource, object_id: str, kinds: Sequence[str]) -> Iterator[ObjectRow]:
    """A pasted object id: the search of names and addresses does not find it."""
    for kind, ask in (("user", source.user), ("group", source.group)):
        if kind in kinds and not (row := ask(object_id, SHOWN)).removed:
            yield row


def _object(row: ObjectRow) -> dict[str, Any]:
    return {"id": row.id, "kind": row.kind, **{name: row.attributes.get(name) or "" for name in NAMES}}


def _service_principals(question: Question, clock: Clock) -> list[dict[str, Any]]:
    found = _source(question.tenant).find_service_principals(question.arguments["text"])
    return [_service_principal(each) for each in found]


def _instantiate(question: Question, clock: Clock) -> dict[str, Any]:
    source = _source(question.tenant)
    return _service_principal(source.instantiate(question.arguments["template"], question.arguments["displayName"]))


def _service_principal(told: ServicePrincipal) -> dict[str, Any]:
    roles = [
        {"id": role.id, "value": role.value, "displayName": role.display_name, "enabled": role.enabled}
        for role in told.roles
        if "User" in role.member_types
    ]
    return {"id": told.id, "appId": told.app_id, "displayName": told.display_name, "roles": roles}


def _assign(question: Question, clock: Clock) -> dict[str, Any]:
    """Additions first: whoever changes a role is never without one. Then the list is read, so that the rows appear."""
    application = _application(question)
    source = _source(application.tenant)
    result: dict[str, list[Any]] = {"added": [], "removed": [], "failed": []}
    for row in question.arguments.get("add", ()):
        try:
            made = source.assign(application.service_principal_id, row["principalId"], row["roleId"])
        except ProvisioningError as error:
            _or_stop(error)
            result["failed"].append(
                {"principalName": row["principalName"], "code": error.code, "message": error.message.facts()}
            )
        else:
            result["added"].append(made.id)
    if not result["failed"]:
        for assignment_id in question.arguments.get("remove", ()):
            source.unassign(application.service_principal_id, assignment_id)
            result["removed"].append(assignment_id)
    _read_assignments(application, source, clock())
    return result


def _or_stop(error: ProvisioningError) -> None:
    """What an administrator must mend fails every assignment alike: one sentence is enough."""
    if isinstance(error, ConfigurationError):
        raise error


def _read_assignments(application: Application, source: GraphSource, now: datetime) -> None:
    """What was changed appears by reading, here or, where a worker is reading them already, there."""
    ensure_feeds(application.tenant)
    feed = Feed.objects.select_related("tenant", "application").get(application=application)
    token = feed.claim(settings.LEASE)
    if token is None:
        return
    with Holding(feed, token, settings.LEASE) as holding:
        try:
            rounds.read(feed, source, holding, now)
        except ProvisioningError as error:
            # The assignments themselves were made; the next cycle reads them, and tells what is wrong if it lasts.
            Feed.objects.filter(pk=feed.pk).update(error_code=error.code, error=error.message, error_at=now)


def _authorize(question: Question, clock: Clock) -> dict[str, Any]:
    """With the test of the new credentials, so that provisioning can be turned on with them."""
    saved = authorization.redeem(_application(question), question.arguments["credential"], clock())
    testing.test_connection(saved, connections.checker(saved), clock)
    return {}


def _on_demand(question: Question, clock: Clock) -> dict[str, Any]:
    return {"change": on_demand.provision(question, clock)}


def _test_mail(question: Question, clock: Clock) -> dict[str, Any]:
    """In the language of the installation, as the mails that it announces."""
    installation = Installation.in_force()
    for name, value in question.arguments.pop("server", {}).items():
        setattr(installation, name, value)
    Question.objects.filter(pk=question.pk).update(arguments=question.arguments)  # not even a sealed password stays
    with translation.override(installation.language):
        subject = gettext("Test message of Rollcall")
        body = gettext(
            "This is a test. Messages about provisioning that needs your attention will come to this address."
        )
    try:
        deliver(subject, body, [question.arguments["recipient"]], installation)
    except OSError as error:
        raise ConfigurationError(
            Sentence("The mail server did not take the message. Look at it in the settings of Rollcall."),
            code="MailNotSent",
            details=str(error),
        ) from error
    return {}


def _preview(question: Question, clock: Clock) -> dict[str, Any]:
    return preview(_application(question).job, clock)


def _impact(question: Question, clock: Clock) -> dict[str, Any]:
    def note(found: impact.Impact) -> None:
        Question.objects.filter(pk=question.pk).update(answer={"people": found.people, "concerned": found.concerned})

    job = _application(question).job
    if question.arguments.get("read"):
        read_directory(job.application.tenant, clock)
    return impact.told(job, impact.impact(job, question.arguments["schema"], clock(), progress=note))


ANSWERS: dict[str, Callable[[Question, Clock], Any]] = {
    Question.Kind.SEARCH: _search,
    Question.Kind.SERVICE_PRINCIPALS: _service_principals,
    Question.Kind.INSTANTIATE: _instantiate,
    Question.Kind.ASSIGN: _assign,
    Question.Kind.AUTHORIZE: _authorize,
    Question.Kind.PREVIEW: _preview,
    Question.Kind.IMPACT: _impact,
    Question.Kind.ON_DEMAND: _on_demand,
    Question.Kind.TEST_MAIL: _test_mail,
}
