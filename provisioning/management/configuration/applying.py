"""What the file says → actions, only where something differs: applied a second time, it changes and audits nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from django.utils.timezone import now

from provisioning.actions import (
    applications,
    assignments,
    credentials,
    jobs,
    mappings,
    questions,
    roles,
    settings,
    tenants,
)
from provisioning.actions.assignments import Principal
from provisioning.management.configuration import waiting
from provisioning.management.configuration.document import (
    ApplicationEntry,
    AssignmentEntry,
    Document,
    SettingsEntry,
    TenantEntry,
    revealed,
)
from provisioning.management.configuration.waiting import Failed
from provisioning.models import Application, AppRole, Credential, DirectoryObject, Job, Tenant
from provisioning.models.application import DEFAULT_ACCESS
from provisioning.tasks.messages import read_soon

Say = Callable[[str], None]

ACTION_NAMES = {"Create": "create", "Update": "update", "Delete": "delete"}
CREDENTIAL_NAMES = {"authmode": "auth_mode", "accountkey": "account_key", "refreshtoken": "refresh_token"}
"""Spellings of Graph and of JSON → the connector's names."""


def apply(document: Document, say: Say) -> None:
    """Raises Failed or ActionRefused; what was done before stands, and is not repeated next time."""
    if document.tenant is None:
        return
    tenant = _tenant(document.tenant, say)
    for entry in document.applications:
        _application(tenant, entry, say)


def _tenant(entry: TenantEntry, say: Say) -> Tenant:
    secrets = {"client_secret": revealed(entry.client_secret, "$.tenant.clientSecret")}
    given = {
        "name": entry.name,
        "client_id": entry.client_id,
        "authority": entry.authority,
        "graph_url": entry.graph,
        "ca_file": entry.ca_file,
    }
    fields: dict[str, Any] = {name: value.rstrip("/") for name, value in given.items() if value is not None}
    tenant = Tenant.objects.filter(tenant_id__iexact=entry.tenant_id).first()
    if tenant is None:
        tenant = tenants.connect(tenant_id=entry.tenant_id, secrets=secrets, by=None, **fields)
        say(f"Tenant {tenant}: connected")
    elif tenants.update(tenant, by=None, secrets=secrets, **fields):
        say(f"Tenant {tenant}: changed")
    credential = credentials.saved(tenant)
    assert credential is not None, "a connected tenant has credentials"
    _tested(credential, f"Tenant {tenant}", say)
    return tenant


def _tested(credential: Credential, of_what: str, say: Say) -> None:
    if credential.test == Credential.Test.PASSED:
        return
    if credential.test in (Credential.Test.NEVER, Credential.Test.FAILED):
        credentials.request_test(credential, by=None)
    waiting.passed(credential, of_what)
    say(f"{of_what}: the connection works")


def _application(tenant: Tenant, entry: ApplicationEntry, say: Say) -> None:
    application = _found_or_added(tenant, entry, say)
    job = application.job
    _set_roles(application, entry.roles, say)
    if entry.credentials:
        _set_credentials(application, entry, say)
    _set_settings(job, entry.settings, say)
    if entry.assignments:
        _assign(application, entry.assignments, say)
    if entry.provisioning_status == "On":
        if (credential := credentials.saved(application)) is not None:
            _tested(credential, str(application), say)
        if jobs.turn_on(job, by=None):
            say(f"{application}: provisioning is on")
    elif entry.provisioning_status == "Off" and jobs.turn_off(job, by=None):
        say(f"{application}: provisioning is off")


def _found_or_added(tenant: Tenant, entry: ApplicationEntry, say: Say) -> Application:
    existing = tenant.applications.filter(display_name__iexact=entry.display_name).first()
    if existing is not None:
        return existing
    principal = _service_principal(tenant, entry.service_principal) if entry.service_principal else None
    application = applications.add(
        tenant, entry.template, display_name=entry.display_name, by=None, service_principal=principal
    )
    where = f"as the tenant's “{principal.display_name}”" if principal else "kept in the portal"
    say(f"{application}: added, {where}")
    return application


def _service_principal(tenant: Tenant, name: str) -> applications.ServicePrincipal:
    found = waiting.answer_to(questions.find_service_principals(tenant, name, by=None))
    exact = [each for each in found if name.casefold() in (each["id"], each["appId"], each["displayName"].casefold())]
    if len(exact) == 1:
        return applications.ServicePrincipal.of(exact[0])
    if not exact:
        raise Failed(
            f"The tenant has no enterprise application “{name}”. Give its object id, application id or full name."
        )
    ids = ", ".join(each["id"] for each in exact)
    raise Failed(f"The tenant has {len(exact)} enterprise applications named “{name}”. Give the id of one: {ids}.")


def _set_roles(application: Application, wanted: dict[str, list[str]], say: Say) -> None:
    for name, products in wanted.items():
        role = _role(application, name)
        if roles.update(role, by=None, products=products):
            say(f"{application}: the role {role} gives {', '.join(products) or 'nothing'}")


def _role(application: Application, name: str) -> AppRole:
    known = list(application.roles.all())
    for role in known:
        if name.casefold() in (role.value.casefold(), role.display_name.casefold(), role.role_id):
            return role
    there_is = ", ".join(role.value or role.display_name for role in known)
    raise Failed(f"{application} has no role “{name}”. There is: {there_is}.")


def _set_credentials(application: Application, entry: ApplicationEntry, say: Say) -> None:
    values: dict[str, str] = {}
    secrets: dict[str, str] = {}
    secret_names = {field.name for field in credentials.fields(application) if field.secret}
    for key, given in entry.credentials.items():
        name = CREDENTIAL_NAMES.get(key.replace("_", "").lower(), key.lower())
        (secrets if name in secret_names else values)[name] = revealed(given, f"credentials.{key}")
    before = credentials.saved(application)
    stored_at = before.changed_at if before else None
    if credentials.save(application, values=values, secrets=secrets, by=None).changed_at != stored_at:
        say(f"{application}: the admin credentials are stored")


def _set_settings(job: Job, entry: SettingsEntry, say: Say) -> None:
    fields: dict[str, Any] = {}
    if entry.scope is not msgspec.UNSET:
        fields["scope"] = entry.scope
    if isinstance(entry.interval_minutes, int):
        fields["interval"] = timedelta(minutes=entry.interval_minutes)
    if isinstance(entry.notification_email, str):
        fields["notification_email"] = entry.notification_email
        fields["notify_failures"] = bool(entry.notification_email)
    if entry.deletion_threshold is not msgspec.UNSET:
        fields["deletion_threshold"] = entry.deletion_threshold
    if fields and settings.update(job, by=None, **fields):
        say(f"{job.application}: settings changed")
    if entry.actions is not msgspec.UNSET:
        wanted = {name: label in entry.actions for label, name in ACTION_NAMES.items()}
        if mappings.set_actions(job, by=None, **wanted):
            say(f"{job.application}: actions are {', '.join(entry.actions) or 'none'}")


def _assign(application: Application, wanted: list[AssignmentEntry], say: Say) -> None:
    """In the mirror as it is after a reading, so that nobody is given what they have."""
    asked_at = now()
    read_soon(application.tenant_id)
    waiting.directory_read(application.tenant, asked_at)
    by_role: dict[str, list[Principal]] = {}
    for entry in wanted:
        role = DEFAULT_ACCESS if entry.role.casefold() == "default access" else _role(application, entry.role).role_id
        by_role.setdefault(role, []).append(_principal(application.tenant, entry.principal))
    for role, principals in by_role.items():
        held = application.assignments.filter(role_id=role, removed=False).values_list("principal_id", flat=True)
        missing = [principal for principal in principals if principal.id not in set(held)]
        question = assignments.assign(application, missing, role, by=None) if missing else None
        if question is not None:
            failed = waiting.answer_to(question)["failed"]
            if failed:
                raise Failed(f"{failed[0]['principalName']} was not assigned: {failed[0]['message']}")
        if missing:
            say(f"{application}: assigned {', '.join(principal.name for principal in missing)}")


def _principal(tenant: Tenant, name: str) -> Principal:
    """By user principal name, object id, or the display name of a group."""
    mirror = DirectoryObject.objects.filter(tenant=tenant, removed="")
    for found in (
        mirror.filter(object_id__iexact=name),
        mirror.filter(user_principal_name__iexact=name),
        mirror.filter(kind=DirectoryObject.Kind.GROUP, display_name__iexact=name),
    ):
        rows = list(found[:2])
        if len(rows) == 1:
            return Principal.of(rows[0])
        if rows:
            raise Failed(f"{tenant} has several groups named “{name}”. Give the object id.")
    raise Failed(f"{tenant} has nobody “{name}”. Give a user principal name, an object id or the name of a group.")
