"""Which connectors there are, and how a target is opened."""

from collections.abc import Mapping

from provisioning.connectors.base import Pace, Target, TokenSaver
from provisioning.connectors.goto.admin import GoToTarget
from provisioning.connectors.goto.token import Refreshing, alone
from provisioning.connectors.http import DEADLINE_SECONDS, ConnectorSession
from provisioning.errors import ConfigurationError
from provisioning.sentences import Sentence

TARGETS = {"goto_admin": GoToTarget}

BUDGET_SECONDS = 60.0
INTERACTIVE_SECONDS = 8.0
"""For one request while a person waits: Test Connection ends within half a minute."""


def open_target(
    connector: str,
    settings: Mapping[str, str],
    values: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    pace: Pace,
    save_token: TokenSaver,
    refreshing: Refreshing = alone,
    interactive: bool = False,
    threads: int = 16,
) -> Target:
    """The target, with a session of its own: to be opened in the process that uses it, never before a fork.

    Args:
        connector: a key of `TARGETS`.
        settings: of the deployment; every connector knows ca_file (PEM) and proxy (URL) beside its own.
        values, secrets: what the Admin Credentials form stored, by the names of `credential_fields`.
        interactive: a person waits, so requests are given up sooner.

    Raises ConfigurationError when the connector is unknown or the settings are incomplete. Makes no request.
    """
    target = TARGETS.get(connector)
    if target is None:
        raise ConfigurationError(Sentence("There is no connector named %(connector)s.", connector=connector))
    session = open_session(settings, interactive=interactive, threads=threads)
    budget = INTERACTIVE_SECONDS if interactive else BUDGET_SECONDS
    return target(
        session, settings, values, secrets, pace=pace, save_token=save_token, refreshing=refreshing, budget=budget
    )


def open_session(settings: Mapping[str, str], *, interactive: bool = False, threads: int = 16) -> ConnectorSession:
    """A session by the settings ca_file and proxy, which may be absent or empty."""
    proxy = settings.get("proxy")
    return ConnectorSession(
        ca_file=settings.get("ca_file") or None,
        proxies={"http": proxy, "https": proxy} if proxy else None,
        deadline=INTERACTIVE_SECONDS if interactive else DEADLINE_SECONDS,
        threads=threads,
    )
