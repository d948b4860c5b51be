"""What somebody waits for, asked of the real outside world; the answer, or why there is none, is a row."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core import mail

from provisioning.actions import credentials
from provisioning.engine import questions
from provisioning.models import Credential, Question
from tests.world import USER, World

CALLBACK = "https://localhost/goto/callback"


def ask(world: World, kind: str, **arguments: Any) -> Question:
    question = Question.objects.create(
        kind=kind, tenant=world.tenant, application=world.application, arguments=arguments
    )
    return answered(world, question)


def answered(world: World, question: Question) -> Question:
    questions.answer(question, world.now)
    question.refresh_from_db()
    return question


def test_a_question_waits_is_answered_and_is_asked_once(world: World) -> None:
    question = Question.objects.create(
        kind=Question.Kind.SEARCH, tenant=world.tenant, arguments={"text": "Britta", "kinds": ["user"]}
    )
    assert question.state == "waiting"

    assert answered(world, question).state == "answered"
    before = world.sandbox.control.counters()
    questions.answer(question, world.now)

    assert world.sandbox.control.counters() == before


def test_people_and_groups_are_found_by_the_beginning_of_a_name_or_by_their_id(world: World) -> None:
    britta, sales = world.add_user("Britta Simon"), world.add_group("Sales Brittany")
    world.add_user("Lee Gu")

    found = ask(world, Question.Kind.SEARCH, text="brit", kinds=["user", "group"]).answer

    assert [(each["kind"], each["displayName"]) for each in found] == [
        ("user", "Britta Simon"),
        ("group", "Sales Brittany"),
    ]
    assert found[0]["userPrincipalName"] == "britta.simon@contoso.example"
    assert [each["id"] for each in ask(world, Question.Kind.SEARCH, text=britta, kinds=["user"]).answer] == [britta]
    assert [each["id"] for each in ask(world, Question.Kind.SEARCH, text=sales).answer] == [sales]
    assert ask(world, Question.Kind.SEARCH, text=sales, kinds=["user"]).answer == []


def test_an_enterprise_application_is_found_with_its_roles(world: World) -> None:
    for text in ("GoToM", world.application.service_principal_id, world.application.app_id):
        (found,) = ask(world, Question.Kind.SERVICE_PRINCIPALS, text=text).answer

        assert found["id"] == world.application.service_principal_id
        assert USER in [role["value"] for role in found["roles"]]


def test_a_new_enterprise_application_comes_from_microsofts_gallery(world: World) -> None:
    made = ask(world, Question.Kind.INSTANTIATE, template="GoToMeeting", displayName="Meetings").answer

    assert made["displayName"] == "Meetings"
    assert world.graph("GET", f"/servicePrincipals/{made['id']}")["displayName"] == "Meetings"


def wanted(world: World, principal: str, role: str) -> dict[str, str]:
    return {"principalId": principal, "principalName": principal, "roleId": world.role_id(role)}


def test_an_assignment_is_made_in_the_tenant_and_its_row_appears_by_reading(world: World) -> None:
    britta, sales = world.add_user("Britta Simon"), world.add_group("Sales")

    answer = ask(world, Question.Kind.ASSIGN, add=[wanted(world, britta, USER), wanted(world, sales, USER)]).answer

    assert (len(answer["added"]), answer["failed"]) == (2, [])
    rows = world.application.assignments.filter(removed=False)
    assert {(row.principal_id, row.principal_kind) for row in rows} == {(britta, "user"), (sales, "group")}


def test_a_changed_role_is_one_assignment_at_the_end(world: World) -> None:
    britta = world.add_user("Britta Simon")
    old = world.assign(britta, "Default Access")

    answer = ask(world, Question.Kind.ASSIGN, add=[wanted(world, britta, USER)], remove=[old]).answer

    assert answer["removed"] == [old]
    assert [row["appRoleId"] for row in world.sandbox.control.directory()["assignments"]] == [world.role_id(USER)]
    assert [row.role_id for row in world.application.assignments.filter(removed=False)] == [world.role_id(USER)]


def test_what_the_tenant_refuses_is_told_by_name_and_nothing_is_taken_away_for_it(world: World) -> None:
    britta = world.add_user("Britta Simon")
    old = world.assign(britta, USER)
    nobody = {"principalId": "00000000-1111-2222-3333-444444444444", "principalName": "Nobody"}

    answer = ask(
        world,
        Question.Kind.ASSIGN,
        add=[{**nobody, "roleId": world.role_id(USER)}, wanted(world, britta, USER)],
        remove=[old],
    ).answer

    assert [each["principalName"] for each in answer["failed"]] == ["Nobody"]
    assert answer["removed"] == []
    assert len(world.sandbox.control.directory()["assignments"]) == 1


def test_without_the_right_to_assign_the_question_says_so(world: World) -> None:
    world.sandbox.control.change_application(world.sandbox.client_id, revoke=["AppRoleAssignment.ReadWrite.All"])

    question = ask(world, Question.Kind.ASSIGN, add=[wanted(world, world.add_user("Britta"), USER)])

    assert (question.state, question.error_code) == ("failed", "InsufficientRights")
    assert "AppRoleAssignment.ReadWrite.All" in question.error


def test_authorize_leaves_a_tested_authorization(world: World) -> None:
    credential = Credential.objects.get(application=world.application)
    url, state, verifier = credentials.authorize_address(world.application, redirect_uri=CALLBACK)
    form = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form |= {"username": world.sandbox.goto_username, "password": world.sandbox.goto_password, "decision": "allow"}
    back = world.sandbox.session().post(url.split("?")[0], data=form, allow_redirects=False)
    answer = parse_qs(urlsplit(back.headers["Location"]).query)
    assert answer["state"] == [state]

    question = answered(
        world,
        credentials.authorize(
            world.application, code=answer["code"][0], redirect_uri=CALLBACK, verifier=verifier, by=None
        ),
    )

    assert question.state == "answered", question.error
    credential.refresh_from_db()
    assert credential.values["auth_mode"] == "authorize"
    assert "refresh_token" in credential.stored
    assert credential.test == Credential.Test.PASSED, credential.checks
    assert not Credential.objects.filter(draft=True).exists()


def test_a_code_that_is_no_good_is_told(world: World) -> None:
    question = answered(
        world,
        credentials.authorize(world.application, code="stale", redirect_uri=CALLBACK, verifier="x" * 43, by=None),
    )

    assert question.state == "failed"
    assert "authorize" in question.error.lower()


def test_a_test_message_is_sent(world: World) -> None:
    assert ask(world, Question.Kind.TEST_MAIL, recipient="it@contoso.example").state == "answered"

    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["it@contoso.example"], "Test message of Rollcall")
    ]


def test_a_tenant_that_cannot_be_reached_is_a_sentence(world: World) -> None:
    type(world.tenant).objects.update(authority="https://localhost:1")
    world.tenant.refresh_from_db()

    question = ask(world, Question.Kind.SEARCH, text="x")

    assert question.state == "failed"
    assert "Microsoft Entra ID" in question.error
