"""What a deployment says about GoTo, once for all its applications."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.connectors.http import base_address
from provisioning.errors import ConfigurationError

API_URL = "https://api.getgo.com"
AUTH_URL = "https://authentication.logmeininc.com"


@dataclass(frozen=True)
class GoToSettings:
    """`client_id` and `client_secret` are those of the OAuth client that this deployment registered at GoTo."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    api_url: str = API_URL
    auth_url: str = AUTH_URL

    @classmethod
    def from_mapping(cls, settings: Mapping[str, str]) -> "GoToSettings":
        """From the keys api_url, auth_url, client_id and client_secret; empty ones count as absent.

        Raises ConfigurationError when the client is missing or an address is none.
        """
        given = {name: value for name, value in settings.items() if value}
        if not given.get("client_id"):
            raise ConfigurationError(
                "This deployment has no GoTo client yet. Register an OAuth client in the GoTo developer center and "
                "enter its id and secret in the settings of the deployment."
            )
        return cls(
            client_id=given["client_id"],
            client_secret=given.get("client_secret", ""),
            api_url=base_address(given.get("api_url", API_URL), "GoTo API address"),
            auth_url=base_address(given.get("auth_url", AUTH_URL), "GoTo sign-in address"),
        )
