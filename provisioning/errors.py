"""Every error the engine knows how to react to, ordered by what the reader must do.

* ProvisioningError          the base; never raised itself
  - ConfigurationError       an administrator must act: the job stops and is quarantined
    + CredentialsRejected    the directory or the application does not accept what is stored
    + PermissionMissing      signed in, but a right is missing; `permission` names it
    + AccountChoiceNeeded    the credentials open several accounts and none was chosen
  - ObjectError              this one person failed: log it, retry it later, go on with the next
    + MappingError           an expression could not be evaluated for this person
    + RequestRejected        the application refused the payload
    + Conflict               a unique value is used by another account
    + LicenceLimitExceeded   no free seat; `product` names the licence
    + InvalidAnchor          the linked account no longer exists
  - TransientError           nobody is at fault: back off and send the same request again
    + RateLimited            429; carries retry_after, in seconds or None
    + OutcomeUnknown         the answer was lost after the request may have had its effect: look first
  - ReadingRefused           a round of the directory was broken or not believable: the old mirror stands
    + DeltaLinkExpired       start the feed again with a full round
  - Halted                   the writer was told to stop or lost its lease; nothing more may be sent

`code` is what the provisioning log and the API show (entra-provisioning reference, section 17.2);
`message` is a sentence for an administrator and never holds a secret.
"""

from provisioning.sentences import Sentence


class ProvisioningError(Exception):
    code = "InternalError"

    def __init__(self, message: Sentence, *, code: str | None = None, details: str = "") -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.details = details


class ConfigurationError(ProvisioningError):
    code = "EncounteredQuarantineException"


class CredentialsRejected(ConfigurationError):
    code = "InvalidCredentials"


class PermissionMissing(ConfigurationError):
    code = "InsufficientRights"

    def __init__(self, message: Sentence, *, permission: str, details: str = "") -> None:
        super().__init__(message, details=details)
        self.permission = permission


class AccountChoiceNeeded(ConfigurationError):
    """`accounts` maps each account key that the credentials open to its name."""

    code = "AccountChoiceNeeded"

    def __init__(self, message: Sentence, *, accounts: dict[str, str]) -> None:
        super().__init__(message)
        self.accounts = accounts


class ObjectError(ProvisioningError):
    code = "UnprocessableEntity"


class MappingError(ObjectError):
    code = "MappingError"


class RequestRejected(ObjectError):
    code = "UnprocessableEntity"


class Conflict(ObjectError):
    code = "EntryConflict"


class LicenceLimitExceeded(ObjectError):
    code = "LicenseLimitExceeded"

    def __init__(self, message: Sentence, *, product: str = "", details: str = "") -> None:
        super().__init__(message, details=details)
        self.product = product


class InvalidAnchor(ObjectError):
    code = "InvalidAnchor"


class TransientError(ProvisioningError):
    code = "InternalServerError"


class RateLimited(TransientError):
    code = "TooManyRequests"

    def __init__(self, message: Sentence, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(TransientError):
    code = "Timeout"


class ReadingRefused(ProvisioningError):
    code = "IngestionInterrupted"


class DeltaLinkExpired(ReadingRefused):
    code = "DeltaLinkExpired"


class Halted(ProvisioningError):
    code = "Halted"
