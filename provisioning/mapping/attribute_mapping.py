"""One attribute mapping, compiled: where its value comes from, when it flows, and what the target takes.

Source: Microsoft Entra ID, "Customize user provisioning attribute-mappings"; Microsoft Graph v1.0, attributeMapping.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.errors import MappingError
from provisioning.expressions import Context, Expression, Result, Value, compile_expression
from provisioning.expressions.graph_source import expression_text
from provisioning.expressions.signatures import Source
from provisioning.expressions.values import as_integer, as_list, as_text, as_value
from provisioning.mapping.definitions import AttributeDefinition
from provisioning.sentences import Sentence

Evaluate = Callable[[Source, Context], Result]


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """How one target attribute gets its value.

    `kind` is Direct, Constant, Expression or None; `source` is its text as the mapping table shows it ("mail", a
    constant, an expression); `attributes` are what it reads. `apply` is Graph's flowType. `flows_always` sends the
    value even when it does not differ; `clears` lets an empty value empty the target, which Microsoft's service never
    does.
    """

    definition: AttributeDefinition
    kind: str
    source: str
    attributes: frozenset[str]
    default: str | None
    matching_priority: int
    apply: str
    flows_always: bool
    clears: bool
    evaluate: Evaluate
    expression: Expression | None = None

    @property
    def target(self) -> str:
        return self.definition.name

    @property
    def type(self) -> str:
        return self.definition.type

    @property
    def required(self) -> bool:
        return self.definition.required

    @property
    def unique(self) -> bool:
        return self.definition.unique

    @property
    def case_exact(self) -> bool:
        return self.definition.case_exact

    @property
    def multivalued(self) -> bool:
        return self.definition.multivalued

    @property
    def mutability(self) -> str:
        return self.definition.mutability

    @property
    def maximum_length(self) -> int | None:
        return self.definition.maximum_length

    @property
    def is_reference(self) -> bool:
        return self.definition.type == "Reference"

    @property
    def redacts(self) -> bool:
        return self.expression is not None and self.expression.redacts

    @property
    def adds_only(self) -> bool:
        """Whether values are added to those the account has, and none is taken away."""
        by_function = self.expression is not None and self.expression.adds_only
        return by_function or self.apply in ("MultiValueAddOnly", "ValueAddOnly")

    def flows(self, *, creating: bool) -> bool:
        """Whether the mapping takes part in a creation, or in an update."""
        if self.mutability == "ReadOnly":
            return False
        return creating or (self.apply != "ObjectAddOnly" and self.mutability != "Immutable")

    def fitted(self, value: Result) -> Value:
        """The value as the target's type. Raises MappingError naming the attribute when it does not fit."""
        try:
            fitted = as_list(value) if self.multivalued else SINGLE[self.type](value)
        except MappingError as error:
            raise MappingError(
                Sentence("%(target)s: %(fault)s", target=self.target, fault=error.message), code=error.code
            ) from None
        longest = self.maximum_length
        if longest is not None:
            for text in fitted if isinstance(fitted, list) else [fitted]:
                if isinstance(text, str) and len(text) > longest:
                    message = Sentence(
                        "%(target)s takes at most %(longest)s characters; the value has %(count)s.",
                        target=self.target,
                        longest=longest,
                        count=len(text),
                    )
                    raise MappingError(message, code="ValueTooLong")
        return fitted


def true_or_false(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = (as_text(value) or "").lower()
    if text in ("true", "false"):
        return text == "true"
    if not text:
        return None
    raise MappingError(Sentence('"%(text)s" is neither True nor False.', text=text[:40]))


def printed(value: Any) -> str | None:
    return as_text(value)


SINGLE: dict[str, Callable[[Any], Value]] = {
    "String": printed,
    "Reference": printed,
    "Binary": printed,
    "DateTime": printed,
    "Boolean": true_or_false,
    "Integer": as_integer,
}


def compile_attribute_mapping(mapping: Mapping[str, Any], definition: AttributeDefinition) -> AttributeMapping:
    """Read one attributeMapping of the schema. Raises MappingError when its expression cannot be compiled."""
    kind, source, attributes, evaluate, expression = compile_source(mapping.get("source"), mapping.get("defaultValue"))
    return AttributeMapping(
        definition=definition,
        kind=kind,
        source=source,
        attributes=attributes,
        default=mapping.get("defaultValue") or None,
        matching_priority=int(mapping.get("matchingPriority") or 0),
        apply=mapping.get("flowType") or "Always",
        flows_always=mapping.get("flowBehavior") == "FlowAlways",
        clears=clears(mapping),
        evaluate=evaluate,
        expression=expression,
    )


def clears(mapping: Mapping[str, Any]) -> bool:
    """Our own key: `"rollcall": {"clearWhenEmpty": true}` beside Graph's properties; off where it is absent."""
    own = mapping.get("rollcall")
    return isinstance(own, Mapping) and own.get("clearWhenEmpty") is True


def compile_source(
    source: Mapping[str, Any] | None, default: str | None
) -> tuple[str, str, frozenset[str], Evaluate, Expression | None]:
    if source is None:
        return "None", default or "", frozenset(), lambda source, context: None, None
    name = str(source.get("name") or "")
    match source.get("type"):
        case "Attribute":
            return "Direct", name, frozenset({name}), lambda source, context: as_value(source.get(name)), None
        case "Constant":
            return "Constant", name, frozenset(), lambda source, context: name, None
        case _:
            expression = compile_expression(expression_text(source))
            return "Expression", expression.text, expression.attributes, expression.evaluate, expression


def is_void(value: object) -> bool:
    """Whether a fitted value counts as empty."""
    return value is None or value == "" or value == []
