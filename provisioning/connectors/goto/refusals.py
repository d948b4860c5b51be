"""Why GoTo refused: explained by what the account looks like, since its codes were never published."""

from collections.abc import Sequence

from provisioning.connectors.goto.client import GoToClient, said
from provisioning.connectors.goto.context import AccountReader
from provisioning.connectors.sending import Answer
from provisioning.errors import (
    ConfigurationError,
    Conflict,
    LicenceLimitExceeded,
    ObjectError,
    ProvisioningError,
    RequestRejected,
)
from provisioning.sentences import Sentence


class Refusals:
    def __init__(self, client: GoToClient, account: AccountReader) -> None:
        self._client, self._account = client, account

    def raise_if_seats_are_short(self, licence_keys: Sequence[str], people: int) -> None:
        """Raises LicenceLimitExceeded when one of these licences cannot seat so many more people."""
        if not licence_keys:
            return
        licences = self._account.licences().licences
        for key in licence_keys:
            licence = licences.get(key)
            if licence is None or not licence.enabled:
                raise RequestRejected(
                    Sentence("A licence of the role table is no longer in the GoTo account or is disabled.")
                )
            if licence.seats - licence.used < people:
                product = licence.products[0] if licence.products else ""
                raise LicenceLimitExceeded(
                    Sentence(
                        "GoTo has no free seat left in the licence %(name)s (%(products)s).",
                        name=licence.name or key,
                        products=", ".join(licence.products),
                    ),
                    product=product,
                )

    def error(self, answer: Answer) -> ProvisioningError:
        """What is left when the state explains nothing.

        A 403 means a missing right only if the administrator really lacks one: else it is about this one person, and
        must not stop the others.
        """
        if answer.status == 401:
            return self._client.refusal(answer, "Admin Center")
        if answer.status == 403:
            missing = self._account.me().missing_rights()
            return self._client.refusal(answer, missing[0]) if missing else self.rejected(answer)
        if answer.status == 404:
            return ConfigurationError(
                Sentence("GoTo does not know this account or group."), details=self._client.excerpt(answer)
            )
        return self.conflict(answer) if answer.status == 409 else self.rejected(answer)

    def conflict(self, answer: Answer) -> Conflict:
        return Conflict(Sentence("The address is used in another GoTo account."), details=self._client.excerpt(answer))

    def rejected(self, answer: Answer) -> ObjectError:
        code, message = said(answer)
        return RequestRejected(
            Sentence(
                "GoTo refused the request: %(message)s",
                message=message or code or Sentence("status %(status)s, without a reason", status=answer.status),
            ),
            details=self._client.excerpt(answer),
        )
