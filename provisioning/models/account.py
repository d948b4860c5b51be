"""The mirror of the application's accounts, and the links that join a person to one."""

from django.db import models
from django.db.models import Q

from provisioning.models.application import Application
from provisioning.models.directory import DirectoryObject
from provisioning.models.fields import FastJSONField, SentenceField
from provisioning.models.job import Job


class Account(models.Model):
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="accounts")
    key = models.CharField(max_length=200)
    user_name = models.CharField(max_length=300, blank=True)
    """Lower case, for matching; `attributes` keeps the spelling."""
    attributes = FastJSONField(default=dict)
    """Target attribute names to values: as read, with what was written since on top."""
    removed = models.BooleanField(default=False)
    number = models.PositiveIntegerField(default=1)
    """Grows with every change: a plan made from an older number is made anew."""
    read_at = models.DateTimeField(null=True, blank=True)
    """When the application last showed this account: the evidence that a create, disable, enable or delete needs."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "key"], name="one_mirror_of_an_account")]
        indexes = [models.Index(fields=["application", "user_name"])]

    def __str__(self) -> str:
        return self.user_name or self.key


class Link(models.Model):
    """What a job remembers of one person: the account, what was written to it, and what went wrong.

    A person who could not be provisioned yet has a link without an account; pruning the log forgets nothing.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="links")
    subject = models.ForeignKey(DirectoryObject, on_delete=models.CASCADE, related_name="links")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="links")
    provisioned_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    written = FastJSONField(default=dict, blank=True)
    """Attribute → value as last sent; kept apart from what the account reads, which the application may have
    rewritten.
    """
    written_at = models.DateTimeField(null=True, blank=True)
    replaced = FastJSONField(default=dict, blank=True)
    """Attribute → what the account read when it was last corrected: read again, the application insists on it."""
    skip_reason = models.CharField(max_length=64, blank=True)
    """The reason of the last skip written to the log: the same reason is not written again every cycle."""

    failed_at = models.DateTimeField(null=True, blank=True)
    """Since when this person fails; empty when the last attempt succeeded."""
    failure_code = models.CharField(max_length=64, blank=True)
    failure = SentenceField(blank=True)
    failure_count = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "subject"], name="one_link_of_a_person"),
            models.UniqueConstraint(
                fields=["job", "account"], condition=Q(account__isnull=False), name="one_link_of_an_account"
            ),
        ]
        indexes = [
            models.Index(fields=["job", "retry_at"]),
            models.Index(fields=["job", "failure_code"]),
            models.Index(
                fields=["job"], condition=Q(account__isnull=False, disabled_at=None), name="who_is_provisioned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} ↔ {self.account_id}"
