"""Identifiers that are the same in every world made from the same seed."""

import hashlib
import uuid


def guid(*parts: object) -> str:
    """A version 4 look-alike made from its parts."""
    digest = hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def secret(*parts: object) -> str:
    """Forty characters, as a client secret looks."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:40]
