"""The access token of one GoTo account, kept in memory, and the refresh token behind it, which must never be lost."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from time import monotonic

from provisioning.connectors.base import TokenSaver
from provisioning.connectors.goto.grants import Grant, TokenEndpoint
from provisioning.errors import ConfigurationError
from provisioning.sentences import Sentence

PASSWORD, AUTHORIZE, REFRESH_TOKEN = "password", "authorize", "refresh_token"
"""Sign-in methods. The last two differ only in how the refresh token came here: by Authorize or pasted."""

_MARGIN_SECONDS = 60.0

Refreshing = Callable[[], AbstractContextManager[Mapping[str, str] | None]]
"""Keeps other processes from refreshing meanwhile; gives the secrets as they are stored by then, None: as given."""


@contextmanager
def alone() -> Iterator[None]:
    """For a process that nobody shares the credentials with."""
    yield None


class GoToToken:
    """Safe to use from several threads. `save` stores a new refresh token before the access token is used."""

    def __init__(
        self,
        endpoint: TokenEndpoint,
        values: Mapping[str, str],
        secrets: Mapping[str, str],
        *,
        save: TokenSaver,
        refreshing: Refreshing = alone,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._mode = values.get("auth_mode") or PASSWORD
        self._username = values.get("username", "")
        self._secrets = dict(secrets)
        self._save, self._refreshing, self._clock = save, refreshing, clock
        self._unsaved = ""
        self._access_token = ""
        self._expires = 0.0
        self._lock = Lock()

    def get(self) -> str:
        """A token that is still good. Raises ConfigurationError, TransientError, or what `save` raises."""
        with self._lock:
            if not self._access_token or self._clock() >= self._expires or self._unsaved:
                self._fetch()
            return self._access_token

    def renew(self, refused: str) -> str:
        """A token other than the one that GoTo refused; fetched only once however many threads were refused."""
        with self._lock:
            if self._access_token == refused:
                self._fetch()
            return self._access_token

    def _fetch(self) -> None:
        self._access_token = ""
        grant = self._by_password() if self._mode == PASSWORD else self._by_refresh_token()
        self._access_token = grant.access_token
        self._expires = self._clock() + grant.life - min(_MARGIN_SECONDS, grant.life / 10)

    def _by_password(self) -> Grant:
        """The password stays good, so a refresh token that comes along is not needed."""
        if not self._username or not self._secrets.get("password"):
            raise ConfigurationError(
                Sentence("The GoTo administrator's user name and password are required. Enter both.")
            )
        return self._endpoint.by_password(self._username, self._secrets["password"])

    def _by_refresh_token(self) -> Grant:
        with self._refreshing() as stored:
            if self._unsaved:
                self._keep(self._unsaved)
            elif stored is not None:
                self._secrets = dict(stored)
            if not self._secrets.get("refresh_token"):
                raise ConfigurationError(
                    Sentence("GoTo has not been authorized yet. Use Authorize, or enter a refresh token.")
                )
            grant = self._endpoint.by_refresh_token(self._secrets["refresh_token"])
            if grant.refresh_token and grant.refresh_token != self._secrets["refresh_token"]:
                self._keep(grant.refresh_token)
            return grant

    def _keep(self, refresh_token: str) -> None:
        """Store the only refresh token that still works; when that fails, before anything else the next time."""
        self._unsaved = refresh_token
        self._save({"refresh_token": refresh_token})
        self._secrets["refresh_token"] = refresh_token
        self._unsaved = ""
