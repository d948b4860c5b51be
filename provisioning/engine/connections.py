"""Opening the two ends: the directory of a tenant, the account of an application. Workers only: secrets are opened
here.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from provisioning.connectors.base import Check, Pace, Target, Unpaced
from provisioning.connectors.graph.source import GraphSource
from provisioning.connectors.registry import INTERACTIVE_SECONDS, open_session
from provisioning.connectors.registry import open_target as open_connector
from provisioning.engine.holding import Holding
from provisioning.errors import ConfigurationError, TransientError
from provisioning.models import Application, Credential, Tenant
from provisioning.sentences import Sentence

CERTIFICATE = ("private_key", "public_certificate", "passphrase")
"""The secrets that a tenant's connection has instead of a client secret."""
PATIENCE = 10.0
"""Seconds that somebody at the screen waits for another process's refresh of the same token."""


def open_source(tenant: Tenant, *, interactive: bool = False) -> GraphSource:
    """Raises ConfigurationError when no credentials are stored. Makes no request."""
    credential = Credential.objects.filter(tenant=tenant, draft=False).first()
    if credential is None:
        raise ConfigurationError(
            Sentence(
                "No credentials are stored for the tenant %(tenant)s. Enter a client secret or a certificate.",
                tenant=tenant,
            ),
            code="CredentialsMissing",
        )
    return source_with(tenant, credential, interactive=interactive)


def source_with(tenant: Tenant, credential: Credential, *, interactive: bool = False) -> GraphSource:
    """The tenant as these credentials open it; a draft may name another client, authority or Graph root."""
    secrets = credential.open()
    values = credential.values
    session = open_session(
        {"ca_file": values.get("ca_file", tenant.ca_file), "proxy": settings.HTTPS_PROXY_URL}, interactive=interactive
    )
    certificate = {name: secrets[name] for name in CERTIFICATE if secrets.get(name)}
    return GraphSource(
        session,
        values.get("authority") or tenant.authority,
        values.get("graph_url") or tenant.graph_url,
        values.get("tenant_id") or tenant.tenant_id,
        values.get("client_id") or tenant.client_id,
        pace=Unpaced(),
        secret=secrets.get("client_secret"),
        certificate=certificate or None,
        priority="High" if interactive else "Low",
        budget=INTERACTIVE_SECONDS if interactive else 60.0,
    )


def open_target(application: Application, pace: Pace | None = None, *, interactive: bool = False) -> Target:
    """Raises ConfigurationError when no credentials are stored. Makes no request."""
    credential = Credential.objects.filter(application=application, draft=False).first()
    if credential is None:
        raise ConfigurationError(
            Sentence(
                "No admin credentials are stored for %(application)s. Enter them under Provisioning, Admin "
                "Credentials.",
                application=application,
            ),
            code="CredentialsMissing",
        )
    return target_with(application, credential, pace or Unpaced(), interactive=interactive)


def target_with(application: Application, credential: Credential, pace: Pace, *, interactive: bool = False) -> Target:
    """The account that earlier cycles used is used on: nobody has to ask again whose credentials these are."""
    values = credential.values
    if not interactive:
        values = {**values, "account_key": values.get("account_key") or application.account_key}
    return open_connector(
        application.connector,
        deployment_settings(),
        values,
        credential.open(),
        pace=pace,
        save_token=_saver(credential),
        refreshing=_refreshing(credential, PATIENCE if interactive else settings.LEASE.total_seconds() + PATIENCE),
        interactive=interactive,
        threads=settings.EXPORT_CONCURRENCY * 2,
    )


def pure_target(application: Application) -> Target:
    """For deciding alone, in any process, also before the deployment has a client of its own: it has no secrets, so it
    could not ask anything if it wanted to.
    """
    settings_without_secrets = {**deployment_settings(), "client_id": "none", "client_secret": ""}
    return open_connector(
        application.connector, settings_without_secrets, {}, {}, pace=Unpaced(), save_token=lambda _: None
    )


def deployment_settings() -> dict[str, str]:
    """What the deployment says once for all applications."""
    return {
        "api_url": settings.GOTO_API_URL,
        "auth_url": settings.GOTO_AUTH_URL,
        "client_id": settings.GOTO_CLIENT_ID,
        "client_secret": settings.GOTO_CLIENT_SECRET,
        "ca_file": settings.GOTO_CA_FILE,
        "proxy": settings.HTTPS_PROXY_URL,
        "visibility_seconds": str(settings.GOTO_VISIBILITY_SECONDS),
        "array_limit": str(settings.GOTO_ARRAY_LIMIT),
    }


def checker(credential: Credential) -> Callable[[], Iterator[Check]]:
    """The checks of Test Connection for these credentials; each call begins anew."""
    if credential.tenant is not None:
        tenant = credential.tenant
        return lambda: source_with(tenant, credential, interactive=True).check_permissions()
    application = credential.application
    assert application is not None, "credentials belong to a tenant or an application"
    return lambda: target_with(application, credential, Unpaced(), interactive=True).check()


def _saver(credential: Credential) -> Callable[[dict[str, str]], None]:
    def save(changed: dict[str, str]) -> None:
        with transaction.atomic():
            row = Credential.objects.select_for_update().get(pk=credential.pk)
            row.seal({**row.open(), **changed})
            row.secrets_changed_at = now()
            row.save(update_fields=["sealed", "secrets_changed_at"])

    return save


def _refreshing(credential: Credential, patience: float) -> Callable[[], Any]:
    @contextmanager
    def refreshing() -> Iterator[Mapping[str, str]]:
        """One refresh at a time, in all processes: whoever waited is given what the other one stored.

        Workers wait for longer than a dead process can hold the lease; a slow one keeps it.
        """
        ends = time.monotonic() + patience
        while (token := credential.claim(settings.LEASE)) is None:
            if time.monotonic() > ends:
                raise TransientError(
                    Sentence("Another worker is signing in with the same credentials; trying again soon.")
                )
            time.sleep(0.1)
        with Holding(credential, token, settings.LEASE):
            yield Credential.objects.get(pk=credential.pk).open()

    return refreshing
