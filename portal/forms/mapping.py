"""One attribute mapping, and the clauses of a scoping filter."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import schemas
from portal.schemas import CONSTANT, DIRECT, EXPRESSION, NONE
from provisioning.expressions import ExpressionError
from provisioning.mapping.attribute_mapping import AttributeMapping
from provisioning.mapping.filters import parts, problem
from provisioning.mapping.operators import OPERATORS
from provisioning.wording import in_words

APPLY = [
    ("Always", gettext_lazy("Always")),
    ("ObjectAddOnly", gettext_lazy("Only during object creation")),
    ("MultiValueAddOnly", gettext_lazy("Only add values to those that are there")),
]
CLAUSES = 5
"""Rows of an empty filter form; one that is full gets two more."""


class AttributeForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Mapping type"),
        choices=[
            (DIRECT, gettext_lazy("Direct")),
            (CONSTANT, gettext_lazy("Constant")),
            (EXPRESSION, gettext_lazy("Expression")),
            (NONE, gettext_lazy("None")),
        ],
    )
    source_attribute = forms.ChoiceField(
        label=gettext_lazy("Source attribute"), required=False, widget=forms.Select(attrs={"size": 8})
    )
    constant = forms.CharField(label=gettext_lazy("Constant Value"), required=False, max_length=1000)
    expression = forms.CharField(
        label=gettext_lazy("Expression"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"class": "code", "rows": 4, "spellcheck": "false"}),
    )
    default = forms.CharField(
        label=gettext_lazy("Default value if null (optional)"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Sent when an account is created and the source is empty."),
    )
    target = forms.ChoiceField(label=gettext_lazy("Target attribute"))
    matching = forms.BooleanField(label=gettext_lazy("Match objects using this attribute"), required=False)
    precedence = forms.IntegerField(
        label=gettext_lazy("Matching precedence"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("1 is tried first."),
    )
    apply = forms.ChoiceField(label=gettext_lazy("Apply this mapping"), choices=APPLY)

    def __init__(
        self,
        data: Any,
        *,
        schema: schemas.Schema,
        mapping: AttributeMapping | None,
        samples: Mapping[str, str] | None = None,
    ) -> None:
        """`samples`: somebody's values, shown beside the names of the attributes."""
        super().__init__(data, initial=_initial(mapping))
        sources = sorted(schemas.source_definitions(schema), key=str.lower)
        taken = {row["targetAttributeName"] for row in schemas.users_mapping(schema)["attributeMappings"]}
        own = mapping.target if mapping else None
        targets = [
            name
            for name, each in schemas.target_definitions(schema).items()
            if name == own or (name not in taken and each.mutability != "ReadOnly")
        ]
        labels = [(name, " – ".join(filter(None, (name, (samples or {}).get(name))))) for name in sources]
        cast(forms.ChoiceField, self.fields["source_attribute"]).choices = labels
        cast(forms.ChoiceField, self.fields["target"]).choices = [(name, name) for name in targets]
        self.fault: ExpressionError | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = {
            DIRECT: ("source_attribute", _("Choose the source attribute.")),
            CONSTANT: ("constant", _("Enter the value.")),
            EXPRESSION: ("expression", _("Enter the expression.")),
        }
        field, sentence = wanted.get(cleaned.get("kind", ""), ("", ""))
        if field and not cleaned.get(field):
            self.add_error(field, sentence)
        if cleaned.get("matching") and not cleaned.get("precedence"):
            cleaned["precedence"] = 1
        if not self.errors:
            try:
                cleaned["source"] = schemas.source_of(cleaned["kind"], cleaned.get(field, "") if field else "")
            except ExpressionError as error:
                self.fault = error
                self.add_error(
                    "expression",
                    _("Column %(column)d: %(fault)s") % {"column": error.column, "fault": in_words(error.message)},
                )
        return cleaned

    def attribute(self) -> dict[str, Any]:
        """Graph's attributeMapping, as far as this form knows it."""
        given = self.cleaned_data
        return {
            "source": given["source"],
            "defaultValue": given["default"] or None,
            "targetAttributeName": given["target"],
            "matchingPriority": given["precedence"] if given["matching"] else 0,
            "flowType": given["apply"],
        }


def _initial(mapping: AttributeMapping | None) -> dict[str, Any]:
    if mapping is None:
        return {"kind": DIRECT, "apply": "Always"}
    return {
        "kind": mapping.kind,
        "source_attribute": mapping.source if mapping.kind == DIRECT else "",
        "constant": mapping.source if mapping.kind == CONSTANT else "",
        "expression": mapping.source if mapping.kind == EXPRESSION else "",
        "default": mapping.default or "",
        "target": mapping.target,
        "matching": mapping.matching_priority > 0,
        "precedence": mapping.matching_priority or None,
        "apply": mapping.apply,
    }


class ClauseForm(forms.Form):
    attribute = forms.ChoiceField(label=gettext_lazy("Source attribute"), required=False)
    operator = forms.ChoiceField(label=gettext_lazy("Operator"), required=False, choices=[(n, n) for n in OPERATORS])
    value = forms.CharField(label=gettext_lazy("Value"), required=False, max_length=1000, strip=False)

    def __init__(self, *args: Any, schema: schemas.Schema, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definitions = schemas.source_definitions(schema)
        usable = sorted((n for n, each in self.definitions.items() if not each.multivalued), key=str.lower)
        cast(forms.ChoiceField, self.fields["attribute"]).choices = [("", "–"), *((n, n) for n in usable)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("attribute") and not self.errors and (sentence := problem(self.clause(), self.definitions)):
            self.add_error("value" if cleaned.get("operator") in OPERATORS else "operator", in_words(sentence))
        return cleaned

    def clause(self) -> dict[str, Any]:
        given = self.cleaned_data
        operator = OPERATORS.get(given.get("operator", ""))
        value = "" if operator and operator.unary else given.get("value", "")
        return schemas.clause_of(given["attribute"], given.get("operator", ""), value)


class FilterForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Scoping Filter Title"), max_length=200)


def initial_clauses(group: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for clause in group.get("clauses") or ():
        attribute, operator, value = parts(clause)
        found.append({"attribute": attribute, "operator": operator.name if operator else "", "value": value})
    return found
