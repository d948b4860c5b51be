"""What is checked before a schema is stored: that it can run, and that nobody changes what may not change."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.errors import MappingError
from provisioning.expressions import ExpressionError
from provisioning.mapping import filters
from provisioning.mapping.attribute_mapping import AttributeMapping, compile_attribute_mapping
from provisioning.mapping.compiler import object_definition
from provisioning.mapping.definitions import AttributeDefinition, definitions
from provisioning.mapping.shape import Problem, shape_problems
from provisioning.sentences import Sentence

Json = Mapping[str, Any]


def problems(schema: Any, stored: Json | None = None) -> list[Problem]:
    """Everything that is wrong with a schema document, in its order; empty when it may be stored.

    `stored` is the schema that it would replace: rules that are not editable must be as they were. Faults of the shape
    are reported alone, since nothing else can be judged then.
    """
    if not isinstance(schema, dict):
        return [Problem("", "WrongType", Sentence("A schema is one JSON object."))]
    of_shape = list(shape_problems(schema))
    if of_shape:
        return of_shape
    return [*directory_problems(schema), *rules_problems(schema), *frozen_problems(schema, stored or {})]


def directory_problems(schema: Json) -> Iterator[Problem]:
    directories = schema.get("directories") or []
    yield from duplicates((each["name"] for each in directories), "directories", Sentence("directory"))
    for at, directory in enumerate(directories):
        objects = directory.get("objects") or []
        yield from duplicates((each["name"] for each in objects), f"directories[{at}].objects", Sentence("object"))
        for index, each in enumerate(objects):
            path = f"directories[{at}].objects[{index}].attributes"
            attributes = each.get("attributes") or []
            yield from duplicates((attribute["name"] for attribute in attributes), path, Sentence("attribute"))
            if sum(bool(attribute.get("anchor")) for attribute in attributes) > 1:
                yield Problem(path, "SeveralAnchors", Sentence("%(name)s has more than one anchor.", name=each["name"]))


def duplicates(names: Iterator[str], path: str, noun: Sentence) -> Iterator[Problem]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem(
                path,
                "Duplicate",
                Sentence("The %(noun)s %(name)s is there %(times)s times.", noun=noun, name=name, times=times),
            )


def rules_problems(schema: Json) -> Iterator[Problem]:
    known = {directory["name"] for directory in schema.get("directories") or ()}
    if not any(rule.get("objectMappings") for rule in schema.get("synchronizationRules") or ()):
        yield Problem("synchronizationRules", "NoObjectMapping", Sentence("The schema maps no objects at all."))
    for at, rule in enumerate(schema.get("synchronizationRules") or ()):
        path = f"synchronizationRules[{at}]"
        missing = False
        for name in ("sourceDirectoryName", "targetDirectoryName"):
            if rule[name] not in known:
                missing = True
                yield Problem(
                    f"{path}.{name}", "UnknownDirectory", Sentence("There is no directory %(name)s.", name=rule[name])
                )
        if not missing:
            for index, mapping in enumerate(rule.get("objectMappings") or ()):
                yield from object_mapping_problems(schema, rule, mapping, f"{path}.objectMappings[{index}]")


def object_mapping_problems(schema: Json, rule: Json, mapping: Json, path: str) -> Iterator[Problem]:
    source_object = object_definition(schema, rule["sourceDirectoryName"], mapping["sourceObjectName"])
    target_object = object_definition(schema, rule["targetDirectoryName"], mapping["targetObjectName"])
    for name, found in (("sourceObjectName", source_object), ("targetObjectName", target_object)):
        if found is None:
            yield Problem(
                f"{path}.{name}",
                "UnknownObject",
                Sentence("There is no object %(name)s in its directory.", name=mapping[name]),
            )
    if source_object is None or target_object is None:
        return
    sources, targets = definitions(source_object), definitions(target_object)
    rows = mapping.get("attributeMappings") or []
    for index, row in enumerate(rows):
        yield from attribute_mapping_problems(row, sources, targets, f"{path}.attributeMappings[{index}]")
    yield from duplicates((row["targetAttributeName"] for row in rows), f"{path}.attributeMappings", Sentence("target"))
    if mapping.get("enabled") is not False and not any((row.get("matchingPriority") or 0) > 0 for row in rows):
        message = Sentence("No attribute is used for matching, so accounts could not be found.")
        yield Problem(f"{path}.attributeMappings", "NoMatchingAttribute", message)
    yield from scope_problems(mapping.get("scope") or {}, sources, f"{path}.scope")


def attribute_mapping_problems(
    row: Json, sources: Mapping[str, AttributeDefinition], targets: Mapping[str, AttributeDefinition], path: str
) -> Iterator[Problem]:
    name = row["targetAttributeName"]
    target = targets.get(name)
    if target is None:
        yield Problem(
            f"{path}.targetAttributeName",
            "UnknownTargetAttribute",
            Sentence("The target has no attribute %(name)s.", name=name),
        )
        return
    if target.mutability == "ReadOnly":
        yield Problem(
            f"{path}.targetAttributeName", "ReadOnlyTarget", Sentence("%(name)s cannot be written.", name=name)
        )
    if (row.get("matchingPriority") or 0) < 0:
        yield Problem(
            f"{path}.matchingPriority", "WrongValue", Sentence("A matching precedence is 0 (not matching), 1, 2, …")
        )
    try:
        compiled = compile_attribute_mapping(row, target)
    except ExpressionError as error:
        message = Sentence("%(fault)s\n%(caret)s", fault=error.message, caret=error.caret())
        yield Problem(f"{path}.source.expression", error.kind, message)
        return
    yield from source_problems(compiled, sources, path)
    yield from constant_problems(compiled, path)


def source_problems(
    mapping: AttributeMapping, sources: Mapping[str, AttributeDefinition], path: str
) -> Iterator[Problem]:
    if mapping.kind == "Direct" and not mapping.source:
        yield Problem(f"{path}.source.name", "MissingProperty", Sentence("A direct mapping needs a source attribute."))
        return
    for name in sorted(mapping.attributes - sources.keys()):
        yield Problem(
            f"{path}.source", "UnknownSourceAttribute", Sentence("The source has no attribute %(name)s.", name=name)
        )
    if mapping.matching_priority and mapping.expression is not None and mapping.expression.unique:
        message = Sentence("SelectUniqueValue cannot be used on a matching attribute.")
        yield Problem(f"{path}.source.expression", "Placement", message)


def constant_problems(mapping: AttributeMapping, path: str) -> Iterator[Problem]:
    """Constants and default values that the target's type or length would refuse for everybody."""
    fixed = {"defaultValue": mapping.default, "source.name": mapping.source if mapping.kind == "Constant" else None}
    for name, value in fixed.items():
        if value:
            try:
                mapping.fitted(value)
            except MappingError as error:
                yield Problem(f"{path}.{name}", "WrongValue", error.message)


def scope_problems(scope: Json, sources: Mapping[str, AttributeDefinition], path: str) -> Iterator[Problem]:
    for kind in ("groups", "inputFilterGroups", "categoryFilterGroups"):
        for at, group in enumerate(scope.get(kind) or ()):
            place = f"{path}.{kind}[{at}]"
            clauses = group.get("clauses") or []
            if not clauses:
                yield Problem(place, "EmptyGroup", Sentence("A scoping filter needs at least one clause."))
            for index, clause in enumerate(clauses):
                message = filters.problem(clause, sources)
                if message is not None:
                    yield Problem(f"{place}.clauses[{index}]", "WrongClause", message)


def frozen_problems(schema: Json, stored: Json) -> Iterator[Problem]:
    """Rules that the stored schema marks as not editable."""
    given = {rule.get("id"): (at, rule) for at, rule in enumerate(schema.get("synchronizationRules") or ())}
    for rule in stored.get("synchronizationRules") or ():
        if rule.get("editable") is False:
            at, now = given.get(rule.get("id"), (None, None))
            if now != rule:
                path = "synchronizationRules" if at is None else f"synchronizationRules[{at}]"
                yield Problem(
                    path, "NotEditable", Sentence("The rule %(name)s cannot be changed.", name=rule.get("name"))
                )
