"""What a deployment says about GoTo, once for all its applications."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from provisioning.connectors.http import base_address
from provisioning.errors import ConfigurationError
from provisioning.sentences import Sentence

API_URL = "https://api.getgo.com"
AUTH_URL = "https://authentication.logmeininc.com"


@dataclass(frozen=True)
class GoToSettings:
    """`client_id` and `client_secret` are those of the OAuth client that this deployment registered at GoTo.

    `visibility_delay` is how long a new user may be missing from searches; `array_limit` the most users of a creation.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    api_url: str = API_URL
    auth_url: str = AUTH_URL
    visibility_delay: timedelta = timedelta(seconds=30)
    array_limit: int = 100

    @classmethod
    def from_mapping(cls, settings: Mapping[str, str]) -> "GoToSettings":
        """From the keys api_url, auth_url, client_id, client_secret, visibility_seconds and array_limit; empty ones
        count as absent.

        Raises ConfigurationError when the client is missing or an address is none.
        """
        given = {name: value for name, value in settings.items() if value}
        if not given.get("client_id"):
            raise ConfigurationError(
                Sentence(
                    "This deployment has no GoTo client yet. Register an OAuth client in the GoTo developer center and "
                    "enter its id and secret in the settings of the deployment."
                )
            )
        return cls(
            client_id=given["client_id"],
            client_secret=given.get("client_secret", ""),
            api_url=base_address(given.get("api_url", API_URL), Sentence("GoTo API address")),
            auth_url=base_address(given.get("auth_url", AUTH_URL), Sentence("GoTo sign-in address")),
            visibility_delay=timedelta(seconds=float(given.get("visibility_seconds", 30))),
            array_limit=int(given.get("array_limit", 100)),
        )
