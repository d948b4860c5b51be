"""App registrations with the ends of their secrets, and Microsoft's own provisioning of an application.

Source: Microsoft Graph v1.0, "Get application", "passwordCredential", "keyCredential"; "List synchronizationJobs".
"""

from typing import Any

from cryptography import x509
from starlette.responses import Response

from sandbox.clock import iso
from sandbox.entra.applications import Application
from sandbox.entra.contoso import FOUNDED
from sandbox.entra.graph.errors import bad_request, not_found
from sandbox.entra.graph.operations import READ_APPLICATIONS, READ_SYNCHRONIZATION, graph
from sandbox.entra.graph.service_principals import find_service_principal
from sandbox.exchange import Call, Json
from sandbox.identifiers import guid
from sandbox.world import World

NEVER = "2299-12-31T00:00:00Z"
SHOWN = ("id", "appId", "displayName", "passwordCredentials", "keyCredentials")
HINT = 3
"""Characters of a secret that are told."""


@graph.on("GET", "/applications/{id}", needs=READ_APPLICATIONS)
def read_application(world: World, call: Call) -> Response:
    """As `applications(appId='…')`. Raises GraphError."""
    key = call.parameters["id"]
    application = world.state.applications.get(key.removeprefix("appId="))
    if application is None or not key.startswith("appId="):
        raise not_found(key)
    names = call.query["$select"].split(",") if "$select" in call.query else list(SHOWN)
    if unknown := [name for name in names if name not in SHOWN]:
        raise bad_request(f"Could not find a property named '{unknown[0]}' on type 'microsoft.graph.application'.")
    told = shown(application)
    context = {"@odata.context": f"{call.base}/$metadata#applications/$entity"}
    return Json(context | {name: told[name] for name in names})


def shown(application: Application) -> dict[str, Any]:
    ends = NEVER if application.secret_ends is None else iso(application.secret_ends)
    secret = {
        "customKeyIdentifier": None, "displayName": "Rollcall", "endDateTime": ends,
        "hint": application.secret[:HINT], "keyId": guid(application.client_id, "secret"), "secretText": None,
        "startDateTime": iso(FOUNDED),
    }  # fmt: skip
    return {
        "id": guid(application.client_id, "application"),
        "appId": application.client_id,
        "displayName": application.display_name,
        "passwordCredentials": [secret],
        "keyCredentials": [key_credential(application, pem) for pem in application.certificates],
    }


def key_credential(application: Application, pem: str) -> dict[str, Any]:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return {
        "customKeyIdentifier": None, "displayName": certificate.subject.rfc4514_string(), "key": None,
        "endDateTime": iso(certificate.not_valid_after_utc.timestamp()),
        "keyId": guid(application.client_id, str(certificate.serial_number)), "type": "AsymmetricX509Cert",
        "startDateTime": iso(certificate.not_valid_before_utc.timestamp()), "usage": "Verify",
    }  # fmt: skip


@graph.on("GET", "/servicePrincipals/{id}/synchronization/jobs", needs=READ_SYNCHRONIZATION)
def list_jobs(world: World, call: Call) -> Response:
    """The one job of GoToMeeting that the knob microsoft_provisioning speaks of."""
    principal, state = find_service_principal(world, call), world.knobs.microsoft_provisioning
    jobs: list[dict[str, Any]] = []
    if state != "none" and principal.id == guid(world.directory.seed, "servicePrincipal", "GoToMeeting"):
        job_id = f"gotomeeting.{world.directory.tenant_id.replace('-', '')}.{guid(principal.id, 'job')}"
        schedule = {"expiration": None, "interval": "PT40M", "state": state}
        jobs.append({"id": job_id, "templateId": "gotomeeting", "schedule": schedule, "status": {"code": "Active"}})
    context = f"{call.base}/$metadata#servicePrincipals('{principal.id}')/synchronization/jobs"
    return Json({"@odata.context": context, "value": jobs})
