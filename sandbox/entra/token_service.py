"""Entra's token service: discovery, keys, and tokens for applications.

Source: Microsoft identity platform, "OAuth 2.0 client credentials flow" and "Certificate credentials".
"""

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificate
from starlette.responses import Response

from sandbox.entra.applications import Application, effective
from sandbox.entra.tokens import GRAPH_AUDIENCE
from sandbox.exchange import Call, Json
from sandbox.world import World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORGET_ASSERTIONS_AFTER = 3600


class TokenError(Exception):
    """What the token service refuses; `number` is that of AADSTS."""

    def __init__(self, number: int, error: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.number, self.error, self.message, self.status = number, error, message, status


def error_answer(error: TokenError, now: float) -> Response:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    description = f"AADSTS{error.number}: {error.message}"
    body = {
        "error": error.error,
        "error_description": f"{description} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
        "error_codes": [error.number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={error.number}",
    }
    return Json(body, error.status)


def check_tenant(world: World, name: str) -> None:
    """Raises TokenError unless it is the tenant's id or its domain."""
    if name.lower() not in (world.directory.tenant_id, world.directory.domain):
        message = f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID."
        raise TokenError(90002, "invalid_tenant" if name.count("-") == 4 else "invalid_request", message)


def discovery(world: World, call: Call) -> Response:
    check_tenant(world, call.parameters["tenant"])
    root, tenant = call.base, world.directory.tenant_id
    return Json(
        {
            "issuer": f"{root}/{tenant}/v2.0",
            "authorization_endpoint": f"{root}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/{call.parameters['tenant']}/oauth2/v2.0/token",
            "jwks_uri": f"{root}/{tenant}/discovery/v2.0/keys",
            "end_session_endpoint": f"{root}/{tenant}/oauth2/v2.0/logout",
            "response_modes_supported": ["query"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "nonce",
                "preferred_username",
                "name",
                "tid",
                "oid",
            ],
        }
    )


def keys(world: World, call: Call) -> Response:
    check_tenant(world, call.parameters["tenant"])
    return Json({"keys": [world.signing_key.public_jwk()]})


def token_for_application(world: World, call: Call) -> Response:
    """The client credentials grant."""
    check_tenant(world, call.parameters["tenant"])
    application = prove_application(world, call)
    if call.form.get("scope", "") not in (f"{GRAPH_AUDIENCE}/.default", f"{call.base}/.default"):
        message = f"The provided value for the input parameter 'scope' is not valid: {call.form.get('scope')!r}."
        raise TokenError(70011, "invalid_scope", message)
    lifetime = world.knobs.access_token_seconds
    token = access_token(world, application, lifetime)
    return Json({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token})


def access_token(world: World, application: Application, lifetime: int) -> str:
    now = int(world.clock.now())
    tenant = world.directory.tenant_id
    claims = {
        "aud": GRAPH_AUDIENCE,
        "iss": f"https://sts.windows.net/{tenant}/",
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
        "appid": application.client_id,
        "app_displayname": application.display_name,
        "idtyp": "app",
        "roles": sorted(effective(application.permissions)),
        "tid": tenant,
        "ver": "1.0",
        "uti": uuid.uuid4().hex,
    }
    return world.signing_key.sign(claims)


def prove_application(world: World, call: Call) -> Application:
    """The application whose secret or certificate the request shows. Raises TokenError."""
    client_id = call.form.get("client_id", "")
    application = world.state.applications.get(client_id)
    if application is None:
        message = f"Application with identifier '{client_id}' was not found in the directory 'Contoso'."
        raise TokenError(700016, "unauthorized_client", message)
    if not application.enabled:
        raise TokenError(7000112, "unauthorized_client", f"Application '{client_id}' is disabled.")
    if call.form.get("client_assertion"):
        check_assertion(world, call, application)
    elif call.form.get("client_secret"):
        check_secret(application, call.form["client_secret"])
    else:
        message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise TokenError(7000218, "invalid_client", message, 401)
    return application


def check_secret(application: Application, shown: str) -> None:
    if shown != application.secret:
        message = f"Invalid client secret provided for app '{application.client_id}'."
        raise TokenError(7000215, "invalid_client", message, 401)
    if application.secret_expired:
        message = f"The provided client secret keys for app '{application.client_id}' are expired."
        raise TokenError(7000222, "invalid_client", message, 401)


def check_assertion(world: World, call: Call, application: Application) -> None:
    """The claims and the signature of a certificate credential; an assertion is good for one request."""
    refused = TokenError(700027, "invalid_client", "Client assertion failed signature or claims validation.", 401)
    if call.form.get("client_assertion_type") != ASSERTION_TYPE:
        raise refused
    try:
        claims = read_assertion(call.form["client_assertion"], application, call.base + call.path)
    except jwt.InvalidTokenError as error:
        raise refused from error
    now = world.clock.now()
    used = world.assertions
    for identifier in [key for key, moment in used.items() if now - moment > FORGET_ASSERTIONS_AFTER]:
        del used[identifier]
    if not (claims["iss"] == claims["sub"] == application.client_id) or claims["exp"] <= now or claims["jti"] in used:
        raise refused
    used[claims["jti"]] = now


def read_assertion(assertion: str, application: Application, token_endpoint: str) -> dict[str, Any]:
    """Raises jwt.InvalidTokenError."""
    header = jwt.get_unverified_header(assertion)
    certificate = registered_certificate(application, header)
    # PyJWT compares times with this machine's clock; the caller compares them with the sandbox's.
    options: Any = {
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
        "require": ["exp", "iss", "sub", "jti"],
    }
    public: Any = certificate.public_key()
    return jwt.decode(assertion, public, ["RS256", "PS256"], audience=token_endpoint, options=options)


def registered_certificate(application: Application, header: dict[str, Any]) -> Certificate:
    """The certificate that the header's thumbprint names. Raises jwt.InvalidTokenError."""
    for pem in application.certificates:
        certificate = load_pem_x509_certificate(pem.encode())
        der = certificate.public_bytes(Encoding.DER)
        prints = {"x5t#S256": hashlib.sha256(der).digest(), "x5t": hashlib.sha1(der, usedforsecurity=False).digest()}
        for name, digest in prints.items():
            if header.get(name, "").rstrip("=") == base64.urlsafe_b64encode(digest).decode().rstrip("="):
                return certificate
    raise jwt.InvalidTokenError("no registered certificate has this thumbprint")
