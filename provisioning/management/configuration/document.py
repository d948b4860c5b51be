"""The file: a tenant and its applications. docs/command-line.md describes it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from provisioning import gallery
from provisioning.connectors.base import CredentialField
from provisioning.connectors.registry import TARGETS
from provisioning.management.configuration.reading import (
    Reading,
    Refused,
    email,
    list_of,
    map_of,
    nullable,
    one_of,
    secret,
    text,
    whole_number,
)
from provisioning.models import Job


@dataclass
class TenantPart:
    tenant_id: str
    secrets: dict[str, str]
    fields: dict[str, str]
    """By the names that `actions.tenants` has for them; only what the file says."""


@dataclass
class ApplicationPart:
    """`path` is where it stands in the file. What the file leaves out is None or empty, and stays as it is."""

    path: str
    template: str
    display_name: str
    service_principal: str | None
    values: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    """Value of a role → the products that it gives."""
    assignments: list[tuple[str, str]] = field(default_factory=list)
    """(user principal name, object id or group name; value or name of a role)"""
    settings: dict[str, Any] = field(default_factory=dict)
    """By the names that `actions.settings` has for them."""
    actions: dict[str, bool] = field(default_factory=dict)
    status: str | None = None


@dataclass
class Document:
    tenant: TenantPart | None
    applications: list[ApplicationPart]


TENANT_FIELDS = {
    "name": "name",
    "clientId": "client_id",
    "authority": "authority",
    "graph": "graph_url",
    "caFile": "ca_file",
}
ACTIONS = {"Create": "create", "Update": "update", "Delete": "delete"}
OPTIONAL = {
    "servicePrincipal": text,
    "credentials": lambda reading, value, path: value,  # what it may hold depends on the template
    "roles": map_of(list_of(text)),
    "assignments": list_of(
        lambda reading, value, path: reading.members(
            value, path, required={"principal": text, "role": text}, optional={}
        )
    ),
    "settings": lambda reading, value, path: reading.members(
        value,
        path,
        required={},
        optional={
            "scope": one_of(*Job.Scope.values),
            "actions": list_of(one_of(*ACTIONS)),
            "notificationEmail": email,
            "intervalMinutes": whole_number(1),
            "deletionThreshold": nullable(whole_number(1)),
        },
    ),
    "provisioningStatus": one_of("On", "Off"),
}


def load(file: Path) -> Document:
    """Raises Refused with everything that is wrong with the file, each with its path."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Refused([("$", f"The file cannot be read: {error.strerror}.")]) from error
    except ValueError as error:
        raise Refused([("$", f"The file is not JSON: {error}.")]) from error
    return read(content)


def read(content: Any) -> Document:
    """As `load`, of JSON that is read already."""
    reading = Reading()
    told = reading.members(
        content,
        "$",
        required={},
        optional={"tenant": _tenant, "applications": list_of(_application)},
    )
    applications = [each for each in told.get("applications", ()) if each is not None]
    _refuse_twins(reading, applications)
    if reading.problems:
        raise Refused(reading.problems)
    return Document(told.get("tenant"), applications)


def _tenant(reading: Reading, value: Any, path: str) -> TenantPart | None:
    told = reading.members(
        value,
        path,
        required={"tenantId": text, "clientId": text, "clientSecret": secret},
        optional={"name": text, "authority": text, "graph": text, "caFile": text},
    )
    if None in told.values() or not {"tenantId", "clientSecret"} <= set(told):
        return None
    fields = {ours: told[theirs] for theirs, ours in TENANT_FIELDS.items() if theirs in told}
    return TenantPart(told["tenantId"], {"client_secret": told["clientSecret"]}, fields)


def _application(reading: Reading, value: Any, path: str) -> ApplicationPart | None:
    templates = tuple(gallery.stored())
    told = reading.members(
        value, path, required={"template": one_of(*templates), "displayName": text}, optional=OPTIONAL
    )
    if not (told.get("template") and told.get("displayName")):
        return None
    part = ApplicationPart(
        path,
        told["template"],
        told["displayName"],
        told.get("servicePrincipal"),
        roles=told.get("roles", {}),
        assignments=[(each.get("principal", ""), each.get("role", "")) for each in told.get("assignments", ())],
        status=told.get("provisioningStatus"),
    )
    if "credentials" in told:
        _read_credentials(reading, told["credentials"], f"{path}.credentials", part)
    _judge_products(reading, part)
    _settle(part, told.get("settings", {}))
    return part


def _read_credentials(reading: Reading, value: Any, path: str, part: ApplicationPart) -> None:
    """By the connector's names, whatever their capitals and underscores: auth_mode is authMode as well."""
    connector = gallery.stored()[part.template]["rollcall"]["connector"]
    asked: dict[str, CredentialField] = {each.name: each for each in TARGETS[connector].credential_fields}
    spelled = {name.replace("_", ""): name for name in asked}
    if isinstance(value, dict):
        value = {spelled.get(name.replace("_", "").lower(), name): given for name, given in value.items()}
    told = reading.members(
        value, path, required={}, optional={name: secret if each.secret else text for name, each in asked.items()}
    )
    for name, given in told.items():
        if given is None:
            continue
        (part.secrets if asked[name].secret else part.values)[name] = given


def _judge_products(reading: Reading, part: ApplicationPart) -> None:
    """Known are the products of the template; what else an account has licences for is known once it was read."""
    rows = gallery.stored()[part.template]["rollcall"]["roles"]
    known = {product for row in rows for product in row["products"]}
    for role, products in part.roles.items():
        for index, product in enumerate(products):
            if product is not None and product not in known:
                where = f'{part.path}.roles["{role}"][{index}]'
                reading.wrong(where, f"Unknown product {product}. Known: {', '.join(sorted(known))}.")


def _settle(part: ApplicationPart, told: dict[str, Any]) -> None:
    if told.get("scope"):
        part.settings["scope"] = told["scope"]
    if told.get("intervalMinutes"):
        part.settings["interval"] = timedelta(minutes=told["intervalMinutes"])
    if "deletionThreshold" in told:
        part.settings["deletion_threshold"] = told["deletionThreshold"]
    if told.get("notificationEmail"):
        part.settings |= {"notification_email": told["notificationEmail"], "notify_failures": True}
    if "actions" in told:
        part.actions = {ours: theirs in told["actions"] for theirs, ours in ACTIONS.items()}


def _refuse_twins(reading: Reading, applications: list[ApplicationPart]) -> None:
    seen: set[str] = set()
    for part in applications:
        if part.display_name.lower() in seen:
            reading.wrong(f"{part.path}.displayName", "Another application of the file has the same name.")
        seen.add(part.display_name.lower())
