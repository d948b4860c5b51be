"""What may be shown of an answer: short, and without anything that opens a door."""

import re
from collections import deque

LONGEST_EXCERPT = 500
_LONGEST_SEARCHED = 64 * 1024
_HIDDEN = "[removed]"

# Names of fields in JSON and in forms whose values are secrets wherever they turn up.
_FIELDS = r"(?:access_token|refresh_token|id_token|client_secret|client_assertion|password|assertion|code_verifier)"
_PATTERNS = (
    (re.compile(rf'("{_FIELDS}"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.IGNORECASE), rf'\1"{_HIDDEN}"'),
    (re.compile(rf"(\b{_FIELDS}=)[^&\s\"']+", re.IGNORECASE), rf"\1{_HIDDEN}"),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{_HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){1,2}"), _HIDDEN),
)


class Redactor:
    """Cuts known secrets, and what looks like one, out of a text."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._tokens: deque[str] = deque(maxlen=32)  # they come and go for months in one process

    def conceal(self, *secrets: str | None) -> None:
        """Remember stored secrets. Very short ones are left out: cutting them out would shred any text."""
        self._secrets.update(secret for secret in secrets if secret and len(secret) >= 4)

    def conceal_token(self, token: str) -> None:
        self._tokens.append(token)

    def excerpt(self, answer: bytes | str) -> str:
        """The beginning of an answer for the log: at most 500 characters, nothing secret in it.

        >>> Redactor().excerpt('{"error": "bad", "password": "hunter2"}')
        '{"error": "bad", "password": "[removed]"}'
        """
        text = answer[:_LONGEST_SEARCHED]
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        for secret in sorted({*self._secrets, *self._tokens}, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text[:LONGEST_EXCERPT]
