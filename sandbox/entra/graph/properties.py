"""Which properties objects have, which of them come unasked, and what `$select` may name.

Source: Microsoft Graph v1.0, resource types "user", "group" and "servicePrincipal".
"""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.entra.directory import RELATIONS, DirectoryObject, Kind
from sandbox.entra.graph.errors import GraphError, bad_request

DEFAULT: dict[Kind, tuple[str, ...]] = {
    "user": (
        "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
        "preferredLanguage", "surname", "userPrincipalName", "id",
    ),
    "group": (
        "id", "deletedDateTime", "classification", "createdDateTime", "description", "displayName", "groupTypes",
        "mail", "mailEnabled", "mailNickname", "membershipRule", "proxyAddresses", "securityEnabled",
        "securityIdentifier", "visibility",
    ),
    "servicePrincipal": (
        "id", "deletedDateTime", "accountEnabled", "appDescription", "appDisplayName", "appId",
        "appRoleAssignmentRequired", "appRoles", "applicationTemplateId", "description", "displayName",
        "homepage", "servicePrincipalNames", "servicePrincipalType", "tags",
    ),
}  # fmt: skip
ON_REQUEST: dict[Kind, tuple[str, ...]] = {
    "user": (
        "accountEnabled", "ageGroup", "city", "companyName", "country", "createdDateTime", "creationType",
        "deletedDateTime", "department", "employeeHireDate", "employeeId", "employeeOrgData", "employeeType",
        "externalUserState", "faxNumber", "identities", "imAddresses", "lastPasswordChangeDateTime", "mailNickname",
        "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesExtensionAttributes", "onPremisesImmutableId",
        "onPremisesLastSyncDateTime", "onPremisesSamAccountName", "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled", "onPremisesUserPrincipalName", "otherMails", "passwordPolicies", "postalCode",
        "proxyAddresses", "securityIdentifier", "showInAddressList", "state", "streetAddress", "usageLocation",
        "userType",
    ),
    "group": ("isAssignableToRole", "onPremisesSyncEnabled", "preferredLanguage", "theme", "uniqueName"),
    "servicePrincipal": ("createdDateTime", "notes", "loginUrl", "replyUrls", "preferredSingleSignOnMode"),
}  # fmt: skip
OUTSIDE_THE_STORE = frozenset((
    "aboutMe", "birthday", "hireDate", "interests", "mailboxSettings", "mySite", "pastProjects", "preferredName",
    "responsibilities", "schools", "skills",
))  # fmt: skip
DIRECTORY_EXTENSION = re.compile(r"extension_[0-9a-f]{32}_\w+")
COLLECTIONS = frozenset((
    "businessPhones", "proxyAddresses", "otherMails", "imAddresses", "groupTypes", "appRoles", "tags",
    "servicePrincipalNames", "identities", "replyUrls",
))  # fmt: skip


BOOLEANS = frozenset((
    "accountEnabled", "appRoleAssignmentRequired", "isAssignableToRole", "mailEnabled", "onPremisesSyncEnabled",
    "securityEnabled", "showInAddressList",
))  # fmt: skip
COMPLEX = frozenset(("onPremisesExtensionAttributes", "employeeOrgData"))
COLLECTIONS_OF_OBJECTS = frozenset(("appRoles", "identities"))


def check_types(kind: Kind, properties: dict[str, Any]) -> None:
    """Raises GraphError for a property that does not exist, or a value of another type than the property's."""
    for name, value in properties.items():
        if not known(kind, name):
            raise bad_request(f"One or more property values specified are invalid: '{name}'.")
        if not has_type(name, value):
            raise bad_request(f"A value of the wrong type was found for property '{name}'.")


def has_type(name: str, value: Any) -> bool:
    if name in COLLECTIONS:
        item: type = dict if name in COLLECTIONS_OF_OBJECTS else str
        return isinstance(value, list) and all(isinstance(part, item) for part in value)
    if DIRECTORY_EXTENSION.fullmatch(name):
        return not isinstance(value, dict)
    expected: type = bool if name in BOOLEANS else dict if name in COMPLEX else str
    return value is None or isinstance(value, expected)


def known(kind: Kind, name: str) -> bool:
    return name in DEFAULT[kind] or name in ON_REQUEST[kind] or DIRECTORY_EXTENSION.fullmatch(name) is not None


def parse_select(kind: Kind, text: str | None, *, relations: bool = False) -> tuple[str, ...] | None:
    """The property names of `$select`, None where it was not sent; with `relations`, a relation may be named too.

    Raises GraphError 400 for an unknown name and 501 for a property that is kept outside the directory's store.
    """
    if not text:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if kind == "user" and name in OUTSIDE_THE_STORE:
            raise GraphError(501, "NotImplemented", f"Property '{name}' cannot be selected on a collection of users.")
        if not known(kind, name) and not (relations and name in RELATIONS[kind]):
            raise bad_request(f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'.")
    return names


def type_name(kind: Kind) -> str:
    return f"#microsoft.graph.{kind}"


def shown(showing: DirectoryObject, select: Iterable[str] | None) -> dict[str, Any]:
    """The object as a listing shows it: every selected property, null (or an empty list) where it was never set."""
    names = DEFAULT[showing.kind] if select is None else ("id", *select)
    values = showing.properties
    return {name: values.get(name, [] if name in COLLECTIONS else None) for name in names}
