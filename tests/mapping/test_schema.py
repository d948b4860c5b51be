"""The schema document: what is wrong with it, its text, what a client's body keeps, and what has changed."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import MappingError
from provisioning.mapping import compile_mapping, problems
from provisioning.mapping.changes import SchemaChange, changes
from provisioning.mapping.merging import imported, patch, put
from provisioning.mapping.schema import export, read
from tests.mapping.documents import MATCH, clause, group, row, schema

FIRST_RULE = "synchronizationRules[0]"
MAPPING = f"{FIRST_RULE}.objectMappings[0]"
TARGETS = "directories[1].objects[0].attributes"
INPUT = f"{MAPPING}.scope.inputFilterGroups[0]"
ROW = f"{MAPPING}.attributeMappings[1]"


def with_row(target, source, **facts):
    return schema(MATCH, row(target, source, **facts))


def with_scope(*groups, kind="groups"):
    return schema(MATCH, scope={kind: list(groups)})


def changed(document, path, value):
    """A copy with one value put in at a path of names and indexes; `...` takes it away."""
    made = deepcopy(document)
    *way, last = path
    holder = made
    for step in way:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return made


RULE = ("synchronizationRules", 0)
USERS = (*RULE, "objectMappings", 0)
FIRST_TARGETS = ("directories", 1, "objects", 0, "attributes")
ROWS = (*USERS, "attributeMappings")
GOOD = with_row("title", "ToUpper([department])")

WRONG = [
    # document, path, code
    ([], "", "WrongType"),
    ({"directories": {}}, "directories", "WrongType"),
    ({"synchronizationRules": [None]}, "synchronizationRules[0]", "WrongType"),
    (changed(GOOD, (*RULE, "priority"), "1"), "synchronizationRules[0].priority", "WrongType"),
    (changed(GOOD, (*RULE, "editable"), 1), "synchronizationRules[0].editable", "WrongType"),
    (changed(GOOD, (*RULE, "sourceDirectoryName"), ...), f"{FIRST_RULE}.sourceDirectoryName", "MissingProperty"),
    (changed(GOOD, (*USERS, "flowTypes"), "Add, Replace"), f"{MAPPING}.flowTypes", "UnknownValue"),
    (with_row("title", "[mail]", flowType="Sometimes"), f"{ROW}.flowType", "UnknownValue"),
    (with_row("title", "[mail]", matchingPriority=True), f"{ROW}.matchingPriority", "WrongType"),
    (with_row("title", "[mail]", rollcall={"clearWhenEmpty": "yes"}), f"{ROW}.rollcall.clearWhenEmpty", "WrongType"),
    (changed(GOOD, (*RULE, "sourceDirectoryName"), "AD"), f"{FIRST_RULE}.sourceDirectoryName", "UnknownDirectory"),
    (changed(GOOD, (*USERS, "sourceObjectName"), "Cat"), f"{MAPPING}.sourceObjectName", "UnknownObject"),
    (changed(GOOD, (*USERS, "targetObjectName"), "Cat"), f"{MAPPING}.targetObjectName", "UnknownObject"),
    (with_row("shoeSize", "[mail]"), f"{ROW}.targetAttributeName", "UnknownTargetAttribute"),
    (with_row("id", "[mail]"), f"{ROW}.targetAttributeName", "ReadOnlyTarget"),
    (with_row("title", "[shoeSize]"), f"{ROW}.source", "UnknownSourceAttribute"),
    (with_row("title", "Join([mail], [shoeSize])"), f"{ROW}.source", "UnknownSourceAttribute"),
    (with_row("title", "ToLowr([mail])"), f"{ROW}.source.expression", "UnknownFunction"),
    (with_row("title", "Left([mail])"), f"{ROW}.source.expression", "ArgumentCount"),
    (with_row("title", "[mail]", matchingPriority=-1), f"{ROW}.matchingPriority", "WrongValue"),
    (with_row("active", "=perhaps"), f"{ROW}.source.name", "WrongValue"),
    (with_row("active", "[accountEnabled]", defaultValue="x"), f"{ROW}.defaultValue", "WrongValue"),
    (with_row("nick", "=too long"), f"{ROW}.source.name", "WrongValue"),
    (with_row("title", 'SelectUniqueValue("a", "b")', matchingPriority=2), f"{ROW}.source.expression", "Placement"),
    (with_row("userName", "[mail]"), f"{MAPPING}.attributeMappings", "Duplicate"),
    (schema(row("title", "[mail]")), f"{MAPPING}.attributeMappings", "NoMatchingAttribute"),
    (with_scope(group("g")), f"{MAPPING}.scope.groups[0]", "EmptyGroup"),
    (with_scope(group("g", clause("mail", "LIKE", "x"))), f"{MAPPING}.scope.groups[0].clauses[0]", "WrongClause"),
    (with_scope(group("g", clause("mail", "IS TRUE")), kind="inputFilterGroups"), f"{INPUT}.clauses[0]", "WrongClause"),
    (changed(GOOD, ("directories", 1, "name"), "Directory"), "directories", "Duplicate"),
    (changed(GOOD, (*FIRST_TARGETS, 1, "name"), "id"), TARGETS, "Duplicate"),
    (changed(GOOD, (*FIRST_TARGETS, 1, "anchor"), True), TARGETS, "SeveralAnchors"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path", "code"), WRONG, ids=[f"{code} {path}" for _, path, code in WRONG])
def test_a_fault_is_named_with_its_place(document, path, code):
    found = [(problem.path, problem.code) for problem in problems(document)]

    assert (path, code) in found


def test_a_good_schema_has_no_problems():
    assert problems(GOOD) == []
    assert problems(schema(row("title", "[mail]"), enabled=False)) == []


def test_a_wrong_expression_is_shown_with_its_caret():
    (problem,) = problems(with_row("title", "Append(ToLowr([mail]), 1)"))

    assert problem.message == "There is no function ToLowr. Did you mean ToLower?\nAppend(ToLowr([mail]), 1)\n       ^"


@pytest.mark.parametrize(
    ("path", "value"), [((*RULE, "name"), "x"), ((*USERS, "enabled"), False), (("synchronizationRules",), [])]
)
def test_a_rule_that_is_not_editable_cannot_be_changed(path, value):
    stored = changed(GOOD, (*RULE, "editable"), False)

    assert problems(stored, stored) == []
    assert "NotEditable" in [problem.code for problem in problems(changed(stored, path, value), stored)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


PLACES = (("directories",), ("synchronizationRules",), RULE, ROWS, (*USERS, "scope"), (*ROWS, 1), (*ROWS, 1, "source"))


@given(st.sampled_from(PLACES), json_values)
def test_checking_and_merging_survive_any_json(place, value):
    body = changed(GOOD, place, value)

    for merged in (put(GOOD, body), patch(GOOD, body), imported(body, GOOD)):
        if not problems(merged):
            compile_mapping(merged)


# --- text


EXTRA = {
    "@odata.type": "#microsoft.graph.synchronizationSchema",
    "provisioningTaskIdentifier": "Foo.User",
    "x": {"z": 1, "a": [2.5, None]},
}


def documentation_shape():
    """As Microsoft's pages show a schema: more properties than they document, fewer than they define."""
    document = {**deepcopy(GOOD), **EXTRA}
    document["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"][1]["source"]["isRedacted"] = False
    document["directories"][0]["objects"][0]["attributes"][1]["hidden"] = "yes"
    return document


@pytest.mark.parametrize("document", [GOOD, documentation_shape()])
def test_export_import_export_gives_identical_bytes(document):
    stored = imported(document, {})
    first = export(stored)

    again = imported(read(first), stored)

    assert export(again) == first
    assert problems(again) == []


def test_unknown_properties_survive_every_way_in():
    body = documentation_shape()

    for stored in (imported(body, {}), put(schema(MATCH), body), patch(schema(MATCH), body)):
        assert stored["provisioningTaskIdentifier"] == "Foo.User"
        assert stored["x"] == {"z": 1, "a": [2.5, None]}
        mapping = stored["synchronizationRules"][0]["objectMappings"][0]
        assert mapping["attributeMappings"][1]["source"]["isRedacted"] is False
        assert stored["directories"][0]["objects"][0]["attributes"][1]["hidden"] == "yes"
        assert "@odata.type" not in stored


def test_the_order_of_properties_means_nothing():
    shuffled = json.loads(json.dumps(GOOD, sort_keys=True))

    assert export(shuffled) == export(GOOD)


NO_SCHEMA = ("", "{", "[]", "1", '{"a": NaN}', '{"a": "\\u0000"}', b"\xff\xfe", '{"a": "\\ud800"}')


@pytest.mark.parametrize("text", [*NO_SCHEMA, "[" * 5000, " " * 5_000_000], ids=range(len(NO_SCHEMA) + 2))
def test_what_is_no_schema_text_is_refused(text):
    with pytest.raises(MappingError):
        read(text)


def test_a_byte_order_mark_is_no_fault():
    assert read("\ufeff{}") == read(b"\xef\xbb\xbf{}") == {}


# --- bodies


TITLE = {"flowType": "ObjectAddOnly", "defaultValue": "x", "rollcall": {"clearWhenEmpty": True}}
STORED = imported(with_row("title", "[department]", **TITLE), {})
STORED["synchronizationRules"][0]["objectMappings"][0]["flowTypes"] = "Add, Update"
STORED["directories"][0]["discoverabilities"] = "AttributeNames"


def rows_of(document):
    return document["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]


def sdk_body(document):
    """What an official client sends back: flags and nulls are lost."""

    def without(value):
        if isinstance(value, dict):
            kept = {name: without(each) for name, each in value.items() if each is not None}
            return {name: each for name, each in kept.items() if name not in ("flowTypes", "discoverabilities")}
        return [without(each) for each in value] if isinstance(value, list) else value

    return without(document)


@pytest.mark.parametrize("merge", [put, patch])
def test_getting_and_sending_back_changes_nothing(merge):
    assert merge(STORED, sdk_body(STORED)) == STORED


def test_patch_keeps_the_collections_that_the_body_has_not():
    rules = deepcopy(STORED["synchronizationRules"])
    rules[0]["name"] = "Renamed"

    merged = patch(STORED, {"synchronizationRules": rules})

    assert merged["directories"] == STORED["directories"]
    assert merged["synchronizationRules"][0]["name"] == "Renamed"


def test_an_element_that_the_body_has_not_is_gone():
    first = rows_of(STORED)[0]
    body = changed(STORED, ROWS, [first])

    assert [each["targetAttributeName"] for each in rows_of(patch(STORED, body))] == ["userName"]


def test_the_id_stays_the_jobs_own():
    assert put(STORED, {**STORED, "id": "other"})["id"] == "job-1"
    assert imported({**STORED, "id": "other"}, STORED)["id"] == "job-1"


def test_an_upload_drops_what_it_does_not_mention():
    body = changed(STORED, (*ROWS, 1, "rollcall"), ...)

    assert not compile_mapping(imported(body, STORED)).by_target["title"].clears
    assert compile_mapping(put(STORED, body)).by_target["title"].clears


def test_a_new_mapping_gets_graphs_defaults():
    new = {"targetAttributeName": "code", "source": {"type": "attribute", "name": "mail"}}
    body = changed(STORED, (*ROWS, 1), new)

    made = rows_of(put(STORED, body))[1]

    assert made == {
        "targetAttributeName": "code",
        "source": {"type": "Attribute", "name": "mail", "expression": "[mail]"},
        "defaultValue": None,
        "exportMissingReferences": False,
        "flowBehavior": "FlowWhenChanged",
        "flowType": "Always",
        "matchingPriority": 0,
    }


@pytest.mark.parametrize(
    ("spelled", "stored"),
    [("add,update", "Add, Update"), (["Add", "delete"], "Add, Delete"), ("NONE", "None")],
)
def test_enumerations_are_stored_in_graphs_spelling(spelled, stored):
    merged = put(STORED, changed(STORED, (*USERS, "flowTypes"), spelled))

    assert merged["synchronizationRules"][0]["objectMappings"][0]["flowTypes"] == stored


MAIL = {"type": "Attribute", "name": "mail", "expression": "[mail]", "parameters": []}
LOWER = {
    "type": "Function",
    "name": "ToLower",
    "expression": "ToLower([mail])",
    "parameters": [{"key": "source", "value": MAIL}],
}
SOURCES = [
    # what is sent, (type, name, expression) that is stored
    ({**LOWER, "expression": "ToUpper([mail])"}, ("Function", "ToUpper", "ToUpper([mail])")),
    ({**LOWER, "name": "ToUpper"}, ("Function", "ToUpper", "ToUpper([mail])")),
    ({**LOWER, "expression": None, "name": "ToUpper"}, ("Function", "ToUpper", "ToUpper([mail])")),
    ({**LOWER, "expression": "ToUpper( [mail] )"}, ("Function", "ToUpper", "ToUpper( [mail] )")),
    ({**LOWER, "expression": "[surname]"}, ("Attribute", "surname", "[surname]")),
    ({**LOWER, "expression": '"fixed"'}, ("Constant", "fixed", '"fixed"')),
    ({**LOWER, "expression": "ToLowr([mail])"}, ("Function", "ToLower", "ToLowr([mail])")),
    (LOWER, ("Function", "ToLower", "ToLower([mail])")),
]


@pytest.mark.parametrize(("sent", "stored"), SOURCES)
def test_the_text_of_a_source_wins_when_it_differs_from_the_stored_one(sent, stored):
    before = imported(changed(GOOD, (*ROWS, 1, "source"), LOWER), {})

    merged = put(before, changed(before, (*ROWS, 1, "source"), sent))

    source = rows_of(merged)[1]["source"]
    assert (source["type"], source["name"], source["expression"]) == stored


# --- changes


def test_the_same_schema_has_no_changes():
    assert changes(STORED, deepcopy(STORED)) == []
    assert changes(STORED, {**STORED, "version": "2"}) == []


def test_reordered_mappings_are_no_change():
    rows = rows_of(STORED)

    assert changes(STORED, changed(STORED, ROWS, rows[::-1])) == []


def test_changes_name_what_they_touch():
    after = changed(STORED, (*ROWS, 1), row("code", "[mail]"))
    after = changed(after, (*ROWS, 0, "source"), LOWER)
    after = changed(after, (*USERS, "flowTypes"), "Add")
    after = changed(after, (*FIRST_TARGETS, 2, "required"), True)

    found = changes(STORED, after)

    assert {change.label for change in found} == {
        "attribute title: required",
        "objectMapping User → User: flowTypes",
        "attributeMapping userName: source",
        "attributeMapping title",
        "attributeMapping code",
    }
    assert (
        SchemaChange("changed", "attributeMapping", "userName", "source", "[userPrincipalName]", "ToLower([mail])")
        in found
    )
    assert {change.action for change in found} == {"added", "removed", "changed"}
