"""English message ids that other packages declare without Django; pages translate them where they show them.

Source: the credential fields and checks of the connectors, the names in the gallery, the details of the log's steps. A
test compares the two. Whole sentences are said as `Sentence`, which the extraction of the texts knows.
"""

from django.utils.translation import gettext_noop as _

DECLARED_ELSEWHERE = (
    _("Sign-in method"),
    _("User name and password"),
    _("Authorize"),
    _("Refresh token"),
    _("GoTo clients registered recently can only use Authorize."),
    _("GoToMeeting Admin User Name"),
    _("An e-mail address."),
    _("GoToMeeting Admin Password"),
    _("Account"),
    _("Only when the credentials open several GoTo accounts; Test Connection lists them."),
    _("Credentials are complete"),
    _("GoTo sign-in can be reached"),
    _("This deployment's GoTo client is accepted"),
    _("Administrator can sign in"),
    _("GoTo account"),
    _("Team management permission"),
    _("Users can be read"),
    _("GoToMeeting licence"),
    _("Sign in to Microsoft Entra ID"),
    _("Active in the source system"),
    _("Assigned to the application"),
    _("User has the required role"),
    _("Scope sync all"),
    _("Scoping filter evaluation passed"),
    _("Assigned through"),
    _("Roles"),
    _("Synchronize Azure Active Directory Users to GoToMeeting"),
    _("Collaboration"),
    _("Creates, updates and disables the GoToMeeting accounts of people assigned in Microsoft Entra ID."),
)
