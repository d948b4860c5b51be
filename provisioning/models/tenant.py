"""A directory tenant and the feeds that are read from it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import models, transaction

from provisioning.models.fields import SentenceField
from provisioning.models.lease import Leased


class Tenant(models.Model):
    name = models.CharField(max_length=200)
    tenant_id = models.CharField(max_length=64, unique=True)
    client_id = models.CharField(max_length=64)
    authority = models.URLField(default="https://login.microsoftonline.com")
    graph_url = models.URLField(default="https://graph.microsoft.com")
    ca_file = models.CharField(max_length=500, blank=True)
    secret_expires_on = models.DateField(null=True, blank=True)
    """The last day of the client secret or certificate: as the tenant or the certificate says, else as entered."""
    expiry_mailed = models.CharField(max_length=32, blank=True, editable=False)
    """The reminder that was mailed last: the day it was about, and how many days before."""
    clock_ahead = models.DurationField(null=True, editable=False)
    """How far our clock is ahead of Graph's; empty: never compared."""

    reading_number = models.BigIntegerField(default=0, editable=False)
    """Grows with every row that a reading or an administrator's action adds, changes or buries; never goes back."""

    trouble_code = models.CharField(max_length=64, blank=True)
    trouble = SentenceField(blank=True)
    """Why the directory cannot be read; empty when it can. Recorded, and mailed, once for the tenant."""
    trouble_began_at = models.DateTimeField(null=True, blank=True)
    trouble_count = models.PositiveIntegerField(default=0)
    trouble_mailed_code = models.CharField(max_length=64, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def numbered(self) -> Iterator[int]:
        """A transaction that hands out the next reading number under the tenant row's lock and publishes it last.

        Rows written inside carry the number; nobody sees the number before the rows.
        """
        with transaction.atomic():
            locked = Tenant.objects.select_for_update().only("reading_number").get(pk=self.pk)
            number = locked.reading_number + 1
            yield number
            Tenant.objects.filter(pk=self.pk).update(reading_number=number)
        self.reading_number = number


class Feed(Leased):
    """One thing read from one tenant, with its place in the stream of changes."""

    class Kind(models.TextChoices):
        USERS = "users"
        GROUPS = "groups"
        MEMBERS = "members"
        ASSIGNMENTS = "assignments"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="feeds")
    kind = models.CharField(max_length=16, choices=Kind)
    application = models.ForeignKey(
        "Application", on_delete=models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    """Whose assignments these are; empty for the other kinds."""
    group_ids = models.JSONField(default=list, blank=True)
    """Members only: up to fifty assigned groups, which is what one filter of Graph takes."""
    select = models.JSONField(default=list, blank=True)
    """Source attributes that rounds ask for now, in the mapping's names."""
    read_select = models.JSONField(default=list, blank=True)
    """Source attributes that a finished full round has asked for: what is not in here is unread, which is not null."""
    delta_link = models.TextField(blank=True)
    """Where the next round goes on; empty: the next round is a full one."""
    began_at = models.DateTimeField(null=True, blank=True)
    """When the last good round was begun: changes made before it are in the mirror."""
    read_at = models.DateTimeField(null=True, blank=True)
    full_round_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = SentenceField(blank=True)
    error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind"], condition=models.Q(kind__in=["users", "groups"]), name="one_feed_of_a_kind"
            ),
            models.UniqueConstraint(fields=["application"], name="one_feed_of_assignments"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.tenant_id}"
