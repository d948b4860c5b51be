"""The activities of the audit log, in Microsoft's words where it has them.

The value is what is stored and what the API says; the label is what a page shows.
Source: Microsoft Entra ID, "Audit log activities"; "Check the status of user provisioning".
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Activity(TextChoices):
    CONNECT_TENANT = "Connect tenant", _("Connect tenant")
    UPDATE_TENANT = "Update tenant connection", _("Update tenant connection")
    DISCONNECT_TENANT = "Disconnect tenant", _("Disconnect tenant")
    ADD_APPLICATION = "Add service principal", _("Add service principal")
    UPDATE_APPLICATION = "Update service principal", _("Update service principal")
    REMOVE_APPLICATION = "Remove service principal", _("Remove service principal")
    UPDATE_ROLE = "Update role table", _("Update role table")
    ASSIGN_USER = (
        "Add app role assignment grant to user",
        _("Add app role assignment grant to user"),
    )
    ASSIGN_GROUP = "Add app role assignment to group", _("Add app role assignment to group")
    UNASSIGN_USER = "Remove app role assignment from user", _("Remove app role assignment from user")
    UNASSIGN_GROUP = "Remove app role assignment from group", _("Remove app role assignment from group")
    UPDATE_SETTINGS = (
        "Update provisioning setting or credentials",
        _("Update provisioning setting or credentials"),
    )
    TEST_CREDENTIALS = "Test provisioning credentials", _("Test provisioning credentials")
    START = "Enable/start provisioning configuration", _("Enable/start provisioning configuration")
    STOP = "Disable/pause provisioning configuration", _("Disable/pause provisioning configuration")
    RESTART = "Enable/restart provisioning configuration", _("Enable/restart provisioning configuration")
    REQUEST_CYCLE = "Request provisioning cycle", _("Request provisioning cycle")
    UPDATE_MAPPINGS = "Update attribute mappings or scope", _("Update attribute mappings or scope")
    ALLOW_DELETES = "Allow deletes", _("Allow deletes")
    REJECT_DELETES = "Reject deletes", _("Reject deletes")
    ON_DEMAND = "Provision on demand", _("Provision on demand")
    ERASE_PERSON = "Erase person", _("Erase person")
    UPDATE_INSTALLATION = "Update settings of the installation", _("Update settings of the installation")
    RESTORE = "Restore from backup", _("Restore from backup")
    ROTATE_KEYS = "Rotate encryption keys", _("Rotate encryption keys")
    QUARANTINE = "Quarantine", _("Quarantine")
    """Written by the service itself."""
