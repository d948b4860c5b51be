"""Schema document → compiled object mapping."""

from collections.abc import Mapping
from typing import Any

from provisioning.errors import ConfigurationError, MappingError
from provisioning.mapping.attribute_mapping import AttributeMapping, compile_attribute_mapping
from provisioning.mapping.definitions import AttributeDefinition, definitions
from provisioning.mapping.filters import compile_filter
from provisioning.mapping.object_mapping import ObjectMapping
from provisioning.sentences import Sentence

Schema = Mapping[str, Any]
ALL_ACTIONS = "Add, Update, Delete"


def compile_mapping(schema: Schema, source_object: str = "User") -> ObjectMapping:
    """Compile the object mapping that reads `source_object`; of several, that of the rule that comes first.

    Raises ConfigurationError when the schema has none, or one that cannot work; `problems` says all that is wrong.
    """
    found = find_mapping(schema, source_object)
    if found is None:
        raise ConfigurationError(
            Sentence("The mapping has no object mapping for %(source_object)s.", source_object=source_object),
            code="InvalidSynchronizationSchema",
        )
    rule, mapping = found
    target = definitions(object_definition(schema, rule.get("targetDirectoryName"), mapping.get("targetObjectName")))
    actions = flow_types(mapping)
    scope = mapping.get("scope") or {}
    try:
        return ObjectMapping(
            name=mapping.get("name") or "",
            rule_id=rule.get("id") or "",
            source_object=source_object,
            target_object=mapping.get("targetObjectName") or "",
            enabled=mapping.get("enabled") is not False,
            creates="Add" in actions,
            updates="Update" in actions,
            deletes="Delete" in actions,
            attributes=tuple(attribute_mappings(mapping, target)),
            scope=compile_filter(scope.get("groups")),
            input_scope=compile_filter(scope.get("inputFilterGroups")),
            definitions=target,
        )
    except MappingError as error:
        raise ConfigurationError(
            Sentence("The mapping cannot be used: %(fault)s", fault=error.message), code="InvalidSynchronizationSchema"
        ) from error


def find_mapping(schema: Schema, source_object: str) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """The rule and the object mapping of it that reads `source_object`."""
    rules = sorted(schema.get("synchronizationRules") or (), key=lambda rule: rule.get("priority") or 0)
    for rule in rules:
        for mapping in rule.get("objectMappings") or ():
            if mapping.get("sourceObjectName") == source_object:
                return rule, mapping
    return None


def object_definition(schema: Schema, directory: object, name: object) -> Mapping[str, Any] | None:
    """The objectDefinition of a directory given by its name."""
    for each in schema.get("directories") or ():
        if each.get("name") == directory:
            for definition in each.get("objects") or ():
                if definition.get("name") == name:
                    return definition  # type: ignore[no-any-return]
    return None


def flow_types(mapping: Mapping[str, Any]) -> frozenset[str]:
    """Graph's flags "Add, Update, Delete"; all of them where absent, as official clients leave them out."""
    flags = mapping.get("flowTypes")
    names = (ALL_ACTIONS if flags is None else flags).split(",")
    return frozenset(name.strip() for name in names)


def attribute_mappings(mapping: Mapping[str, Any], target: Mapping[str, AttributeDefinition]) -> list[AttributeMapping]:
    found = []
    for each in mapping.get("attributeMappings") or ():
        name = each.get("targetAttributeName") or ""
        found.append(compile_attribute_mapping(each, target.get(name) or AttributeDefinition(name)))
    return found
