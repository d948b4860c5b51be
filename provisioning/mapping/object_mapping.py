"""One object mapping of a schema, compiled: who is in scope, how accounts are found, what they shall hold.

Source: Microsoft Entra ID, "Customize user provisioning attribute-mappings" and "How Application Provisioning
works"; Microsoft Graph v1.0, objectMapping.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from provisioning.errors import MappingError
from provisioning.expressions import IGNORE_OBJECT, Context, Drop, Value
from provisioning.expressions.signatures import Source
from provisioning.expressions.values import as_text
from provisioning.mapping.attribute_mapping import AttributeMapping, is_void
from provisioning.mapping.definitions import AttributeDefinition
from provisioning.mapping.evaluation import Difference, Evaluation, added, emptied, same
from provisioning.mapping.filters import ScopeFilter
from provisioning.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Matching:
    """One way to find a person's account: `target` holds what `evaluate` gives. Tried by rising `precedence`."""

    precedence: int
    target: str
    mapping: AttributeMapping

    def evaluate(self, source: Source, context: Context) -> str | None:
        """The text to look for, None where this person has none. Raises MappingError."""
        result = self.mapping.evaluate(source, context)
        return None if isinstance(result, Drop) else as_text(result) or None


@dataclass(frozen=True)
class ObjectMapping:
    """Compiled from the schema by `compile_mapping`; pure, and safe to share between threads.

    `attributes` are all attribute mappings in their order; `references` those of them whose target is a reference,
    which are written in a second pass. `input_scope` drops objects at reading, without taking anything from those
    that stop passing.
    """

    name: str
    rule_id: str
    source_object: str
    target_object: str
    enabled: bool
    creates: bool
    updates: bool
    deletes: bool
    attributes: tuple[AttributeMapping, ...]
    scope: ScopeFilter
    input_scope: ScopeFilter
    definitions: Mapping[str, AttributeDefinition]

    @cached_property
    def references(self) -> tuple[AttributeMapping, ...]:
        return tuple(mapping for mapping in self.attributes if mapping.is_reference)

    @cached_property
    def matching(self) -> tuple[Matching, ...]:
        found = [
            Matching(mapping.matching_priority, mapping.target, mapping)
            for mapping in self.attributes
            if mapping.matching_priority > 0
        ]
        return tuple(sorted(found, key=lambda each: each.precedence))

    @cached_property
    def source_attributes(self) -> frozenset[str]:
        """Everything that deciding about a person reads: mappings, matching, expressions and filters."""
        read = [mapping.attributes for mapping in self.attributes]
        return frozenset().union(*read, self.scope.attributes, self.input_scope.attributes)

    @cached_property
    def uses_time(self) -> bool:
        """Whether results change from one day to the next without any change of the directory."""
        return any(mapping.expression is not None and mapping.expression.uses_time for mapping in self.attributes)

    @cached_property
    def redacted(self) -> frozenset[str]:
        """Targets whose values no log may show."""
        return frozenset(mapping.target for mapping in self.attributes if mapping.redacts)

    @cached_property
    def unmapped_required(self) -> tuple[str, ...]:
        """Required targets without a mapping: the application will refuse every creation."""
        return tuple(
            name
            for name, each in self.definitions.items()
            if each.required and each.mutability != "ReadOnly" and name not in self.by_target
        )

    @cached_property
    def by_target(self) -> dict[str, AttributeMapping]:
        return {mapping.target: mapping for mapping in self.attributes}

    def evaluate(
        self, source: Source, context: Context, *, creating: bool, current: Mapping[str, Value] | None = None
    ) -> Evaluation:
        """What the target shall hold for this person.

        Args:
            creating: whether there is no account yet; default values and "only during object creation" depend on it.
            current: the account's attributes where there is one; mappings of kind None fill what is empty there.

        Errors of single attributes are collected, never raised.
        """
        evaluation = Evaluation()
        for mapping in self.attributes:
            if mapping.flows(creating=creating):
                try:
                    self._flow(mapping, evaluation, source, context, creating, current)
                except MappingError as error:
                    evaluation.errors[mapping.target] = error
        return evaluation

    def _flow(
        self,
        mapping: AttributeMapping,
        evaluation: Evaluation,
        source: Source,
        context: Context,
        creating: bool,
        current: Mapping[str, Value] | None,
    ) -> None:
        result = mapping.evaluate(source, seeded(context, mapping))
        if isinstance(result, Drop):
            evaluation.ignore_object = evaluation.ignore_object or result is IGNORE_OBJECT
            return
        value = mapping.fitted(result)
        empty_there = creating or emptied(current, mapping.target)
        if is_void(value) and mapping.default and (creating or (mapping.kind == "None" and empty_there)):
            value = mapping.fitted(mapping.default)
        if mapping.apply == "AttributeAddOnly" and not empty_there:
            return
        if mapping.is_reference:
            if not is_void(value):
                evaluation.references[mapping.target] = value
            elif mapping.clears and not creating:
                evaluation.clear.add(mapping.target)
        elif is_void(value) and (mapping.required or mapping.clears or value is None or value == []):
            empty(mapping, evaluation, creating, empty_there)
        else:
            evaluation.values[mapping.target] = value

    def differences(self, wanted: Mapping[str, Value], current: Mapping[str, Value]) -> list[Difference]:
        """Which attributes of an account have to be written, in the order of `wanted`; None in `wanted` clears.

        Names that the mapping does not know (made by the connector) are compared by the schema's definition, or as
        texts without regard to case.
        """
        found = []
        for name, value in wanted.items():
            difference = self._difference(name, value, current.get(name))
            if difference is not None:
                found.append(difference)
        return found

    def _difference(self, name: str, value: Value, held: Value) -> Difference | None:
        mapping = self.by_target.get(name)
        definition = self.definitions.get(name)
        case_exact = definition is not None and definition.case_exact
        if mapping is not None and mapping.adds_only and value is not None:
            value = added(value, held, case_exact=case_exact)
        if mapping is not None and mapping.flows_always:
            return Difference(name, held, value)
        if definition is not None and definition.mutability == "WriteOnly":
            # It cannot be read back, so it differs for ever; it is sent by a creation, or where it flows always.
            return None
        return None if same(value, held, case_exact=case_exact) else Difference(name, held, value)


def empty(mapping: AttributeMapping, evaluation: Evaluation, creating: bool, empty_there: bool) -> None:
    """No value: clear, leave, or refuse.

    A required attribute without a value stops a creation, and an update that would leave the target without one. An
    update of an account that has one leaves it, as Microsoft's service does: it never sends null.
    """
    if mapping.required and (empty_there or mapping.clears):
        message = Sentence("%(target)s is required, but has no value.", target=mapping.target)
        if mapping.kind in ("Direct", "Expression"):
            message = Sentence(
                "%(target)s is required, but has no value; it comes from %(source)s.",
                target=mapping.target,
                source=mapping.source,
            )
        raise MappingError(message, code="MandatoryFieldsMissing")
    if mapping.clears and not creating:
        evaluation.clear.add(mapping.target)


def seeded(context: Context, mapping: AttributeMapping) -> Context:
    """A context of the mapping's own where values are drawn, so that two attributes do not draw the same."""
    if mapping.expression is None or not mapping.expression.uses_random:
        return context
    return replace(context, seed=f"{context.seed}/{mapping.target}")
