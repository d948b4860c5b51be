"""What each code of the log means in a few words, and what to do about it. English message ids; pages translate them.

Source: Microsoft Entra ID, "Provisioning logs", error codes; "How provisioning works", skip reasons. Codes that only
this service knows are at the end of each table.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Cause:
    """`words` fit into a column; `advice` is a sentence for an administrator. `retried`: it may pass by itself."""

    words: Text
    advice: Text
    retried: bool = False


_RIGHTS = Cause(
    _("Right missing"),
    _("The credentials are accepted, but a right is missing. Grant it to the administrator, then test the connection."),
)
_CONFIGURATION = _("Check the mapping and the settings of the application; the details hold its answer.")
_PASSES = _("Nothing to do: it is tried again in the next cycle.")
_ADDRESS_TAKEN = Cause(
    _("Address in use elsewhere"),
    _("Another account has this value. Change one of the two, or match on it so that the account is taken over."),
)
_REQUIRED = Cause(
    _("Required value missing"),
    _("Fill the attribute in the directory, or give its mapping a default value or an expression."),
)
_SIGN_IN = Cause(
    _("Credentials not accepted"),
    _("Enter the credentials again, test the connection, and save them."),
)

ERRORS: dict[str, Cause] = {
    "Conflict": _ADDRESS_TAKEN,
    "EntryConflict": _ADDRESS_TAKEN,
    "TooManyRequests": Cause(_("Application asks for patience"), _PASSES, retried=True),
    "InternalServerError": Cause(_("Application has a fault"), _PASSES, retried=True),
    "InsufficientRights": _RIGHTS,
    "MethodNotAllowed": _RIGHTS,
    "NotPermitted": _RIGHTS,
    "Unauthorized": _RIGHTS,
    "UnprocessableEntity": Cause(_("Refused by the application"), _CONFIGURATION),
    "WebExceptionProtocolError": Cause(_("Connection broken"), _PASSES, retried=True),
    "InvalidAnchor": Cause(
        _("Account gone"),
        _("The account that belonged to this person no longer exists. They are matched again in the next cycle."),
        retried=True,
    ),
    "NotImplemented": Cause(_("Not possible there"), _("The application cannot do this. Change the mapping.")),
    "MandatoryFieldsMissing": _REQUIRED,
    "MissingValues": _REQUIRED,
    "SchemaAttributeNotFound": Cause(
        _("Unknown attribute"), _("The application has no such attribute. Correct the mapping.")
    ),
    "InternalError": Cause(_("Fault in the service"), _PASSES, retried=True),
    "InvalidDomain": Cause(
        _("Domain not allowed"), _("Allow the domain in the application, or change the value in the directory.")
    ),
    "Timeout": Cause(
        _("No answer in time"),
        _("Nothing to do: the application is asked what became of it, and it is tried again."),
        retried=True,
    ),
    "LicenseLimitExceeded": Cause(
        _("No licence free"),
        _("Buy licences, or take them from somebody. Whoever waits is tried again in every cycle."),
        retried=True,
    ),
    "DuplicateTargetEntries": Cause(
        _("Several accounts match"), _("Remove all but one of the accounts, or change the matching attribute.")
    ),
    "DuplicateSourceEntries": Cause(
        _("Two people, one address"), _("Give one of the two people another value of the matching attribute.")
    ),
    "ImportSkipped": Cause(
        _("No value to match on"), _("Fill the matching attribute of this person in the directory.")
    ),
    "SchemaPropertyCanOnlyAcceptValue": Cause(
        _("Several values for one"), _("Map an attribute with a single value, or an expression that picks one.")
    ),
    "EntityTypeNotSupported": Cause(_("Groups are not provisioned"), _("Nothing to do.")),
    # Ours.
    "MappingError": Cause(
        _("Expression failed"), _("Correct the expression, or the value that it is given; the reason names both.")
    ),
    "ValueTooLong": Cause(
        _("Value too long"), _("Shorten the value in the directory, or map an expression that does.")
    ),
    "WaitsForValue": Cause(
        _("Waits for a value"), _("Nothing to do: the value is freed by another change first."), retried=True
    ),
    "InvalidCredentials": _SIGN_IN,
    "CredentialsMissing": Cause(_("No credentials"), _("Enter the credentials, test the connection, and save them.")),
    "ClientNotAccepted": Cause(
        _("Client not accepted"),
        _("Correct the GoTo client of this deployment: GOTO_CLIENT_ID and GOTO_CLIENT_SECRET."),
    ),
    "PasswordGrantNotAllowed": Cause(
        _("Password sign-in not allowed"), _("Choose Authorize as the sign-in method, and authorize once.")
    ),
    "AccountChoiceNeeded": Cause(
        _("Several accounts"), _("Test the connection, and choose one of the accounts that it lists.")
    ),
    "AccountInUse": Cause(
        _("Account provisioned twice"),
        _("Another application provisions this account. Delete one of the two, or choose another account."),
    ),
    "EncounteredQuarantineException": Cause(
        _("Set-up must be mended"), _("The reason says what. Correct it, then start or restart provisioning.")
    ),
    "InvalidSynchronizationSchema": Cause(
        _("Mapping cannot be used"), _("Correct the mapping, or restore the default mappings.")
    ),
    "ServicePrincipalNotFound": Cause(
        _("Enterprise application gone"), _("Restore it in the tenant, or add the application anew.")
    ),
    "ManyAccountsGone": Cause(
        _("Many accounts gone at once"),
        _("If they were meant to go, restart provisioning; if not, restore them in the application first."),
    ),
    "IngestionInterrupted": Cause(
        _("Reading broke off"), _("Nothing was changed for it. It is read again in the next cycle."), retried=True
    ),
}

SKIPS: dict[str, Cause] = {
    "NotAssigned": Cause(
        _("Not assigned"), _("Assign the person, or a group that they are a direct member of, to the application.")
    ),
    "NotEffectivelyEntitled": Cause(
        _("No role that counts"), _("Give the assignment one of the application's roles. Default Access is not one.")
    ),
    "ScopingFilterNotPassed": Cause(
        _("Outside the scoping filter"), _("Nothing to do if that is meant; if not, change the filter or the person.")
    ),
    "SourceObjectDisabled": Cause(_("Sign-in blocked"), _("Nothing to do until the person may sign in again.")),
    "SourceObjectDeleted": Cause(_("Deleted in the directory"), _("Nothing to do unless the person is restored.")),
    "RedundantExport": Cause(_("Nothing to change"), _("Nothing to do: the account is as it should be.")),
    "EntrySynchronizationSkipped": Cause(_("Nothing to change"), _("Nothing to do.")),
    # Ours.
    "CreateNotEnabled": Cause(
        _("Create is switched off"), _("Switch Create on among the target object actions of the mapping.")
    ),
    "UpdateNotEnabled": Cause(
        _("Update is switched off"), _("Switch Update on among the target object actions of the mapping.")
    ),
    "MappingNotEnabled": Cause(
        _("Mapping is switched off"), _("Switch the object mapping on, if its people should be provisioned.")
    ),
    "DisableNotMapped": Cause(
        _("Disabling is not mapped"), _("Map IsSoftDeleted to the account's active state, if they should be disabled.")
    ),
    "SkipOutOfScopeDeletions": Cause(
        _("Leavers are left alone"), _("The setting to skip out-of-scope deletions is on.")
    ),
    "IgnoreObjectFlow": Cause(_("Left out by an expression"), _("An expression of the mapping said IgnoreObjectFlow.")),
    "ProtectedAccount": Cause(
        _("Protected account"), _("Change this account by hand in the application, if you must.")
    ),
    "AccountTakenOver": Cause(
        _("Account passed on"), _("Nothing to do: somebody else has the address, and the account with it.")
    ),
}

UNKNOWN = Cause(_("Failed"), _("The reason says more. It is tried again, ever more rarely, for four weeks."))


def cause(code: str) -> Cause:
    """What a code means. A connector may put its name in front of a general code, as in ContosoEntryConflict."""
    known = ERRORS | SKIPS
    found = known.get(code)
    if found is None:
        found = next((each for general, each in known.items() if code.endswith(general)), UNKNOWN)
    return found
