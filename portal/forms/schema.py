"""The schema document: typed, or as a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provisioning.errors import MappingError
from provisioning.mapping import Problem, problems
from provisioning.mapping.merging import imported
from provisioning.mapping.places import Place, place_of
from provisioning.mapping.schema import MAX_BYTES, NotJson, export, read
from provisioning.wording import in_words

MOST = 20
"""Problems that are told; the others come to light when these are mended."""


class Fault:
    """One thing that is wrong: where in the text, where in the document ("" where it is no JSON), and what."""

    def __init__(self, place: Place, path: str, sentence: str) -> None:
        self.place, self.path = place, path
        self.sentence, _newline, self.caret = sentence.partition("\n")
        """An expression's fault brings two lines that point at its column."""


class SchemaForm(forms.Form):
    document = forms.CharField(
        label=gettext_lazy("Schema"),
        strip=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"class": "code", "rows": 28, "spellcheck": "false", "data-editor": "json"}),
    )

    def __init__(self, data: Any, files: Any, *, stored: dict[str, Any], may_change: bool) -> None:
        """What a file holds takes the place of what was typed."""
        if files and "file" in files:
            data = {"document": files["file"].read(MAX_BYTES + 1).decode("utf-8-sig", "replace")}
        super().__init__(data, initial={"document": export(stored).decode()})
        if not may_change:
            self.fields["document"].widget.attrs["readonly"] = True
        self.stored = stored
        self.faults: list[Fault] = []

    def clean_document(self) -> str:
        """Also fills `schema`, or `faults` with what is wrong."""
        text: str = self.cleaned_data["document"]
        try:
            self.schema = imported(read(text), self.stored)
        except NotJson as error:
            self.faults.append(Fault(Place(error.line, error.column), "", in_words(error.fault)))
        except MappingError as error:
            self.faults.append(Fault(Place(1, 1), "", in_words(error.message)))
        else:
            self.add_faults(problems(self.schema, self.stored))
        if self.faults:
            raise forms.ValidationError(_("The schema cannot be saved like this."))
        return text

    def add_faults(self, found: list[Problem]) -> None:
        text = self.cleaned_data["document"]
        for each in found[:MOST]:
            self.faults.append(Fault(place_of(text, each.path), each.path, in_words(each.message)))
