"""The tenant's token service: discovery, secrets, certificates, and the tokens that Graph takes."""

import base64
import hashlib
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.sandbox.conftest import GraphClient, ask_token
from tests.sandbox_process import Control, SandboxProcess

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPES = ["https://graph.microsoft.com/.default"]


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def certificate(key: RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Provisioning")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).serial_number(7)
    return dated.sign(key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def assertion(sandbox: SandboxProcess, key: RSAPrivateKey, certificate: x509.Certificate, **changes: Any) -> str:
    """A certificate credential as MSAL makes it; `changes` replace claims."""
    now = time.time()
    claims = {
        "aud": f"{sandbox.authority}/{sandbox.tenant_id}/oauth2/v2.0/token", "iss": sandbox.client_id,
        "sub": sandbox.client_id, "jti": str(uuid.uuid4()), "iat": now, "nbf": now, "exp": now + 600.5,
    } | changes  # fmt: skip
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    thumbprint = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return jwt.encode(claims, key, "PS256", {"x5t#S256": thumbprint})


def discovery(sandbox: SandboxProcess, tenant: str) -> Any:
    with sandbox.session() as session:
        return session.get(f"{sandbox.authority}/{tenant}/v2.0/.well-known/openid-configuration", timeout=10)


def application(sandbox: SandboxProcess, credential: Any) -> msal.ConfidentialClientApplication:
    return msal.ConfidentialClientApplication(
        sandbox.client_id,
        client_credential=credential,
        authority=f"{sandbox.authority}/{sandbox.tenant_id}",
        instance_discovery=False,
        http_client=sandbox.session(),
    )


@pytest.mark.parametrize("by", ["id", "domain"])
def test_discovery_names_https_addresses_of_the_same_host(sandbox: SandboxProcess, control: Control, by: str) -> None:
    answer = discovery(sandbox, sandbox.tenant_id if by == "id" else "contoso.example")

    assert answer.status_code == 200
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"):
        assert answer.json()[name].startswith(sandbox.authority + "/")


def test_an_unknown_tenant_is_refused(sandbox: SandboxProcess, control: Control) -> None:
    answer = discovery(sandbox, str(uuid.uuid4()))

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_tenant"
    assert answer.json()["error_codes"] == [90002]


def test_a_secret_gives_a_token_with_the_permissions_as_roles(sandbox: SandboxProcess, control: Control) -> None:
    answer = ask_token(sandbox).json()

    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    assert "refresh_token" not in answer
    assert (claims["tid"], claims["appid"]) == (sandbox.tenant_id, sandbox.client_id)
    assert {"User.Read.All", "AppRoleAssignment.ReadWrite.All"} <= set(claims["roles"])


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": "b0c1f2a3-0000-4000-8000-000000000000"}, 400, "unauthorized_client", 700016),
        ({"scope": "User.Read"}, 400, "invalid_scope", 70011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_a_wrong_request_is_refused_with_its_number(
    sandbox: SandboxProcess, control: Control, changes: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = ask_token(sandbox, **changes)

    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}:")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(body)


@pytest.mark.parametrize(("changes", "number"), [({"secret_expired": True}, 7000222), ({"enabled": False}, 7000112)])
def test_an_expired_secret_and_a_disabled_application_are_told_apart(
    sandbox: SandboxProcess, control: Control, changes: dict[str, bool], number: int
) -> None:
    control.change_application(sandbox.client_id, **changes)

    assert ask_token(sandbox).json()["error_codes"] == [number]


def test_msal_gets_a_token_with_a_secret(sandbox: SandboxProcess, graph: GraphClient) -> None:
    client = application(sandbox, sandbox.client_secret)

    token = client.acquire_token_for_client(SCOPES)

    assert token["token_source"] == "identity_provider"
    answer = graph.send("GET", "/organization", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert answer.json()["value"][0]["id"] == sandbox.tenant_id
    client.http_client.close()


def test_msal_gets_a_token_with_a_certificate(
    sandbox: SandboxProcess, control: Control, key: RSAPrivateKey, certificate: x509.Certificate
) -> None:
    control.change_application(sandbox.client_id, certificates=[pem(certificate)])
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    client = application(sandbox, {"private_key": private, "public_certificate": pem(certificate)})

    token = client.acquire_token_for_client(SCOPES)

    assert "access_token" in token, token
    client.http_client.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://login.microsoftonline.com/other/oauth2/v2.0/token"},
        {"iss": "somebody else"},
        {"sub": "somebody else"},
        {"exp": time.time() - 10},
    ],
    ids=["audience", "issuer", "subject", "expired"],
)
def test_an_assertion_with_a_wrong_claim_is_refused(
    sandbox: SandboxProcess,
    control: Control,
    key: RSAPrivateKey,
    certificate: x509.Certificate,
    changes: dict[str, Any],
) -> None:
    control.change_application(sandbox.client_id, certificates=[pem(certificate)])
    written = assertion(sandbox, key, certificate, **changes)

    answer = ask_token(sandbox, client_secret="", client_assertion=written, client_assertion_type=ASSERTION_TYPE)

    assert (answer.status_code, answer.json()["error_codes"]) == (401, [700027])


def test_an_assertion_is_good_for_one_request(
    sandbox: SandboxProcess, control: Control, key: RSAPrivateKey, certificate: x509.Certificate
) -> None:
    control.change_application(sandbox.client_id, certificates=[pem(certificate)])
    form = {"client_secret": "", "client_assertion": assertion(sandbox, key, certificate)}

    statuses = [ask_token(sandbox, client_assertion_type=ASSERTION_TYPE, **form).status_code for _ in range(2)]

    assert statuses == [200, 401]


def test_an_assertion_of_another_certificate_is_refused(
    sandbox: SandboxProcess, control: Control, certificate: x509.Certificate
) -> None:
    control.change_application(sandbox.client_id, certificates=[pem(certificate)])
    written = assertion(sandbox, generate_private_key(65537, 2048), certificate)

    answer = ask_token(sandbox, client_secret="", client_assertion=written, client_assertion_type=ASSERTION_TYPE)

    assert answer.status_code == 401


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer rubbish", "Basic abc"])
def test_graph_refuses_what_is_no_token(graph: GraphClient, header: str | None) -> None:
    answer = graph.send("GET", "/users", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends_when_the_clock_says_so(graph: GraphClient, control: Control) -> None:
    assert graph.send("GET", "/users").status_code == 200

    control.advance(3600)

    assert graph.send("GET", "/users").status_code == 401


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        ("User.Read.All", "/users/delta"),
        ("Group.Read.All", "/groups/delta"),
        ("GroupMember.Read.All", "/groups/{group}/members"),
        ("Application.Read.All", "/servicePrincipals"),
        ("Organization.Read.All", "/organization"),
    ],
)
def test_a_permission_taken_away_closes_what_it_opened(
    sandbox: SandboxProcess, graph: GraphClient, control: Control, permission: str, path: str
) -> None:
    path = path.format(group=control.directory()["groups"][0]["id"])
    assert graph.send("GET", path).status_code == 200

    control.change_application(sandbox.client_id, revoke=permission)

    answer = graph.send("GET", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_writing_needs_a_permission_of_its_own(sandbox: SandboxProcess, graph: GraphClient, control: Control) -> None:
    control.change_application(sandbox.client_id, permissions=["User.Read.All", "Application.Read.All"])
    user, application = control.directory()["users"][0]["id"], control.directory()["servicePrincipals"][0]["id"]

    body = {"principalId": user, "resourceId": application, "appRoleId": str(uuid.uuid4())}
    refused = [
        graph.send("PATCH", f"/users/{user}", {"department": "Sales"}),
        graph.send("POST", f"/servicePrincipals/{application}/appRoleAssignedTo", body),
    ]

    assert [answer.status_code for answer in refused] == [403, 403]
