"""A tenant that is opened with a certificate."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from provisioning.engine import connections
from provisioning.errors import ConfigurationError
from provisioning.models import Credential
from tests.world import World

PASSPHRASE = "correct horse"


def certificate(passphrase: str = "", *, ends: datetime | None = None) -> dict[str, str]:
    """A key and its certificate, as the form of a tenant takes them."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rollcall")])
    ends = ends or datetime.now(UTC) + timedelta(days=90)
    public = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=365))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    return {"private_key": private.decode(), "public_certificate": public.public_bytes(Encoding.PEM).decode()}


def store(world: World, secrets: dict[str, str]) -> None:
    credential = Credential.objects.get(tenant=world.tenant)
    credential.seal(secrets)
    credential.save()


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_a_key_opens_the_tenant_with_its_passphrase(world: World, passphrase: str) -> None:
    pair = certificate(passphrase)
    world.sandbox.control.change_application(world.sandbox.client_id, certificates=[pair["public_certificate"]])
    store(world, {**pair, **({"passphrase": passphrase} if passphrase else {})})

    assert connections.open_source(world.tenant).find_service_principals("GoToMeeting")


def test_a_protected_key_without_its_passphrase_is_explained(world: World) -> None:
    store(world, certificate(PASSPHRASE))

    with pytest.raises(ConfigurationError, match="passphrase"):
        connections.open_source(world.tenant)
