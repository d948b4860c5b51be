"""Admin credentials: stored, tested, kept, and never shown."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now

from provisioning.actions import credentials
from provisioning.actions.errors import ActionRefused
from provisioning.connectors.base import Check
from provisioning.engine import testing
from provisioning.models import Account, Application, AuditEntry, Credential, Job, Question, Tenant
from provisioning.sentences import Sentence
from tests.actions.conftest import PASSWORD, audited, last_entry

USERNAME = {"username": "admin@contoso.example"}


def saved(application: Application) -> Credential:
    return Credential.objects.get(application=application, draft=False)


def test_saved_credentials_wait_for_their_test(kept_here: Application, administrator: User) -> None:
    credentials.save(kept_here, values=USERNAME, secrets={"password": PASSWORD}, by=administrator)

    assert saved(kept_here).open() == {"password": PASSWORD}
    assert saved(kept_here).test == Credential.Test.WAITING
    assert last_entry().activity == "Update provisioning setting or credentials"
    assert PASSWORD not in repr(list(AuditEntry.objects.values())) + repr(list(Credential.objects.values()))


def test_saving_the_same_again_changes_nothing(ready: Job) -> None:
    before = audited()

    credentials.save(ready.application, values=USERNAME, secrets={"password": PASSWORD}, by=None)

    assert saved(ready.application).test == Credential.Test.PASSED
    assert audited() == before


@pytest.mark.parametrize(
    ("values", "secrets"),
    [({"username": "other@contoso.example"}, {}), ({}, {"password": "another"}), ({"account_key": "7"}, {})],
)
def test_any_change_makes_the_last_test_stale(ready: Job, values: dict[str, str], secrets: dict[str, str]) -> None:
    credentials.save(ready.application, values=values, secrets=secrets, by=None)

    assert saved(ready.application).test == Credential.Test.WAITING


def test_an_empty_secret_keeps_what_is_stored(ready: Job) -> None:
    credentials.save(ready.application, values={"username": "new@contoso.example"}, secrets={"password": ""}, by=None)

    assert saved(ready.application).open() == {"password": PASSWORD}
    assert [change["name"] for change in last_entry().changes] == ["username"]


@pytest.mark.parametrize(
    ("values", "secrets", "field"),
    [
        ({}, {"password": "x"}, "username"),
        (USERNAME, {}, "password"),
        ({"auth_mode": "refresh_token"}, {}, "refresh_token"),
        ({"auth_mode": "telepathy", **USERNAME}, {"password": "x"}, "auth_mode"),
        ({**USERNAME, "colour": "blue"}, {"password": "x"}, "colour"),
    ],
)
def test_what_is_missing_or_unknown_is_refused_at_its_field(
    kept_here: Application, values: dict[str, str], secrets: dict[str, str], field: str
) -> None:
    with pytest.raises(ActionRefused) as refusal:
        credentials.save(kept_here, values=values, secrets=secrets, by=None)

    assert field in [name for name, _ in refusal.value.problems]
    assert not Credential.objects.filter(application=kept_here).exists()


def test_authorize_needs_neither_name_nor_password(kept_here: Application) -> None:
    credentials.save(kept_here, values={"auth_mode": "authorize"}, secrets={}, by=None)

    assert saved(kept_here).values == {"auth_mode": "authorize"}


def test_a_form_is_tested_without_being_saved(ready: Job) -> None:
    tried = credentials.draft(
        ready.application, values={"username": "other@contoso.example"}, secrets={"password": ""}, by=None
    )

    assert (tried.draft, tried.test) == (True, Credential.Test.WAITING)
    assert tried.open() == {"password": PASSWORD}
    assert saved(ready.application).values == USERNAME
    assert last_entry().activity == "Test provisioning credentials"


def test_an_untouched_form_tests_what_is_stored(ready: Job) -> None:
    assert credentials.draft(ready.application, values=USERNAME, secrets={}, by=None) == saved(ready.application)


def test_a_stored_refresh_token_is_never_used_up_by_a_draft(kept_here: Application) -> None:
    credentials.save(kept_here, values={"auth_mode": "refresh_token"}, secrets={"refresh_token": "R1"}, by=None)

    tried = credentials.draft(kept_here, values={"account_key": "7"}, secrets={}, by=None)

    assert tried == saved(kept_here)
    assert not Credential.objects.filter(draft=True).exists()


def test_a_renewed_refresh_token_is_not_set_back_by_saving_the_old_one_again(kept_here: Application) -> None:
    form = {"values": {"auth_mode": "refresh_token"}, "secrets": {"refresh_token": "R1"}}
    credentials.save(kept_here, **form, by=None)
    row = saved(kept_here)
    row.seal({**row.open(), "refresh_token": "R2"})
    row.save()

    credentials.save(kept_here, **form, by=None)

    assert saved(kept_here).open() == {"refresh_token": "R2"}


def test_a_job_in_quarantine_tries_better_credentials_at_once(running: Job) -> None:
    Job.objects.update(run_requested_at=None, quarantine_reason="EncounteredQuarantineException")

    credentials.save(running.application, values={}, secrets={"password": "better"}, by=None)

    running.refresh_from_db()
    assert running.run_requested_at is not None


def test_only_an_account_that_the_credentials_open_can_be_chosen(ready: Job) -> None:
    with pytest.raises(ActionRefused, match="do not open"):
        credentials.choose_account(ready.application, "7", by=None)

    Credential.objects.update(accounts={"7": "Contoso", "8": "Fabrikam"})
    credentials.choose_account(ready.application, "7", by=None)
    ready.application.refresh_from_db()
    assert ready.application.account_key == "7"


def test_another_account_starts_with_an_empty_mirror(ready: Job) -> None:
    Credential.objects.update(accounts={"7": "Contoso", "8": "Fabrikam"})
    credentials.choose_account(ready.application, "7", by=None)
    Account.objects.create(application=ready.application, key="1", user_name="a@contoso.example")
    Job.objects.update(watermark=9)

    credentials.choose_account(ready.application, "8", by=None)

    ready.refresh_from_db()
    assert not Account.objects.exists()
    assert ready.watermark == 0


def test_two_applications_never_write_to_one_account(ready: Job, enterprise: Application) -> None:
    Application.objects.filter(pk=enterprise.pk).update(account_key="7")
    Credential.objects.update(accounts={"7": "Contoso"})

    with pytest.raises(ActionRefused, match="GoToMeeting SSO"):
        credentials.choose_account(ready.application, "7", by=None)


def test_the_code_of_authorize_travels_sealed(kept_here: Application) -> None:
    question = credentials.authorize(
        kept_here, code="the code", redirect_uri="https://portal/back", verifier="the verifier", by=None
    )

    assert question.kind == Question.Kind.AUTHORIZE
    assert "the code" not in repr(question.arguments) + repr(list(Credential.objects.values()))
    carrier = Credential.objects.get(pk=question.arguments["credential"])
    assert carrier.open() == {"code": "the code", "verifier": "the verifier"}


def test_the_test_of_a_tenant_can_be_asked_for(tenant: Tenant) -> None:
    credential = Credential.objects.get(tenant=tenant)
    Credential.objects.update(test=Credential.Test.FAILED, checks=[{"name": "x"}])

    credentials.request_test(credential, by=None)

    credential.refresh_from_db()
    assert (credential.test, credential.checks) == (Credential.Test.WAITING, [])
    assert (last_entry().activity, last_entry().tenant) == ("Test provisioning credentials", tenant)


def test_a_result_is_of_exactly_what_was_tested(ready: Job) -> None:
    """Somebody saves other credentials while a worker tests the old ones."""
    tested = saved(ready.application)

    def checks() -> Iterator[Check]:
        credentials.save(ready.application, values={}, secrets={"password": "another"}, by=None)
        yield Check("sign in", "passed", Sentence("The old password is good."))

    testing.test_connection(tested, checks, now)

    assert (saved(ready.application).test, saved(ready.application).checks) == (Credential.Test.WAITING, [])
    testing.test_connection(saved(ready.application), lambda: iter([Check("sign in", "passed", Sentence(""))]), now)
    assert saved(ready.application).test == Credential.Test.PASSED
