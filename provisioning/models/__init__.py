"""The tables, in the words of Microsoft's portal and API.

Tenant ─ Feed                          what is read from a directory, and how far
   ├──── DirectoryObject, Membership   the mirror of the directory
   └──── Application ─ AppRole, Assignment, Credential
             ├──── Account             the mirror of the application's accounts
             └──── Job ─ Link          one person ↔ one account, and that person's failures
                     └── Cycle ─ Change   plan, queue, crash journal, log and undo list in one
AuditEntry                             what an administrator did, or the service on its own
Question                               what somebody waits for while a worker asks it outside
Heartbeat                              the last sign of life of workers and beat
Installation                           what an administrator has set for all of it
"""

from provisioning.models.account import Account, Link
from provisioning.models.application import Application, AppRole, Assignment
from provisioning.models.audit import AuditEntry
from provisioning.models.change import Change
from provisioning.models.credential import Credential
from provisioning.models.cycle import Cycle
from provisioning.models.directory import DirectoryObject, Membership
from provisioning.models.heartbeat import Heartbeat
from provisioning.models.installation import Installation
from provisioning.models.job import Job
from provisioning.models.question import Question
from provisioning.models.tenant import Feed, Tenant

__all__ = [
    "Account",
    "AppRole",
    "Application",
    "Assignment",
    "AuditEntry",
    "Change",
    "Credential",
    "Cycle",
    "DirectoryObject",
    "Feed",
    "Heartbeat",
    "Installation",
    "Job",
    "Link",
    "Membership",
    "Question",
    "Tenant",
]
