"""Tokens of Microsoft Entra ID, and what its refusals mean to an administrator."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from provisioning.connectors.graph.source import GraphSource
from provisioning.connectors.graph.token import roles_of
from provisioning.connectors.http import ConnectorSession
from provisioning.errors import (
    ConfigurationError,
    CredentialsRejected,
    PermissionMissing,
    ProvisioningError,
    TransientError,
)
from tests.connectors.raw_server import dribbles, http, raw_server
from tests.sandbox_process import Control, SandboxProcess

Opener = Callable[..., GraphSource]


def self_signed() -> dict[str, str]:
    """A key and its certificate, in the form that GraphSource takes."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rollcall")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"private_key": private.decode(), "public_certificate": certificate.public_bytes(Encoding.PEM).decode()}


def works(source: GraphSource) -> bool:
    return source.users_exist(["00000000-0000-0000-0000-000000000001"]) == set()


def failure_of(source: GraphSource) -> ProvisioningError:
    with pytest.raises(ProvisioningError) as raised:
        works(source)
    return raised.value


def token_requests(control: Control) -> int:
    return sum(1 for request in control.requests("authority") if request["path"].endswith("/token"))


def test_a_secret_opens_the_tenant_and_its_token_is_kept(source: GraphSource, control: Control) -> None:
    assert works(source) and works(source)
    assert token_requests(control) == 1


def test_a_certificate_opens_the_tenant(open_source: Opener, control: Control, sandbox: SandboxProcess) -> None:
    certificate = self_signed()
    control.change_application(sandbox.client_id, certificates=[certificate["public_certificate"]])

    assert works(open_source(secret=None, certificate=certificate))


def test_a_certificate_that_the_app_registration_does_not_know(open_source: Opener) -> None:
    error = failure_of(open_source(secret=None, certificate=self_signed()))

    assert type(error) is CredentialsRejected
    assert "certificate" in str(error) and "AADSTS700027" in str(error)


@pytest.mark.parametrize(
    "certificate",
    [
        {"private_key": "no key", "public_certificate": "no certificate"},
        {"private_key": self_signed()["private_key"], "public_certificate": "no certificate"},
        {"private_key": self_signed()["private_key"]},
        {"private_key": self_signed()["private_key"], "public_certificate": self_signed()["public_certificate"]},
    ],
    ids=["no key", "no certificate", "certificate is missing", "of two different pairs"],
)
def test_a_certificate_that_cannot_be_read(open_source: Opener, certificate: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="PEM|belongs to the certificate"):
        open_source(secret=None, certificate=certificate)


@pytest.mark.parametrize("credential", [{"secret": None}, {"secret": ""}, {"certificate": {"private_key": "x"}}])
def test_exactly_one_credential_is_needed(open_source: Opener, credential: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="secret or a certificate"):
        open_source(**credential)


@pytest.mark.parametrize(
    ("changes", "kind", "number"),
    [
        ({"secret": "wrong-secret"}, CredentialsRejected, "AADSTS7000215"),
        ({"client_id": "00000000-0000-0000-0000-000000000001"}, CredentialsRejected, "AADSTS700016"),
    ],
)
def test_wrong_credentials_are_named(
    open_source: Opener, changes: dict[str, str], kind: type[ProvisioningError], number: str
) -> None:
    error = failure_of(open_source(**changes))

    assert type(error) is kind
    assert number in str(error)
    assert "wrong-secret" not in str(error) + error.details


def test_an_unknown_tenant_is_a_matter_of_configuration(open_source: Opener) -> None:
    for tenant in ("00000000-0000-0000-0000-000000000001", "nowhere.example"):
        error = failure_of(open_source(tenant_id=tenant))
        assert type(error) is ConfigurationError
        assert "tenant" in str(error)


@pytest.mark.parametrize(
    ("changes", "number"), [({"secret_expired": True}, "AADSTS7000222"), ({"enabled": False}, "AADSTS7000112")]
)
def test_what_happened_to_the_app_registration_is_named(
    source: GraphSource, control: Control, sandbox: SandboxProcess, changes: dict[str, bool], number: str
) -> None:
    control.change_application(sandbox.client_id, **changes)
    error = failure_of(source)

    assert type(error) is CredentialsRejected
    assert number in str(error)


def test_a_new_object_does_not_repeat_an_old_refusal(
    open_source: Opener, control: Control, sandbox: SandboxProcess
) -> None:
    control.change_application(sandbox.client_id, enabled=False)
    failure_of(open_source())
    control.change_application(sandbox.client_id, enabled=True)

    assert works(open_source())


@pytest.mark.parametrize("what", [{"what": "status", "status": 503}, {"what": "html_200"}, {"what": "reset_before"}])
@pytest.mark.parametrize("path", ["openid-configuration", "/token"])
def test_trouble_at_the_token_service_is_transient(
    open_source: Opener, control: Control, path: str, what: dict[str, Any]
) -> None:
    control.faults({"server": "authority", "path": path} | what)

    assert type(failure_of(open_source())) is TransientError


def test_being_throttled_at_the_token_service_is_transient(open_source: Opener, control: Control) -> None:
    control.faults({"server": "authority", "path": "/token", "what": "status", "status": 429})

    assert type(failure_of(open_source())) is TransientError


def test_a_token_service_that_dribbles_is_given_up(open_source: Opener, session: ConnectorSession) -> None:
    session.deadline = 1.0
    with raw_server(dribbles(http(body=b"x" * 99), seconds_a_byte=0.1)) as server:
        error = failure_of(open_source(authority=server.url.replace("http:", "https:")))

    assert type(error) is TransientError


def test_a_token_service_that_cannot_be_reached_is_explained(open_source: Opener) -> None:
    error = failure_of(open_source(authority="https://127.0.0.1:9"))

    assert type(error) is TransientError
    assert "Microsoft Entra ID (127.0.0.1:9) cannot be reached" in str(error)


def test_the_authority_must_be_https(open_source: Opener, sandbox: SandboxProcess) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        open_source(authority=sandbox.authority.replace("https:", "http:"))


def test_a_token_that_expired_is_renewed_once(source: GraphSource, control: Control) -> None:
    assert works(source)
    control.advance(4000)

    assert works(source)
    assert token_requests(control) == 2


def test_tokens_that_are_never_accepted_end_as_rejected_credentials(source: GraphSource, control: Control) -> None:
    control.faults({"server": "graph", "what": "status", "status": 401})

    error = failure_of(source)

    assert type(error) is CredentialsRejected
    assert (len(control.requests("graph")), token_requests(control)) == (2, 2)
    assert "authority and Graph root belong together" in str(error)


# Permissions, each by itself


def statuses(source: GraphSource) -> dict[str, str]:
    return {check.name: check.status for check in source.check_permissions()}


def test_all_permissions_are_there(source: GraphSource) -> None:
    assert statuses(source) == {
        "Sign in to Microsoft Entra ID": "passed",
        "User.Read.All": "passed",
        "Group.Read.All": "passed",
        "Application.Read.All": "passed",
        "AppRoleAssignment.ReadWrite.All": "passed",
    }


@pytest.mark.parametrize(
    ("permission", "status"),
    [
        ("User.Read.All", "failed"),
        ("Group.Read.All", "failed"),
        ("Application.Read.All", "failed"),
        ("AppRoleAssignment.ReadWrite.All", "warning"),
    ],
)
def test_a_missing_permission_is_reported_by_itself(
    source: GraphSource, control: Control, sandbox: SandboxProcess, permission: str, status: str
) -> None:
    control.change_application(sandbox.client_id, revoke=permission)

    assert {name: state for name, state in statuses(source).items() if state != "passed"} == {permission: status}


def test_a_wider_permission_is_enough(source: GraphSource, control: Control, sandbox: SandboxProcess) -> None:
    control.change_application(sandbox.client_id, permissions=["Directory.Read.All"])

    assert list(statuses(source).values()) == ["passed"] * 4 + ["warning"]


def test_a_permission_that_was_taken_since_the_token_was_given_is_found_by_reading(
    source: GraphSource, control: Control, sandbox: SandboxProcess
) -> None:
    assert works(source)
    control.change_application(sandbox.client_id, revoke="Group.Read.All")

    assert statuses(source)["Group.Read.All"] == "failed"


def test_without_signing_in_nothing_else_is_asked(open_source: Opener, control: Control) -> None:
    checks = list(open_source(secret="wrong-secret").check_permissions())

    assert [check.status for check in checks] == ["failed"] + ["skipped"] * 4
    assert checks[0].code == "InvalidCredentials"
    assert control.requests("graph") == []


def test_a_call_names_the_permission_that_it_needs(
    source: GraphSource, control: Control, sandbox: SandboxProcess
) -> None:
    control.change_application(sandbox.client_id, permissions=["User.Read.All"])
    calls: dict[str, Callable[[], object]] = {
        "GroupMember.Read.All": lambda: source.group_members("00000000-0000-0000-0000-000000000001"),
        "Group.Read.All": lambda: source.group("00000000-0000-0000-0000-000000000001", ["id"]),
        "Application.Read.All": lambda: source.find_service_principals("GoTo"),
    }
    for permission, call in calls.items():
        with pytest.raises(PermissionMissing) as raised:
            call()
        assert raised.value.permission == permission
        assert permission in str(raised.value)


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!!.c", "eyJh.bm8ganNvbg.c"])
def test_a_token_that_cannot_be_read_tells_nothing(token: str) -> None:
    assert roles_of(token) is None
