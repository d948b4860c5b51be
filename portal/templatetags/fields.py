"""Fields of forms: described by their hint, marked when they are wrong."""

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The widget, joined to its hint and problems for a screen reader."""
    described = [f"{field.id_for_label}-hint"] if field.help_text else []
    described += [f"{field.id_for_label}-problem-{number}" for number, _ in enumerate(field.errors, 1)]
    attributes: dict[str, str | bool] = {}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def is_check_box(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_short(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.NumberInput)


@register.filter
def error_count(form: forms.BaseForm) -> int:
    """How many fields are wrong; problems of the form as a whole count as one."""
    return len(form.errors)
