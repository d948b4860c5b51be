"""Access tokens of the tenant: signed when given out, checked by Graph."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

GRAPH_AUDIENCE = "https://graph.microsoft.com"
REMEMBERED_TOKENS = 10_000


@dataclass
class SigningKey:
    """The tenant's key; it is kept, so that tokens outlive a restart as they do in the real world."""

    private: RSAPrivateKey

    @classmethod
    def load(cls, pem: bytes | None) -> "SigningKey":
        loaded = load_pem_private_key(pem, None) if pem else generate_private_key(65537, 2048)
        assert isinstance(loaded, RSAPrivateKey)
        return cls(loaded)

    def pem(self) -> bytes:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @cached_property
    def identifier(self) -> str:
        public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.urlsafe_b64encode(hashlib.sha256(public).digest()[:20]).decode().rstrip("=")

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.private, "RS256", {"kid": self.identifier})

    def public_jwk(self) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return public | {"kid": self.identifier, "use": "sig", "alg": "RS256"}


class TokenRefused(Exception):
    """The access token is missing, forged, expired or meant for someone else."""


class TokenChecker:
    """Verifies each token's signature once; whether it has expired is asked every time."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._verified: dict[str, dict[str, Any]] = {}

    def check(self, token: str, tenant_id: str, now: float) -> dict[str, Any]:
        """The claims. Raises TokenRefused."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._verify(token)
            if len(self._verified) >= REMEMBERED_TOKENS:
                self._verified.clear()
            self._verified[token] = claims
        if claims["exp"] <= now:
            raise TokenRefused("Lifetime validation failed, the token is expired.")
        if claims.get("tid") != tenant_id:
            raise TokenRefused("The token was issued for another tenant.")
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "tid"]}
        try:
            return jwt.decode(
                token, self._key.private.public_key(), ["RS256"], audience=GRAPH_AUDIENCE, options=options
            )
        except jwt.InvalidAudienceError as error:
            raise TokenRefused("Access token validation failure. Invalid audience.") from error
        except jwt.InvalidTokenError as error:
            raise TokenRefused("CompactToken parsing failed.") from error
