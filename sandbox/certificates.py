"""The sandbox's own certificate authority, and the certificate of its servers."""

import ssl
from pathlib import Path

import trustme


def tls_context(data: Path) -> tuple[ssl.SSLContext, Path]:
    """(context for the https servers, file with the authority's certificate that clients have to trust).

    The authority is kept in `data`, so that whoever trusted it once still does after a restart.
    """
    authority_file, key_file = data / "ca.pem", data / "ca-key.pem"
    if authority_file.exists() and key_file.exists():
        authority = trustme.CA.from_pem(authority_file.read_bytes(), key_file.read_bytes())
    else:
        authority = trustme.CA(organization_name="Sandbox certificate authority")
        key_file.touch(mode=0o600)
        key_file.write_bytes(authority.private_key_pem.bytes())
        authority_file.write_bytes(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context, authority_file
