"""Authorize: sending an administrator to the application's sign-in, and keeping what remains when it sends him back."""

from datetime import datetime
from types import ModuleType

from django.db import transaction

from provisioning.connectors.goto import authorization as goto
from provisioning.connectors.goto.settings import GoToSettings
from provisioning.connectors.registry import open_session
from provisioning.engine import connections
from provisioning.errors import ConfigurationError
from provisioning.models import Application, Credential
from provisioning.sentences import Sentence

CONNECTORS = {"goto_admin": goto}


def new_verifier() -> str:
    """A PKCE verifier, and as good a `state`."""
    return goto.new_verifier()


def address(application: Application, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Where to send the administrator's browser. Raises ConfigurationError when the application knows no Authorize, or
    the deployment has no client there. Makes no request.
    """
    return _connector(application).authorize_url(_settings(), redirect_uri=redirect_uri, state=state, verifier=verifier)


def redeem(application: Application, draft_id: int, now: datetime) -> Credential:
    """Turn the code of a draft into a refresh token, and store it with the application's credentials, which
    are returned.

    The draft holds {"code", "verifier"} sealed and the redirect URI among its values; it is used up.
    Raises CredentialsRejected: authorize again; ConfigurationError; TransientError.
    """
    draft = Credential.objects.get(pk=draft_id, application=application, draft=True)
    secrets = draft.open()
    grant = _connector(application).redeem(
        open_session(connections.deployment_settings(), interactive=True),
        _settings(),
        code=secrets["code"],
        redirect_uri=draft.values["redirect_uri"],
        verifier=secrets["verifier"],
    )
    with transaction.atomic():
        saved = Credential.objects.select_for_update().get(application=application, draft=False)
        saved.enter({"refresh_token": grant.refresh_token})
        saved.secrets_changed_at = now
        saved.save(update_fields=["sealed", "secrets_changed_at"])
        draft.delete()
    return saved


def _connector(application: Application) -> ModuleType:
    found = CONNECTORS.get(application.connector)
    if found is None:
        raise ConfigurationError(
            Sentence("%(application)s is not connected by Authorize.", application=application), code="NotImplemented"
        )
    return found


def _settings() -> GoToSettings:
    return GoToSettings.from_mapping(connections.deployment_settings())
