"""What the file says → actions, only where something differs: applied a second time, it changes and audits nothing."""

from collections.abc import Callable
from typing import Any

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
from provisioning.actions.actor import Actor
from provisioning.actions.assignments import Principal
from provisioning.management.configuration import waiting
from provisioning.management.configuration.document import ApplicationPart, Document, TenantPart
from provisioning.management.configuration.reading import Refused
from provisioning.management.configuration.waiting import Failed
from provisioning.models import Application, AppRole, Credential, DirectoryObject, Tenant
from provisioning.models.application import DEFAULT_ACCESS
from provisioning.tasks.messages import read_soon

Say = Callable[[str], None]


def apply(document: Document, say: Say, *, by: Actor) -> None:
    """Raises Refused before anything has changed; Failed or ActionRefused later: what was done then stands, and is not
    repeated next time.
    """
    contradictions(document)
    if document.tenant is None and not document.applications:
        return
    tenant = _tenant(document.tenant, say, by) if document.tenant else Tenant.objects.get()
    if document.tenant and any(_asks_the_tenant(part) for part in document.applications):
        _tested(credentials.saved(tenant), f"Tenant {tenant}", say, by)
    for part in document.applications:
        _application(tenant, part, say, by)


def _asks_the_tenant(part: ApplicationPart) -> bool:
    return bool(part.service_principal or part.assignments or part.status == "On")


def contradictions(document: Document) -> None:
    """What the file and the database say that cannot both be true. Raises Refused."""
    if document.tenant is None:
        if document.applications and Tenant.objects.count() != 1:
            raise Refused([("$.applications", "The file names no tenant, and there is not exactly one.")])
        tenant = Tenant.objects.first()
    else:
        tenant = Tenant.objects.filter(tenant_id__iexact=document.tenant.tenant_id).first()
    problems = []
    for part in document.applications:
        stored = _stored(tenant, part)
        if stored and stored.template_id != part.template:
            problems.append((f"{part.path}.template", f"{stored} was added from the template {stored.template_id}."))
        if stored and stored.kept_here != (part.service_principal is None):
            where = "kept in the portal" if stored.kept_here else "an enterprise application of the tenant"
            problems.append((f"{part.path}.servicePrincipal", f"{stored} is {where}, which cannot be changed."))
    if problems:
        raise Refused(problems)


def _stored(tenant: Tenant | None, part: ApplicationPart) -> Application | None:
    return tenant.applications.filter(display_name__iexact=part.display_name).first() if tenant else None


def _tenant(part: TenantPart, say: Say, by: Actor) -> Tenant:
    fields: dict[str, Any] = {
        name: value if name == "name" else value.rstrip("/") for name, value in part.fields.items()
    }
    tenant = Tenant.objects.filter(tenant_id__iexact=part.tenant_id).first()
    if tenant is None:
        tenant = tenants.connect(
            tenant_id=part.tenant_id, client_id=fields.pop("client_id"), secrets=part.secrets, by=by, **fields
        )
        say(f"Tenant {tenant}: connected")
    elif tenants.update(tenant, by=by, secrets=part.secrets, **fields):
        say(f"Tenant {tenant}: changed")
    return tenant


def _tested(credential: Credential | None, of_what: str, say: Say, by: Actor) -> None:
    if credential is None:
        raise Failed(f"{of_what} has no credentials, so that nothing can be turned on.")
    if credential.test == Credential.Test.PASSED:
        return
    waiting_long = credential.test == Credential.Test.WAITING and now() - credential.changed_at > waiting.FORGOTTEN
    if waiting_long or credential.test in (Credential.Test.NEVER, Credential.Test.FAILED):
        credentials.request_test(credential, by=by)
    waiting.passed(credential, of_what)
    say(f"{of_what}: the connection works")


def _application(tenant: Tenant, part: ApplicationPart, say: Say, by: Actor) -> None:
    application = _found_or_added(tenant, part, say, by)
    job = application.job
    _set_roles(application, part.roles, say, by)
    if part.values or part.secrets:
        _set_credentials(application, part, say, by)
    if part.settings and settings.update(job, by=by, **part.settings):
        say(f"{application}: settings changed")
    if part.actions and mappings.set_actions(job, by=by, **part.actions):
        say(f"{application}: actions are {', '.join(name for name, on in part.actions.items() if on) or 'none'}")
    if part.assignments:
        _assign(application, part.assignments, say, by)
    if part.status == "On":
        _tested(credentials.saved(application), str(application), say, by)
        if jobs.turn_on(job, by=by):
            say(f"{application}: provisioning is on")
    elif part.status == "Off" and jobs.turn_off(job, by=by):
        say(f"{application}: provisioning is off")


def _found_or_added(tenant: Tenant, part: ApplicationPart, say: Say, by: Actor) -> Application:
    stored = _stored(tenant, part)
    principal = None
    if part.service_principal and not (stored and _is_named(stored, part.service_principal)):
        principal = _service_principal(tenant, part.service_principal, by)
    if stored is not None:
        if principal and principal.id != stored.service_principal_id:
            raise Failed(f"{stored} is connected to another enterprise application than “{part.service_principal}”.")
        return stored
    application = applications.add(
        tenant, part.template, display_name=part.display_name, by=by, service_principal=principal
    )
    where = f"as the tenant's “{principal.display_name}”" if principal else "kept in the portal"
    say(f"{application}: added, {where}")
    return application


def _is_named(stored: Application, name: str) -> bool:
    return name.lower() in (stored.service_principal_id.lower(), stored.app_id.lower())


def _service_principal(tenant: Tenant, name: str, by: Actor) -> applications.ServicePrincipal:
    found = waiting.answer_to(questions.find_service_principals(tenant, name, by=by))
    wanted = name.strip().casefold()
    exact = [
        each for each in found if wanted in (each["id"].lower(), each["appId"].lower(), each["displayName"].casefold())
    ]
    if len(exact) == 1:
        return applications.ServicePrincipal.of(exact[0])
    if not exact:
        raise Failed(
            f"The tenant has no enterprise application “{name}”. Give its object id, application id or full name."
        )
    ids = ", ".join(each["id"] for each in exact)
    raise Failed(f"The tenant has {len(exact)} enterprise applications named “{name}”. Give the id of one: {ids}.")


def _set_roles(application: Application, wanted: dict[str, list[str]], say: Say, by: Actor) -> None:
    for name, products in wanted.items():
        role = _role(application, name)
        if roles.update(role, by=by, products=products):
            say(f"{application}: the role {role} gives {', '.join(products) or 'nothing'}")


def _role(application: Application, name: str) -> AppRole:
    known = list(application.roles.all())
    for role in known:
        if name.casefold() in (role.value.casefold(), role.display_name.casefold(), role.role_id):
            return role
    there_is = ", ".join(role.value or role.display_name for role in known)
    raise Failed(f"{application} has no role “{name}”. There is: {there_is}.")


def _set_credentials(application: Application, part: ApplicationPart, say: Say, by: Actor) -> None:
    before = credentials.saved(application)
    stored_at = before.changed_at if before else None
    stored = credentials.save(application, values=part.values, secrets=part.secrets, by=by)
    if stored.changed_at != stored_at:
        say(f"{application}: the admin credentials are stored")


def _assign(application: Application, wanted: list[tuple[str, str]], say: Say, by: Actor) -> None:
    """In the mirror as it is after a reading, so that nobody is given what they have."""
    asked_at = now()
    read_soon(application.tenant_id)
    waiting.directory_read(application.tenant, asked_at)
    by_role: dict[str, list[Principal]] = {}
    for principal, name in wanted:
        role = DEFAULT_ACCESS if name.casefold() == "default access" else _role(application, name).role_id
        by_role.setdefault(role, []).append(_principal(application.tenant, principal))
    for role, principals in by_role.items():
        held = application.assignments.filter(role_id=role, removed=False).values_list("principal_id", flat=True)
        missing = [principal for principal in principals if principal.id not in set(held)]
        question = assignments.assign(application, missing, role, by=by) if missing else None
        if question is not None and (failed := waiting.answer_to(question)["failed"]):
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
