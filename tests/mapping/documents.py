"""Small schema documents: one directory of people, one application."""

from datetime import UTC, datetime
from typing import Any

from provisioning.expressions import Context
from provisioning.mapping import ObjectMapping, compile_mapping

SOURCES = {
    "objectId": {"anchor": True},
    "userPrincipalName": {},
    "mail": {},
    "givenName": {},
    "surname": {},
    "department": {},
    "accountEnabled": {"type": "Boolean"},
    "IsSoftDeleted": {"type": "Boolean"},
    "badge": {"type": "Integer"},
    "hired": {"type": "DateTime"},
    "otherMails": {"multivalued": True},
    "appRoleAssignments": {"multivalued": True},
    "manager": {"type": "Reference"},
    "userType": {},
}
TARGETS = {
    "id": {"anchor": True, "mutability": "ReadOnly"},
    "userName": {"required": True, "unique": True},
    "title": {},
    "code": {"caseExact": True},
    "nick": {"metadata": [{"key": "MaximumLength", "value": "5"}]},
    "active": {"type": "Boolean"},
    "badge": {"type": "Integer"},
    "roles": {"multivalued": True, "metadata": [{"key": "MaximumLength", "value": "5"}]},
    "exactRoles": {"multivalued": True, "caseExact": True},
    "manager": {"type": "Reference", "referencedObjects": [{"referencedObjectName": "User"}]},
    "password": {"mutability": "WriteOnly"},
    "origin": {"mutability": "Immutable"},
    "since": {"type": "DateTime"},
}
NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


def attributes(table: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name, "type": "String", **facts} for name, facts in table.items()]


def row(target: str, source: str | None, **facts: Any) -> dict[str, Any]:
    """`source`: "[mail]" is direct, "=text" a constant, None none, anything else an expression."""
    if source is None:
        made: dict[str, Any] | None = None
    elif source.startswith("["):
        made = {"type": "Attribute", "name": source[1:-1], "expression": source, "parameters": []}
    elif source.startswith("="):
        made = {"type": "Constant", "name": source[1:], "expression": f'"{source[1:]}"', "parameters": []}
    else:
        made = {"type": "Function", "name": source.partition("(")[0], "expression": source}
    return {"targetAttributeName": target, "source": made, **facts}


def schema(*rows: dict[str, Any], scope: Any = None, **facts: Any) -> dict[str, Any]:
    mapping = {
        "name": "People",
        "sourceObjectName": "User",
        "targetObjectName": "User",
        "scope": scope,
        "attributeMappings": list(rows),
        **facts,
    }
    return {
        "id": "job-1",
        "version": "1",
        "directories": [
            {"id": "d-1", "name": "Directory", "objects": [{"name": "User", "attributes": attributes(SOURCES)}]},
            {"id": "d-2", "name": "App", "objects": [{"name": "User", "attributes": attributes(TARGETS)}]},
        ],
        "synchronizationRules": [
            {
                "id": "r-1",
                "name": "Users",
                "priority": 1,
                "sourceDirectoryName": "Directory",
                "targetDirectoryName": "App",
                "objectMappings": [mapping],
            }
        ],
    }


MATCH = row("userName", "[userPrincipalName]", matchingPriority=1)


def mapping(*rows: dict[str, Any], **facts: Any) -> ObjectMapping:
    return compile_mapping(schema(*rows, **facts))


def context(**facts: Any) -> Context:
    return Context(**{"now": NOW, "seed": "s", **facts})


def clause(attribute: str, operator: str, *values: str) -> dict[str, Any]:
    return {"sourceOperandName": attribute, "operatorName": operator, "targetOperand": {"values": list(values)}}


def group(name: str, *clauses: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "clauses": list(clauses)}
