"""GoTo's tokens: opaque to clients, signed for us, so that they outlive a restart and a reset."""

import base64
import hashlib
import hmac
from typing import Literal

import msgspec

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 30 * 86400
CODE_SECONDS = 300


class Token(msgspec.Struct, array_like=True):
    kind: Literal["access", "refresh", "code"]
    identifier: str
    email: str
    client_id: str
    issued: float
    """Seconds since 1970."""
    challenge: str = ""
    """Of a code: the PKCE challenge it was asked with."""
    redirect_uri: str = ""


class Signer:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, token: Token) -> str:
        content = base64.urlsafe_b64encode(msgspec.json.encode(token))
        return f"{content.decode().rstrip('=')}.{self._signature(content)}"

    def read(self, text: str) -> Token | None:
        """None for what we have not written."""
        content, _, signature = text.partition(".")
        padded = (content + "=" * (-len(content) % 4)).encode()
        if not hmac.compare_digest(signature.encode(), self._signature(padded).encode()):
            return None
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=Token)

    def _signature(self, content: bytes) -> str:
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()[:32]


def lifetime(token: Token) -> float:
    """Seconds."""
    return {"access": ACCESS_SECONDS, "refresh": REFRESH_SECONDS, "code": CODE_SECONDS}[token.kind]
