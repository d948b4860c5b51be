"""manage.py configure, beside a real worker: what the file says becomes true, once."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from provisioning.models import Application, AuditEntry, Job, Tenant
from tests.sandbox_process import SandboxProcess
from tests.workers import WorkerProcess


def contoso(sandbox: SandboxProcess, **application: Any) -> dict[str, Any]:
    return {
        "tenant": {
            "name": "Contoso",
            "tenantId": sandbox.tenant_id,
            "clientId": sandbox.client_id,
            "clientSecret": sandbox.client_secret,
            "authority": sandbox.authority,
            "graph": sandbox.graph,
            "caFile": sandbox.ca_file,
        },
        "applications": [
            {
                "template": "gotomeeting",
                "displayName": "GoToMeeting",
                "credentials": {"username": sandbox.goto_username, "password": sandbox.goto_password},
                **application,
            }
        ],
    }


def configure(folder: Path, document: dict[str, Any]) -> str:
    file, out = folder / "contoso.json", StringIO()
    file.write_text(json.dumps(document))
    call_command("configure", str(file), stdout=out)
    return out.getvalue()


def test_everything_becomes_true_and_the_second_time_nothing_changes(
    sandbox: SandboxProcess, worker: WorkerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.control.reset(empty=True, knobs={"rate_limit": 0})
    sandbox.control.seed(
        users=[{"displayName": "Britta Simon"}, {"displayName": "Lee Gu"}],
        groups=[{"displayName": "Pilot", "members": ["lee.gu@contoso.example"]}],
    )
    monkeypatch.setenv("GOTO_PASSWORD", sandbox.goto_password)
    (tmp_path / "secret").write_text(sandbox.client_secret + "\n")
    document = contoso(
        sandbox,
        servicePrincipal="GoToMeeting",
        credentials={"username": sandbox.goto_username, "password": {"env": "GOTO_PASSWORD"}},
        roles={"User": ["G2M"], "webinar": ["G2M", "G2W"]},
        assignments=[
            {"principal": "britta.simon@contoso.example", "role": "User"},
            {"principal": "Pilot", "role": "webinar"},
        ],
        settings={
            "scope": "assigned",
            "actions": ["Create", "Update", "Delete"],
            "notificationEmail": "it@contoso.example",
            "intervalMinutes": 20,
            "deletionThreshold": 5,
        },
        provisioningStatus="On",
    )
    document["tenant"]["clientSecret"] = {"file": str(tmp_path / "secret")}

    configure(tmp_path, document)

    job = Job.objects.get()
    assert (job.enabled, job.deletion_threshold, job.notify_failures) == (True, 5, True)
    assert job.interval.total_seconds() == 1200
    assert "Delete" in job.schema["synchronizationRules"][0]["objectMappings"][0]["flowTypes"]
    assert {(row["principalDisplayName"]) for row in sandbox.control.directory()["assignments"]} == {
        "Britta Simon",
        "Pilot",
    }
    call_command("sync", "gotomeeting", "--wait", stdout=StringIO())
    products = {email: user["products"] for email, user in sandbox.control.goto()["users"].items()}
    assert products["britta.simon@contoso.example"] == ["G2M"]
    assert "G2W" in products["lee.gu@contoso.example"]

    audited = AuditEntry.objects.count()
    assert configure(tmp_path, document) == "Everything is as the file says already.\n"
    assert AuditEntry.objects.count() == audited


def test_an_application_may_be_kept_in_the_portal(
    sandbox: SandboxProcess, worker: WorkerProcess, tmp_path: Path
) -> None:
    person = sandbox.control.directory()["users"][0]["userPrincipalName"]

    configure(tmp_path, contoso(sandbox, assignments=[{"principal": person, "role": "organizer"}]))

    application = Application.objects.get()
    assert application.kept_here
    assert application.assignments.get().principal_kind == "user"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "blue"}, r"colour.*\$\.applications\[0\]"),
        ({"template": "zoom"}, r"\$\.applications\[0\]\.template"),
        ({"provisioningStatus": "Maybe"}, r"\$\.applications\[0\]\.provisioningStatus"),
        ({"settings": {"intervalMinutes": "often"}}, r"\$\.applications\[0\]\.settings\.intervalMinutes"),
        ({"settings": {"intervalMinutes": 0}}, r"\$\.applications\[0\]\.settings\.intervalMinutes"),
        ({"settings": {"notificationEmail": "nobody"}}, r"\$\.applications\[0\]\.settings\.notificationEmail"),
        ({"settings": {"actions": ["Explode"]}}, r"\$\.applications\[0\]\.settings\.actions\[0\]"),
        ({"credentials": {"password": {"env": "NOT_SET_ANYWHERE"}}}, r"NOT_SET_ANYWHERE.*credentials\.password"),
        ({"credentials": {"password": {"vault": "x"}}}, r"\$\.applications\[0\]\.credentials\.password"),
        ({"assignments": [{"principal": "x"}]}, r"\$\.applications\[0\]\.assignments\[0\]"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path_before_anything_changes(
    sandbox: SandboxProcess, transactional_db: None, tmp_path: Path, change: dict[str, Any], path: str
) -> None:
    with pytest.raises(CommandError, match=f"(?s){path}.*Nothing was changed"):
        configure(tmp_path, contoso(sandbox, **change))

    assert not Tenant.objects.exists()


def test_no_secret_is_printed(sandbox: SandboxProcess, worker: WorkerProcess, tmp_path: Path) -> None:
    sandbox.control.change_sign_in(sandbox.goto_username, password="another one")
    document = contoso(sandbox, provisioningStatus="On")

    with pytest.raises(CommandError) as failure:
        configure(tmp_path, document)

    assert sandbox.goto_password not in str(failure.value)
    assert "user name and password" in str(failure.value).lower()
    assert not Job.objects.get().enabled


def test_without_a_worker_a_tenant_and_an_application_kept_here_are_made(
    sandbox: SandboxProcess, transactional_db: None, tmp_path: Path
) -> None:
    document = contoso(sandbox, settings={"deletionThreshold": None}, provisioningStatus="Off")

    assert "Tenant Contoso: connected" in configure(tmp_path, {"tenant": document["tenant"]})
    configure(tmp_path, {"applications": document["applications"]})

    assert Application.objects.get().kept_here
    assert Job.objects.get().deletion_threshold is None
    assert configure(tmp_path, document) == "Everything is as the file says already.\n"


def test_an_empty_file_is_true(transactional_db: None, tmp_path: Path) -> None:
    assert configure(tmp_path, {}) == "Everything is as the file says already.\n"


def test_an_application_needs_a_tenant(sandbox: SandboxProcess, transactional_db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="names no tenant"):
        configure(tmp_path, {"applications": contoso(sandbox)["applications"]})


def test_what_the_database_says_otherwise_is_refused_before_anything_changes(
    sandbox: SandboxProcess, transactional_db: None, tmp_path: Path
) -> None:
    configure(tmp_path, contoso(sandbox))
    audited = AuditEntry.objects.count()
    document = contoso(sandbox, servicePrincipal="GoToMeeting", settings={"scope": "all"})
    document["tenant"]["name"] = "Another name"

    with pytest.raises(CommandError, match=r"(?s)kept in the portal.*servicePrincipal.*Nothing was changed"):
        configure(tmp_path, document)

    assert AuditEntry.objects.count() == audited


def test_all_problems_of_a_file_are_told_at_once(transactional_db: None, tmp_path: Path) -> None:
    twins = {"template": "gotomeeting", "displayName": "G", "roles": {"User": ["G9"]}}
    document = {"tenant": {"tenantId": 7}, "applications": [twins, twins], "colour": "blue"}

    with pytest.raises(CommandError) as refusal:
        configure(tmp_path, document)

    for said in ("colour", "clientSecret", "$.tenant.tenantId", "G9", "the same name"):
        assert said in str(refusal.value)


def test_the_audit_log_names_whoever_asked(sandbox: SandboxProcess, transactional_db: None, tmp_path: Path) -> None:
    anna = User.objects.create_user("anna")
    file = tmp_path / "contoso.json"
    file.write_text(json.dumps({"tenant": contoso(sandbox)["tenant"]}))

    call_command("configure", str(file), "--by", "anna", stdout=StringIO())

    assert AuditEntry.objects.get().by == anna
    with pytest.raises(CommandError, match="no user berta"):
        call_command("configure", str(file), "--by", "berta", stdout=StringIO())
