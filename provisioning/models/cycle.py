"""One run of a job, with its stage: a worker that takes it over goes on where the last one stood."""

import uuid

from django.db import models

from provisioning.models.fields import SentenceField
from provisioning.models.job import Job


class Cycle(models.Model):
    class Kind(models.TextChoices):
        INITIAL = "initial"
        INCREMENTAL = "incremental"

    class Stage(models.TextChoices):
        """In order; each is safe to repeat."""

        READING = "reading"
        TARGET = "target"
        PLANNING = "planning"
        GUARD = "guard"
        EXPORT = "export"
        SETTLING = "settling"

    class State(models.TextChoices):
        """Graph's words for how an execution ended."""

        RUNNING = "Running"
        SUCCEEDED = "Succeeded"
        ENTRY_ERRORS = "EntryLevelErrors"
        FAILED = "Failed"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="cycles")
    cycle_id = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.READING)
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    full = models.BooleanField(default=False)
    """Every feed and the accounts are read from the start."""
    requested_at = models.DateTimeField()
    """What was read before this moment is not fresh enough."""
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    target_number = models.BigIntegerField(null=True, blank=True)
    """The tenant's reading number when planning began: the watermark once everybody has been decided."""
    epoch = models.PositiveIntegerField(default=0)
    """The job's epoch when planning began: moved on since, the watermark stays."""
    counts = models.JSONField(default=dict, blank=True)
    """Graph's counters of an execution: imported, entitled, decided, planned, exported, escrowed, …"""
    error_code = models.CharField(max_length=64, blank=True)
    error = SentenceField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job"], condition=models.Q(ended_at=None), name="one_cycle_at_a_time"),
        ]
        indexes = [models.Index(fields=["job", "-began_at"])]

    def __str__(self) -> str:
        return str(self.cycle_id)
