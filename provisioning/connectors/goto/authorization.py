"""Authorize: an administrator allows access in the browser, and a refresh token is what remains.

Source: GoTo Developer, "How to obtain an OAuth access token"; RFC 7636 (PKCE).
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import urlencode

from provisioning.connectors.base import Unpaced
from provisioning.connectors.goto.grants import Grant, TokenEndpoint
from provisioning.connectors.goto.settings import GoToSettings
from provisioning.connectors.http import ConnectorSession
from provisioning.errors import CredentialsRejected
from provisioning.sentences import Sentence


def new_verifier() -> str:
    """A PKCE verifier, and as good a `state`: both stay in the administrator's session until GoTo sends him back."""
    return token_urlsafe(48)


def authorize_url(settings: GoToSettings, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Where to send the administrator's browser. GoTo comes back to `redirect_uri` with `code` and `state`."""
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": settings.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{settings.auth_url}/oauth/authorize?{urlencode(query)}"


def redeem(session: ConnectorSession, settings: GoToSettings, *, code: str, redirect_uri: str, verifier: str) -> Grant:
    """Turn the code into a grant that carries a refresh token. A code works once.

    Raises CredentialsRejected: authorize again; ConfigurationError; TransientError.
    """
    grant = TokenEndpoint(session, settings, Unpaced()).by_code(code, redirect_uri=redirect_uri, verifier=verifier)
    if not grant.refresh_token:
        raise CredentialsRejected(Sentence("GoTo gave no lasting authorization. Authorize again."))
    return grant
