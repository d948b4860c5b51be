"""Access tokens for Microsoft Graph, by MSAL's client credentials.

Sources: Microsoft identity platform, "Authentication and authorization error codes"; MSAL Python 1.39.
"""

import base64
import json
import re
from collections.abc import Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import msal
import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from provisioning.connectors.failures import explain
from provisioning.connectors.http import ConnectorSession, base_address
from provisioning.errors import ConfigurationError, CredentialsRejected, ProvisioningError, TransientError
from provisioning.sentences import Sentence

SERVICE = "Microsoft Entra ID"

# Only these vouch for other hosts; asked about any other one, Microsoft's public host would have to be reachable.
_MICROSOFT_HOSTS = {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}

_NO_TOKEN = Sentence("Microsoft Entra ID did not give a token. Check the tenant id and the client id.")
_SENTENCES = {
    7000215: Sentence(
        "The client secret is not right. Copy the secret's value (not its id) from Certificates & secrets."
    ),
    7000222: Sentence(
        "The client secret has expired. Create a new one under Certificates & secrets and enter it here."
    ),
    700027: Sentence("The certificate is not one that the app registration knows. Upload its public part there."),
    7000218: Sentence("A client secret or a certificate is required. Enter one of them."),
    700016: Sentence("The client id is not known in this tenant. Check the application (client) id and the tenant id."),
    7000112: Sentence("The application is disabled in this tenant. Enable its enterprise application."),
    90002: Sentence("The tenant was not found. Check the tenant id."),
    900023: Sentence("The tenant id is not valid. Enter the directory (tenant) id or a verified domain name."),
    70011: Sentence("The requested scope is not valid. Check the Graph root in the settings."),
    500011: Sentence(
        "Microsoft Graph is not available in this tenant under this address. Check the Graph root in the settings."
    ),
    53003: Sentence(
        "Conditional Access blocks this application. Exclude its workload identity, or allow this network."
    ),
}
_TRANSIENT_CODES = {90033, 90024, 90090, 50196}
_TRANSIENT_ERRORS = {"temporarily_unavailable", "server_error", "service_unavailable", "too_many_requests"}
_REJECTED_ERRORS = {"invalid_client", "unauthorized_client", "access_denied", "invalid_grant"}


class EntraToken:
    """The token of one tenant connection; safe to use from several threads, kept in memory only.

    MSAL repeats a refusal for a minute without asking again: a test of the connection makes a new object.
    """

    def __init__(
        self,
        session: ConnectorSession,
        authority: str,
        tenant_id: str,
        client_id: str,
        *,
        graph_root: str,
        secret: str | None = None,
        certificate: Mapping[str, str] | None = None,
    ) -> None:
        if bool(secret) == bool(certificate):
            raise ConfigurationError(
                Sentence("A tenant connection needs a client secret or a certificate, and not both.")
            )
        self._session = session
        self._http = _NotedStatus(session)
        self._authority = base_address(authority, Sentence("authority"))
        if not self._authority.startswith("https:"):
            raise ConfigurationError(Sentence("The authority must be an https address."))
        self._tenant_id, self._client_id = tenant_id, client_id
        self._credential = secret or dict(certificate or {})
        self._scope = f"{graph_root}/.default"
        self._app: msal.ConfidentialClientApplication | None = None
        self._lock = Lock()
        session.redactor.conceal(secret, *(certificate or {}).values())
        if certificate:
            _check_certificate(certificate)

    def get(self) -> str:
        """A token that is good for some minutes yet. Raises ConfigurationError or TransientError."""
        with self._lock:
            return self._acquire()

    def renew(self, refused: str) -> str:
        """A token other than the one that Graph refused; asks only once however many threads were refused."""
        with self._lock:
            token = self._acquire()
            if token == refused and self._app is not None:
                self._app.remove_tokens_for_client()
                token = self._acquire()
            return token

    def _acquire(self) -> str:
        try:
            if self._app is None:
                self._app = self._make_app()
            result = self._app.acquire_token_for_client(scopes=[self._scope])
        except requests.RequestException as exc:
            host = str(urlsplit(self._authority).netloc)
            raise TransientError(explain(exc, SERVICE, host), details=self._session.redactor.excerpt(str(exc))) from exc
        except OSError as exc:
            raise ConfigurationError(
                Sentence(
                    "The CA file of this deployment cannot be read: %(service)s cannot be reached safely.",
                    service=SERVICE,
                ),
                details=str(exc),
            ) from exc
        except (ValueError, KeyError, TypeError, RuntimeError) as exc:  # MSAL's ways to tell of an unusable answer
            raise self._unusable(exc) from exc
        except msal.exceptions.MsalServiceError as exc:
            raise TransientError(
                Sentence("%(service)s has trouble of its own. It is tried again by itself.", service=SERVICE)
            ) from exc
        if "access_token" not in result:
            raise self._refusal(result)
        token = str(result["access_token"])
        self._session.redactor.conceal_token(token)
        return token

    def _make_app(self) -> msal.ConfidentialClientApplication:
        trusted = urlsplit(self._authority).hostname in _MICROSOFT_HOSTS
        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._credential,
            authority=f"{self._authority}/{self._tenant_id}",
            instance_discovery=None if trusted else False,
            http_client=self._http,
        )

    def _refusal(self, result: Mapping[str, Any]) -> ProvisioningError:
        """The error of an answer without a token; its status decides where its words cannot."""
        error = str(result.get("error", ""))
        description = str(result.get("error_description", ""))
        codes = [code for code in result.get("error_codes") or [] if isinstance(code, int)]
        codes = codes or [int(code) for code in re.findall(r"AADSTS(\d+)", description)]
        details = self._session.redactor.excerpt(f"{error}: {description}")
        if self._http.is_trouble() or error in _TRANSIENT_ERRORS or _TRANSIENT_CODES.intersection(codes):
            return TransientError(
                Sentence("%(service)s is busy. It is tried again by itself.", service=SERVICE), details=details
            )
        sentence = next((_SENTENCES[code] for code in codes if code in _SENTENCES), _NO_TOKEN)
        if codes:
            sentence = Sentence("%(sentence)s (%(code)s)", sentence=sentence, code=f"AADSTS{codes[0]}")
        kind = CredentialsRejected if error in _REJECTED_ERRORS else ConfigurationError
        return kind(sentence, details=details)

    def _unusable(self, error: Exception) -> ProvisioningError:
        """MSAL raises the same errors for an unknown tenant and for a bad day; the status tells them apart."""
        details = self._session.redactor.excerpt(str(error))
        status = self._http.status
        if status is None or (400 <= status < 500 and not self._http.is_trouble()):
            return ConfigurationError(
                Sentence("The tenant was not found at this authority. Check the tenant id and the authority address."),
                details=details,
            )
        return TransientError(
            Sentence("%(service)s sent an answer that cannot be read. It is tried again by itself.", service=SERVICE),
            details=details,
        )


def _check_certificate(certificate: Mapping[str, str]) -> None:
    """Raises ConfigurationError, before MSAL would with words that are meant for programmers."""
    passphrase = certificate.get("passphrase")
    try:
        key = load_pem_private_key(certificate["private_key"].encode(), passphrase.encode() if passphrase else None)
        public = load_pem_x509_certificate(certificate["public_certificate"].encode())
    except (KeyError, ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise ConfigurationError(
            Sentence(
                "The certificate or its private key cannot be read. Both are needed, in PEM form; a protected key also "
                "needs its passphrase."
            )
        ) from exc
    if key.public_key() != public.public_key():
        raise ConfigurationError(Sentence("The private key is not the one that belongs to the certificate."))


class _NotedStatus:
    """The session as MSAL's http_client; MSAL tells what an answer said, this one also with which status.

    A refusal that MSAL repeats from its cache leaves the status that it came with.
    """

    def __init__(self, session: ConnectorSession) -> None:
        self._session = session
        self.status: int | None = None
        """Of the last answer; None before the first."""

    def is_trouble(self) -> bool:
        return self.status == 429 or (self.status or 0) >= 500

    def get(self, url: str, **kwargs: Any) -> requests.Response:
        return self._noted(self._session.get(url, **kwargs))

    def post(self, url: str, **kwargs: Any) -> requests.Response:
        return self._noted(self._session.post(url, **kwargs))

    def close(self) -> None:
        self._session.close()

    def _noted(self, response: requests.Response) -> requests.Response:
        self.status = response.status_code
        return response


def roles_of(token: str) -> frozenset[str] | None:
    """The application permissions that a token names; None when it is not of a form that can be read.

    Nothing is verified: it only makes a message more exact, Graph itself decides.
    """
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        roles = claims.get("roles", [])
    except (IndexError, ValueError, AttributeError):
        return None
    return frozenset(map(str, roles)) if isinstance(roles, list) else None
