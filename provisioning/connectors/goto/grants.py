"""The token endpoint: one request for one grant, and what its refusals mean to an administrator.

Source: GoTo Developer, "How to Use Direct Login", "How to Use Refresh Tokens", "How to obtain an OAuth access token".
"""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from provisioning.connectors.base import Pace
from provisioning.connectors.goto.settings import GoToSettings
from provisioning.connectors.http import ConnectorSession, prepare
from provisioning.connectors.sending import Answer, Manner, send
from provisioning.errors import (
    ConfigurationError,
    CredentialsRejected,
    OutcomeUnknown,
    ProvisioningError,
    TransientError,
)
from provisioning.sentences import Sentence

SERVICE = "GoTo sign-in"
CLIENT_REFUSED = "ClientNotAccepted"
GRANT_REFUSED = "PasswordGrantNotAllowed"
_DEFAULT_LIFE_SECONDS = 3600.0


@dataclass(frozen=True)
class Grant:
    """What the token endpoint gave. `life` in seconds; `refresh_token` is "" when no new one was issued."""

    access_token: str = field(repr=False)
    life: float
    refresh_token: str = field(default="", repr=False)
    principal: str = ""


class TokenEndpoint:
    def __init__(self, session: ConnectorSession, settings: GoToSettings, pace: Pace, *, budget: float = 60.0) -> None:
        self._session, self._settings, self._pace = session, settings, pace
        self._manner = Manner(SERVICE, budget=budget)
        session.redactor.conceal(settings.client_secret)

    def by_password(self, username: str, password: str) -> Grant:
        self._session.redactor.conceal(password)
        return self._ask({"grant_type": "password", "username": username, "password": password})

    def by_refresh_token(self, refresh_token: str) -> Grant:
        self._session.redactor.conceal(refresh_token)
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def by_code(self, code: str, *, redirect_uri: str, verifier: str) -> Grant:
        self._session.redactor.conceal(code, verifier)
        fields = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        return self._ask({"grant_type": "authorization_code", **fields})

    def _ask(self, fields: dict[str, str]) -> Grant:
        client = f"{self._settings.client_id}:{self._settings.client_secret}".encode()
        request = prepare(
            "POST",
            f"{self._settings.auth_url}/oauth/token",
            headers={
                "Authorization": f"Basic {b64encode(client).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "User-Agent": "Rollcall",
            },
            body=urlencode(fields),
        )
        # A code works once; any other grant that was lost on the way can only be asked for again.
        repeatable = fields["grant_type"] != "authorization_code"
        try:
            answer = send(self._session, self._pace, request, manner=self._manner, idempotent=repeatable)
        except OutcomeUnknown as exc:
            raise TransientError(exc.message, details=exc.details) from exc
        if not answer.ok:
            raise self._refusal(answer, fields["grant_type"])
        return self._grant(answer.data)

    def _grant(self, data: Any) -> Grant:
        token = data.get("access_token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            raise TransientError(
                Sentence("%(service)s answered without a token. It is tried again by itself.", service=SERVICE)
            )
        self._session.redactor.conceal_token(token)
        refresh_token = str(data.get("refresh_token") or "")
        self._session.redactor.conceal(refresh_token)
        return Grant(token, _life(data.get("expires_in")), refresh_token, str(data.get("principal") or ""))

    def _refusal(self, answer: Answer, grant_type: str) -> ProvisioningError:
        """Nobody has confirmed the statuses of these refusals, so only the words of the error decide."""
        data = answer.data if isinstance(answer.data, dict) else {}
        error = str(data.get("error") or data.get("int_err_code") or "")
        details = self._session.redactor.excerpt(answer.body)
        if error == "invalid_client":
            return ConfigurationError(
                Sentence(
                    "GoTo does not accept this deployment's client (its id or secret). This is not the fault of the "
                    "credentials entered here: whoever runs the deployment must correct the GoTo client in its "
                    "settings."
                ),
                code=CLIENT_REFUSED,
                details=details,
            )
        if error in ("unauthorized_client", "unsupported_grant_type"):
            sentence = _GRANT_NOT_ALLOWED if grant_type == "password" else _OTHER_REFUSAL
            return ConfigurationError(sentence, code=GRANT_REFUSED, details=details)
        sentence = _REJECTED.get(grant_type, _OTHER_REFUSAL)
        if error in ("invalid_grant", "access_denied") or answer.status in (401, 403):
            return CredentialsRejected(sentence, details=details)
        return ConfigurationError(_OTHER_REFUSAL, details=details)


_GRANT_NOT_ALLOWED = Sentence(
    "This deployment's GoTo client may not sign in with a user name and password; GoTo no longer allows that for "
    "new clients. Choose Authorize as the sign-in method instead."
)
_REJECTED = {
    "password": Sentence(
        "GoTo does not accept this user name and password. The password may be wrong, or the account may be locked, "
        "use company sign-in (SSO) or need a second factor; the last two work with Authorize only."
    ),
    "refresh_token": Sentence(
        "GoTo no longer accepts the stored authorization: it expired after 30 days without use, was used elsewhere or "
        "was withdrawn. Authorize again."
    ),
    "authorization_code": Sentence(
        "GoTo did not accept the authorization: it was used already or is too old. Authorize again."
    ),
}
_OTHER_REFUSAL = Sentence(
    "GoTo sign-in refused the request. Check the GoTo client and addresses in the deployment's settings."
)


def _life(expires_in: object) -> float:
    """Seconds, from a number or (the older endpoints) a text."""
    try:
        return max(0.0, float(str(expires_in)))
    except ValueError:
        return _DEFAULT_LIFE_SECONDS
