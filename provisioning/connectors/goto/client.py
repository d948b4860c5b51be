"""Requests to the GoTo Admin API: token, query strings, and what its refusals say.

Source: GoTo Developer, Administration API, "Create User", "Update User"; error bodies as public clients log them.
"""

import json
from typing import Any
from urllib.parse import quote

from provisioning.connectors.base import Pace, RequestFacts
from provisioning.connectors.goto.settings import GoToSettings
from provisioning.connectors.goto.token import GoToToken
from provisioning.connectors.http import ConnectorSession, prepare
from provisioning.connectors.sending import Answer, Manner, send
from provisioning.errors import ConfigurationError, CredentialsRejected, PermissionMissing, ProvisioningError
from provisioning.sentences import Sentence

SERVICE = "GoTo"
_ROOT = "/admin/rest/v1"
_TOKEN_TROUBLE = {"not.authenticated", "invalidtoken", "invalid.token", "token.expired"}
_CODE_FIELDS = ("code", "errorCode", "int_err_code", "err", "error")
_MESSAGE_FIELDS = ("message", "description", "msg", "error_description")
_RIGHT_MISSING = {"not.authorized", "identity.read.only"}


class GoToClient:
    def __init__(
        self,
        session: ConnectorSession,
        settings: GoToSettings,
        token: GoToToken,
        pace: Pace,
        *,
        budget: float = 60.0,
    ) -> None:
        self._session, self._pace, self._token = session, pace, token
        self._url = f"{settings.api_url}{_ROOT}"
        self._manner = Manner(SERVICE, budget=budget)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: object = None,
        idempotent: bool = True,
        facts: RequestFacts | None = None,
    ) -> Answer:
        """The answer, also when it is a refusal; a token that is no longer good is renewed once.

        `path` begins after /admin/rest/v1. Raises what `send` raises and what fetching a token raises.
        """
        token = self._token.get()
        answer = self._send(method, path, query, body, idempotent, facts, token)
        if answer.status in (401, 403) and self._token_is_at_fault(answer, path, token):
            answer = self._send(method, path, query, body, idempotent, facts, self._token.renew(token))
        return answer

    def get(self, path: str, *, right: str, query: dict[str, str] | None = None) -> Any:
        """The JSON of a success; None for 404. `right` is the admin role that reading this needs."""
        answer = self.request("GET", path, query=query)
        if answer.status == 404:
            return None
        if not answer.ok:
            raise self.refusal(answer, right)
        return answer.data

    def refusal(self, answer: Answer, right: str) -> ProvisioningError:
        """The error of a refusal that no re-reading explained."""
        code, message = said(answer)
        details = self.excerpt(answer)
        if answer.status == 401 and _plain(code) not in _RIGHT_MISSING:
            return CredentialsRejected(
                Sentence(
                    "GoTo does not accept the sign-in for administration. The GoTo client of this deployment may lack "
                    "the Admin Center scope, or the authorization was withdrawn."
                ),
                details=details,
            )
        if answer.status in (401, 403):
            return PermissionMissing(
                Sentence(
                    "The GoTo account of the admin credentials lacks the right %(right)s. Grant it in the GoTo Admin "
                    "Center and test the connection again.",
                    right=right,
                ),
                permission=right,
                details=details,
            )
        return ConfigurationError(
            Sentence("GoTo refused the request: %(message)s", message=message or code or answer.status), details=details
        )

    def excerpt(self, answer: Answer) -> str:
        return f"{answer.status} {self._session.redactor.excerpt(answer.body)}".strip()

    def _token_is_at_fault(self, answer: Answer, path: str, token: str) -> bool:
        """401 and 403 are used for tokens, rights and payloads alike; when the body does not say, /me does."""
        code = _plain(said(answer)[0])
        if code in _TOKEN_TROUBLE or "UnauthorizedException" in answer.headers.get("x-amzn-errortype", ""):
            return True
        if code in _RIGHT_MISSING:
            return False
        if path == "/me":
            return True
        return not self._send("GET", "/me", None, None, True, None, token).ok

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None,
        body: object,
        idempotent: bool,
        facts: RequestFacts | None,
        token: str,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "Rollcall"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()  # keys of more than 64 bits are beyond orjson
        # GoTo reads %20 as a space, and a plus sign as a plus sign.
        pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in (query or {}).items())
        url = f"{self._url}{path}" + (f"?{pairs}" if pairs else "")
        return send(
            self._session,
            self._pace,
            prepare(method, url, headers=headers, body=content),
            manner=self._manner,
            idempotent=idempotent,
            needs_json=method == "GET",
            facts=facts,
        )


def said(answer: Answer) -> tuple[str, str]:
    """Code and message of a refusal, from any of the bodies that GoTo's servers use; "" where there is none."""
    data = answer.data
    if isinstance(data, list):
        data = data[0] if data else {}
    if not isinstance(data, dict):
        return "", ""
    inner = data.get("error")
    if isinstance(inner, dict):
        data = inner
    code = next((data[name] for name in _CODE_FIELDS if data.get(name)), "")
    message = next((data[name] for name in _MESSAGE_FIELDS if data.get(name)), "")
    return str(code), str(message)


def _plain(code: str) -> str:
    """GoTo's servers spell the same code not.authorized and NOT_AUTHORIZED."""
    return code.lower().replace("_", ".")
