"""What an app registration tells of its secrets, and of Microsoft's own provisioning."""

from tests.engine.test_certificates import certificate
from tests.sandbox.conftest import GraphClient
from tests.sandbox_process import Control, SandboxProcess


def test_an_app_registration_tells_when_its_secrets_end(
    graph: GraphClient, control: Control, sandbox: SandboxProcess
) -> None:
    pair = certificate()
    control.change_application(sandbox.client_id, secret_ends=1_800_000_000, certificates=[pair["public_certificate"]])

    told = graph.get(f"/applications(appId='{sandbox.client_id}')?$select=passwordCredentials,keyCredentials")

    (secret,) = told["passwordCredentials"]
    assert (secret["endDateTime"], secret["secretText"]) == ("2027-01-15T08:00:00Z", None)
    assert secret["hint"] == sandbox.client_secret[:3]
    assert told["keyCredentials"][0]["type"] == "AsymmetricX509Cert"
    assert set(told) == {"@odata.context", "passwordCredentials", "keyCredentials"}
    assert graph.send("GET", "/applications/nobody").status_code == 404


def test_microsofts_own_job_is_in_the_state_of_its_knob(
    graph: GraphClient, control: Control, sandbox: SandboxProcess
) -> None:
    (found,) = graph.get("/servicePrincipals?$filter=displayName eq 'GoToMeeting'")["value"]
    path = f"/servicePrincipals/{found['id']}/synchronization/jobs"

    assert graph.get(path)["value"] == []
    control.knobs(microsoft_provisioning="Active")
    assert [job["schedule"]["state"] for job in graph.get(path)["value"]] == ["Active"]
    control.change_application(sandbox.client_id, revoke="Synchronization.Read.All")
    assert graph.send("GET", path).status_code == 403
