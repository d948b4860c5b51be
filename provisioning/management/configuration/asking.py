"""What only a worker can find out or test: asked, and waited for."""

import time
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from provisioning.actions import assignments, credentials, questions
from provisioning.actions.applications import ServicePrincipal
from provisioning.actions.assignments import Principal
from provisioning.models import Application, Credential, DirectoryObject, Question, Tenant

PATIENCE = 60.0
"""Seconds; after that long a worker that is there would have answered."""
GLANCE = 0.1

NO_WORKER = "No worker answered within a minute. Start one (`manage.py worker`), and run this again."


def answer_to(question: Question) -> Any:
    """Raises CommandError with the reason when there is no answer."""
    ends = time.monotonic() + PATIENCE
    while question.answered_at is None:
        if time.monotonic() > ends:
            raise CommandError(NO_WORKER)
        time.sleep(GLANCE)
        question.refresh_from_db()
    if question.error_code:
        raise CommandError(question.error)
    return question.answer


def service_principal(tenant: Tenant, name: str, *, by: User | None) -> ServicePrincipal:
    """The tenant's enterprise application of this object id, application id or name. Raises CommandError."""
    found = answer_to(questions.find_service_principals(tenant, name, by=by))
    wanted = name.strip().lower()
    exact = [
        each for each in found if wanted in (each["id"].lower(), each["appId"].lower(), each["displayName"].lower())
    ]
    if len(exact) == 1:
        return ServicePrincipal.of(exact[0])
    if exact:
        ids = ", ".join(each["id"] for each in exact)
        raise CommandError(f"{tenant} has several enterprise applications named “{name}”. Give one of the ids: {ids}.")
    raise CommandError(f"{tenant} has no enterprise application “{name}” (by id, application id or name).")


def principal(tenant: Tenant, name: str, *, by: User | None) -> Principal:
    """A person by user principal name or object id, a group by name or object id: from the mirror, else from Graph."""
    mirrored = DirectoryObject.objects.filter(tenant=tenant, removed="")
    found = [Principal.of(row) for row in mirrored.filter(object_id__iexact=name)]
    found = found or [Principal.of(row) for row in mirrored.filter(user_principal_name__iexact=name)]
    found = found or [Principal.of(row) for row in mirrored.filter(kind="Group", display_name__iexact=name)]
    if not found:
        told = answer_to(questions.search(tenant, name, by=by))
        found = [
            Principal(each["id"], each["kind"], each["displayName"]) for each in told if _is_named(each, name.lower())
        ]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"{tenant} has several groups named “{name}”. Give the object id of one.")
    raise CommandError(f"{tenant} has nobody “{name}” (user principal name, object id, or name of a group).")


def _is_named(told: dict[str, str], name: str) -> bool:
    if told["id"].lower() == name:
        return True
    return name == (told["userPrincipalName"] if told["kind"] == "user" else told["displayName"]).lower()


def assign(application: Application, principals: list[Principal], role_id: str, *, by: User | None) -> None:
    """Until the rows have appeared. Raises CommandError with what the tenant refused."""
    question = assignments.assign(application, principals, role_id, by=by)
    if question is None:
        return
    answer = answer_to(question)
    if answer["failed"]:
        refused = (f"{each['principalName']}: {each['message']}" for each in answer["failed"])
        raise CommandError("Not assigned: " + " ".join(refused))


def passed_test(application: Application, *, by: User | None) -> Credential:
    """The stored credentials, tested just as they are. Raises CommandError with the check that failed."""
    credential = credentials.saved(application)
    if credential is None:
        raise CommandError(f"{application} has no credentials, so provisioning cannot be turned on.")
    if credential.test == Credential.Test.PASSED:
        return credential
    if credential.test not in (Credential.Test.WAITING, Credential.Test.RUNNING):
        credentials.request_test(credential, by=by)
    ends = time.monotonic() + PATIENCE
    while credential.test in (Credential.Test.WAITING, Credential.Test.RUNNING):
        if time.monotonic() > ends:
            raise CommandError(NO_WORKER)
        time.sleep(GLANCE)
        credential.refresh_from_db()
    if credential.test != Credential.Test.PASSED:
        failed = next((check for check in credential.checks if check["status"] == "failed"), None)
        reason = failed["message"] if failed else "It was not tested to its end."
        raise CommandError(f"The admin credentials of {application} do not pass the test: {reason}")
    return credential
