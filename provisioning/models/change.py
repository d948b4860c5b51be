"""A change: what is to be done to one person's account, and then how it ended.

One table is at once the preview, the work queue, the crash journal, the provisioning log and the undo list.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from provisioning.encryption import decrypt, encrypt
from provisioning.models.account import Account
from provisioning.models.cycle import Cycle
from provisioning.models.directory import DirectoryObject
from provisioning.models.fields import FastJSONField, SentenceField
from provisioning.models.job import Job


class Change(models.Model):
    class Action(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        ENABLE = "enable"
        DISABLE = "disable"
        DELETE = "delete"
        OTHER = "other"

    class Status(models.TextChoices):
        PLANNED = "planned"
        STAGED = "staged"
        """Held back by the guard until an administrator decides."""
        IN_FLIGHT = "in_flight"
        SUCCESS = "success"
        FAILURE = "failure"
        SKIPPED = "skipped"
        SUPERSEDED = "superseded"

    OPEN = (Status.PLANNED, Status.STAGED, Status.IN_FLIGHT)
    SETTLED = (Status.SUCCESS, Status.FAILURE, Status.SKIPPED)

    change_id = models.UUIDField(default=uuid.uuid4, unique=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="changes")
    cycle = models.ForeignKey(Cycle, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes")
    subject = models.ForeignKey(DirectoryObject, on_delete=models.SET_NULL, null=True, related_name="changes")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes")
    action = models.CharField(max_length=8, choices=Action)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    priority = models.SmallIntegerField(default=0)
    """Lower is sent first: on demand, leavers, then those who keep access, then newcomers."""

    object_reading = models.BigIntegerField(default=0)
    account_number = models.PositiveIntegerField(default=0)
    schema_version = models.PositiveIntegerField(default=0)
    """The numbers this plan was made from; what moved since is planned anew when its turn comes."""
    payload = FastJSONField(default=dict, blank=True)
    """Target attributes to send; secret ones are in `sealed` while the row is open, and gone once it is settled."""
    sealed = models.TextField(blank=True, editable=False)
    shared = FastJSONField(default=list, blank=True)
    """What creations of one array request must have in common."""
    claim = models.CharField(max_length=300, null=True, blank=True)
    """The unique value that this open change takes for itself; empty when it takes none."""

    facts = FastJSONField(default=dict, blank=True)
    """What the steps of the log are rendered from: {"import", "scoping", "matching", "processing", "export"}."""
    modified = FastJSONField(default=list, blank=True)
    """[{"name", "old", "new"}]; the old values make an undo possible."""
    identity = models.CharField(max_length=300, blank=True)
    """The person's name and address when this was written, for a log that outlives the person."""
    error_code = models.CharField(max_length=64, blank=True)
    reason = SentenceField(blank=True)
    initiated_by = models.CharField(max_length=150, blank=True)
    """Whoever asked for this one person on demand; empty: the service itself."""

    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "subject"],
                condition=Q(status__in=["planned", "staged", "in_flight"]),
                name="one_open_change_of_a_person",
            ),
            models.UniqueConstraint(
                fields=["job", "claim"],
                condition=Q(status__in=["planned", "staged", "in_flight"], claim__isnull=False),
                name="one_open_claim_of_a_value",
            ),
        ]
        indexes = [
            models.Index(fields=["job", "priority", "id"], condition=Q(status="planned"), name="the_queue"),
            # Whoever asks for rows in the log's order says that they are settled, or SQLite does not see this index.
            models.Index(
                fields=["job", "-settled_at", "status", "action"], condition=Q(settled_at__isnull=False), name="the_log"
            ),
            models.Index(fields=["job", "status", "id"], condition=Q(settled_at__isnull=True), name="what_is_open"),
            models.Index(fields=["subject", "-id"], name="the_log_of_a_person"),
            models.Index(fields=["cycle", "status", "-settled_at"], name="the_log_of_a_cycle"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.identity}"

    @property
    def lost(self) -> int:
        """How often its answer was lost although it had no effect."""
        return int(self.facts.get("lost", 0))

    def seal(self, secrets: dict[str, str]) -> None:
        self.sealed = encrypt(secrets)

    def full_payload(self) -> dict[str, Any]:
        """What is sent, secrets included. Workers only."""
        return {**self.payload, **decrypt(self.sealed)}
