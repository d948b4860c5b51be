"""A provisioning job: schedule, state, watermark, mapping and settings of one application."""

from datetime import timedelta

from django.db import models
from django.db.models import F

from provisioning.models.application import Application
from provisioning.models.fields import SentenceField
from provisioning.models.lease import Leased

INTERVAL = timedelta(minutes=40)
DELETION_THRESHOLD = 500
"""Source: Microsoft Entra ID, "Enable accidental deletions prevention", the default of the setting."""


class Job(Leased):
    class Scope(models.TextChoices):
        ASSIGNED = "assigned", "Sync only assigned users and groups"
        ALL = "all", "Sync all users and groups"

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="job")
    job_id = models.CharField(max_length=200, unique=True)
    """`<template id>.<tenant id without dashes>.<service principal id>`, as Microsoft writes them."""
    enabled = models.BooleanField(default=False)
    """Provisioning Status. Off lets a running cycle end; Stop halts it as well."""
    halted = models.BooleanField(default=False)
    """Stopped in the middle of a cycle: nothing is sent until Start."""

    schema = models.JSONField()
    """The mapping: one document in Graph's synchronizationSchema shape."""
    schema_version = models.PositiveIntegerField(default=1)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.ASSIGNED)
    interval = models.DurationField(default=INTERVAL)
    notification_email = models.EmailField(blank=True)
    notify_failures = models.BooleanField(default=False)
    deletion_threshold = models.PositiveIntegerField(default=DELETION_THRESHOLD, null=True, blank=True)
    """More disables and deletes than this in one plan stage them all; empty: not guarded."""
    skip_out_of_scope_deletions = models.BooleanField(default=False)

    watermark = models.BigIntegerField(default=0, editable=False)
    """The reading number up to which everybody has been decided; 0: the next cycle is an initial one."""
    epoch = models.PositiveIntegerField(default=0, editable=False)
    """Grows whenever everybody has to be decided anew: a cycle that is running then does not move the watermark."""
    rematch = models.BooleanField(default=False, editable=False)
    """Restarted: links are proved anew against the listing, each when its person is decided."""
    deletes_allowed = models.BooleanField(default=False, editable=False)
    """An administrator let the staged removals of this plan through."""
    accounts_listed_at = models.DateTimeField(null=True, blank=True, editable=False)
    accounts_total = models.IntegerField(null=True, blank=True, editable=False)
    """How many accounts the application held at the end of the last cycle, by its own count."""
    decided_on = models.DateField(null=True, blank=True, editable=False)
    """The day of the last full decision, for mappings that use the time."""

    next_run_at = models.DateTimeField(null=True, blank=True)
    run_requested_at = models.DateTimeField(null=True, blank=True)
    """A cycle was asked for outside the schedule (Start, Restart, `manage.py sync`, saving a mapping)."""

    quarantine_reason = models.CharField(max_length=64, blank=True)
    quarantine_code = models.CharField(max_length=64, blank=True)
    quarantine_error = SentenceField(blank=True)
    quarantine_began_at = models.DateTimeField(null=True, blank=True)
    quarantine_count = models.PositiveIntegerField(default=0)
    quarantine_mailed_code = models.CharField(max_length=64, blank=True)
    escrows_pruned = models.BooleanField(default=False)

    steady_first_at = models.DateTimeField(null=True, blank=True)
    steady_last_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.job_id

    def decide_everybody_anew(self) -> None:
        """A restart, a changed mapping, role table or licence: the next plan starts at watermark 0."""
        Job.objects.filter(pk=self.pk).update(watermark=0, epoch=F("epoch") + 1)
        self.watermark, self.epoch = 0, self.epoch + 1

    @property
    def quarantined(self) -> bool:
        return bool(self.quarantine_reason)
