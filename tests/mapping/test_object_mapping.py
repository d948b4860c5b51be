"""What a mapping wants for one person: set, clear, leave, refuse."""

import pytest

from provisioning.errors import ConfigurationError
from provisioning.mapping import compile_mapping
from tests.mapping.documents import MATCH, clause, context, group, mapping, row, schema

SET, CLEAR, LEAVE = "set", "clear", "leave"
CLEARS = {"rollcall": {"clearWhenEmpty": True}}


def outcome(one_row, source, *, creating, current=None):
    """(result, value) of a mapping of one row."""
    evaluation = mapping(one_row).evaluate(source, context(), creating=creating, current=current)
    target = one_row["targetAttributeName"]
    if target in evaluation.errors:
        return evaluation.errors[target].code, None
    if target in evaluation.clear:
        return CLEAR, None
    if target in evaluation.references:
        return "reference", evaluation.references[target]
    return (SET, evaluation.values[target]) if target in evaluation.values else (LEAVE, None)


TABLE = [
    # row, source, creating, current, expected
    (row("title", "[department]"), {"department": "Sales"}, True, None, (SET, "Sales")),
    (row("title", "[department]"), {"department": "Sales"}, False, {}, (SET, "Sales")),
    (row("title", "[department]"), {}, True, None, (LEAVE, None)),
    (row("title", "[department]"), {}, False, {"title": "Old"}, (LEAVE, None)),
    (row("title", "[department]"), {"department": ""}, False, {"title": "Old"}, (SET, "")),
    (row("title", "=Staff"), {}, False, {}, (SET, "Staff")),
    (row("title", "ToUpper([department])"), {"department": "Sales"}, False, {}, (SET, "SALES")),
    (row("title", "IgnoreFlowIfNullOrEmpty([department])"), {}, True, None, (LEAVE, None)),
    # default values: on creation only
    (row("title", "[department]", defaultValue="None"), {}, True, None, (SET, "None")),
    (row("title", "[department]", defaultValue="None"), {}, False, {}, (LEAVE, None)),
    (row("title", "[department]", defaultValue="None"), {"department": "Sales"}, True, None, (SET, "Sales")),
    (row("active", "[accountEnabled]", defaultValue="True"), {}, True, None, (SET, True)),
    # none: whenever the target is empty
    (row("title", None, defaultValue="Staff"), {}, True, None, (SET, "Staff")),
    (row("title", None, defaultValue="Staff"), {}, False, {"title": None}, (SET, "Staff")),
    (row("title", None, defaultValue="Staff"), {}, False, {"title": ""}, (SET, "Staff")),
    (row("title", None, defaultValue="Staff"), {}, False, {"title": "Boss"}, (LEAVE, None)),
    (row("title", None, defaultValue="Staff"), {}, False, None, (LEAVE, None)),
    (row("title", None), {}, True, None, (LEAVE, None)),
    # when it flows
    (row("title", "[department]", flowType="ObjectAddOnly"), {"department": "x"}, True, None, (SET, "x")),
    (row("title", "[department]", flowType="ObjectAddOnly"), {"department": "x"}, False, {}, (LEAVE, None)),
    (row("title", "=x", flowType="AttributeAddOnly"), {}, False, {"title": "y"}, (LEAVE, None)),
    (row("title", "=x", flowType="AttributeAddOnly"), {}, False, {}, (SET, "x")),
    (row("origin", "=Entra"), {}, True, None, (SET, "Entra")),
    (row("origin", "=Entra"), {}, False, {}, (LEAVE, None)),
    (row("id", "[objectId]"), {"objectId": "1"}, True, None, (LEAVE, None)),
    # clearing, where it is switched on
    (row("title", "[department]", **CLEARS), {}, False, {"title": "Old"}, (CLEAR, None)),
    (row("title", "[department]", **CLEARS), {"department": ""}, False, {"title": "Old"}, (CLEAR, None)),
    (row("title", "[department]", **CLEARS), {}, True, None, (LEAVE, None)),
    (row("title", "IgnoreFlowIfNullOrEmpty([department])", **CLEARS), {}, False, {}, (LEAVE, None)),
    (row("roles", "[appRoleAssignments]", **CLEARS), {"appRoleAssignments": []}, False, {}, (CLEAR, None)),
    (row("manager", "[manager]", **CLEARS), {}, False, {"manager": "7"}, (CLEAR, None)),
    # required
    (row("userName", "[mail]"), {}, True, None, ("MandatoryFieldsMissing", None)),
    (row("userName", "[mail]"), {"mail": ""}, True, None, ("MandatoryFieldsMissing", None)),
    (row("userName", "[mail]"), {}, False, {"userName": "b@x.nl"}, (LEAVE, None)),
    (row("userName", "[mail]"), {"mail": ""}, False, {"userName": "b@x.nl"}, (LEAVE, None)),
    (row("userName", "[mail]"), {}, False, {"userName": ""}, ("MandatoryFieldsMissing", None)),
    (row("userName", "[mail]", **CLEARS), {}, False, {"userName": "b@x.nl"}, ("MandatoryFieldsMissing", None)),
    (row("userName", "[mail]", defaultValue="x"), {}, True, None, (SET, "x")),
    # types and lengths
    (row("active", "Not([IsSoftDeleted])"), {"IsSoftDeleted": "True"}, False, {}, (SET, False)),
    (row("active", "=True"), {}, False, {}, (SET, True)),
    (row("active", "[department]"), {"department": "perhaps"}, False, {}, ("MappingError", None)),
    (row("badge", "[badge]"), {"badge": "007"}, False, {}, (SET, 7)),
    (row("badge", "[department]"), {"department": "x"}, False, {}, ("MappingError", None)),
    (row("title", "[badge]"), {"badge": 7}, False, {}, (SET, "7")),
    (row("title", "[accountEnabled]"), {"accountEnabled": True}, False, {}, (SET, "True")),
    (row("since", "CDate([hired])"), {"hired": "2026-03-09"}, False, {}, (SET, "3/9/2026 12:00:00 AM")),
    (row("nick", "[givenName]"), {"givenName": "Petra"}, False, {}, (SET, "Petra")),
    (row("nick", "[givenName]"), {"givenName": "Britta"}, False, {}, ("ValueTooLong", None)),
    (row("roles", "[appRoleAssignments]"), {"appRoleAssignments": ["admin"]}, False, {}, (SET, ["admin"])),
    (row("roles", "[department]"), {"department": "Sales"}, False, {}, (SET, ["Sales"])),
    (row("roles", "[appRoleAssignments]"), {"appRoleAssignments": ["organizer"]}, False, {}, ("ValueTooLong", None)),
    (row("roles", "[appRoleAssignments]"), {}, False, {}, (LEAVE, None)),
    (row("title", "[otherMails]"), {"otherMails": ["b"]}, False, {}, (SET, "b")),
    (row("title", "[otherMails]"), {"otherMails": ["b", "s"]}, False, {}, ("SchemaPropertyCanOnlyAcceptValue", None)),
    # references
    (row("manager", "[manager]"), {"manager": "guid-1"}, True, None, ("reference", "guid-1")),
    (row("manager", "[manager]"), {}, True, None, (LEAVE, None)),
    # an expression that fails for this person
    (row("title", "Item([otherMails], 3)"), {}, True, None, ("MappingError", None)),
]  # fmt: skip


@pytest.mark.parametrize(("one_row", "source", "creating", "current", "expected"), TABLE)
def test_a_mapping_sets_clears_leaves_or_refuses(one_row, source, creating, current, expected):
    assert outcome(one_row, source, creating=creating, current=current) == expected


def test_a_missing_required_value_names_target_and_source():
    evaluation = mapping(MATCH).evaluate({}, context(), creating=True)

    message = str(evaluation.errors["userName"])
    assert "userName" in message
    assert "userPrincipalName" in message


def test_a_value_that_is_too_long_names_attribute_and_limit():
    evaluation = mapping(row("nick", "[givenName]")).evaluate({"givenName": "Britta"}, context(), creating=True)

    assert "nick takes at most 5 characters" in str(evaluation.errors["nick"])


def test_one_faulty_attribute_leaves_the_others_their_values():
    evaluation = mapping(MATCH, row("nick", "[givenName]")).evaluate(
        {"userPrincipalName": "b@x.nl", "givenName": "Britta"}, context(), creating=True
    )

    assert evaluation.values == {"userName": "b@x.nl"}
    assert set(evaluation.errors) == {"nick"}


def test_wanted_holds_none_for_what_is_cleared():
    evaluation = mapping(MATCH, row("title", "[department]", **CLEARS)).evaluate(
        {"userPrincipalName": "b@x.nl"}, context(), creating=False, current={}
    )

    assert evaluation.wanted == {"userName": "b@x.nl", "title": None}


@pytest.mark.parametrize(("department", "ignored"), [("Secret", True), ("Sales", False)])
def test_an_expression_can_leave_the_whole_person_alone(department, ignored):
    hidden = row("title", 'IIF([department] = "Secret", IgnoreObjectFlow, [department])')

    evaluation = mapping(MATCH, hidden).evaluate({"department": department}, context(), creating=True)

    assert evaluation.ignore_object is ignored


def test_two_attributes_do_not_draw_the_same_random_value():
    evaluation = mapping(row("title", "Guid()"), row("code", "Guid()")).evaluate({}, context(), creating=True)

    assert evaluation.values["title"] != evaluation.values["code"]
    assert evaluation.values == mapping(row("title", "Guid()"), row("code", "Guid()")).evaluate(
        {}, context(), creating=True
    ).values  # fmt: skip


def test_a_unique_value_is_asked_for():
    unique = row("userName", 'SelectUniqueValue([mail], Append([mail], "2"))')

    evaluation = mapping(unique).evaluate({"mail": "b"}, context(taken=lambda value: value == "b"), creating=True)

    assert evaluation.values == {"userName": "b2"}


def test_a_mapping_knows_everything_it_reads():
    compiled = mapping(
        row("userName", "Coalesce([mail], [userPrincipalName])", matchingPriority=1),
        row("title", "[department]"),
        row("manager", "[manager]"),
        scope={
            "groups": [group("g", clause("surname", "IS NOT NULL"))],
            "inputFilterGroups": [group("i", clause("badge", "IS NOT NULL"))],
        },
    )

    assert compiled.source_attributes == {
        "mail",
        "userPrincipalName",
        "department",
        "manager",
        "surname",
        "badge",
    }
    assert [each.target for each in compiled.references] == ["manager"]


def test_a_mapping_knows_what_changes_by_itself_and_what_is_secret():
    assert not mapping(MATCH).uses_time
    assert mapping(MATCH, row("title", 'DateDiff("d", [hired], Now())')).uses_time
    assert mapping(MATCH, row("password", "Redact(RandomString(9, 1, 1, 1, 1))")).redacted == {"password"}


def test_matching_is_tried_by_precedence_and_takes_expressions():
    compiled = mapping(
        row("title", 'Join("@", [givenName], "x.nl")', matchingPriority=2),
        MATCH,
        row("code", "[department]", matchingPriority=3),
        row("nick", "[givenName]"),
    )
    source = {"userPrincipalName": "b@x.nl", "givenName": "britta"}

    found = [(each.precedence, each.target, each.evaluate(source, context())) for each in compiled.matching]
    assert found == [(1, "userName", "b@x.nl"), (2, "title", "britta@x.nl"), (3, "code", None)]


def test_a_dropped_matching_value_is_no_value():
    compiled = mapping(row("userName", "IgnoreFlowIfNullOrEmpty([mail])", matchingPriority=1))

    assert compiled.matching[0].evaluate({}, context()) is None


@pytest.mark.parametrize(("one_row", "missing"), [(MATCH, ()), (row("title", "[mail]"), ("userName",))])
def test_a_mapping_knows_the_required_attributes_that_it_lacks(one_row, missing):
    assert mapping(one_row).unmapped_required == missing


@pytest.mark.parametrize(
    ("flow_types", "actions"),
    [
        ("Add, Update, Delete", (True, True, True)),
        ("Add,Update", (True, True, False)),
        ("None", (False, False, False)),
        (None, (True, True, True)),
    ],
)
def test_flow_types_are_the_actions(flow_types, actions):
    compiled = mapping(MATCH, flowTypes=flow_types)

    assert (compiled.creates, compiled.updates, compiled.deletes) == actions


def test_the_rule_with_the_lowest_priority_comes_first():
    document = schema(MATCH)
    first = {**document["synchronizationRules"][0], "id": "r-0", "priority": 0}
    document["synchronizationRules"].append(first)

    assert compile_mapping(document).rule_id == "r-0"


@pytest.mark.parametrize(
    "document",
    [
        {},
        schema(MATCH) | {"synchronizationRules": []},
        schema(row("userName", "ToLowr([mail])")),
        schema(MATCH, scope={"groups": [group("g", clause("mail", "LIKE", "x"))]}),
        schema(MATCH, scope={"groups": [group("g", clause("mail", "REGEX MATCH", "("))]}),
    ],
)
def test_a_mapping_that_cannot_work_is_a_matter_for_the_administrator(document):
    with pytest.raises(ConfigurationError) as raised:
        compile_mapping(document)

    assert raised.value.code == "InvalidSynchronizationSchema"
