"""The mirror of the directory: objects and memberships as the last good rounds told them.

Buried rows stay as tombstones, so that what left is known to have left, and when.
"""

from django.db import models

from provisioning.models.fields import FastJSONField
from provisioning.models.tenant import Tenant


class DirectoryObject(models.Model):
    class Kind(models.TextChoices):
        USER = "User"
        GROUP = "Group"

    class Removed(models.TextChoices):
        """Graph's reasons: "changed" is the recycle bin, "deleted" is for good."""

        NO = "", "no"
        SOFT = "changed", "soft-deleted"
        HARD = "deleted", "deleted"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="objects_mirrored")
    object_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    display_name = models.CharField(max_length=300, blank=True)
    user_principal_name = models.CharField(max_length=300, blank=True)
    mail = models.CharField(max_length=300, blank=True)
    attributes = FastJSONField(default=dict)
    """Provisioning names to values; an attribute that is absent has no value."""
    enabled = models.BooleanField(default=True)
    removed = models.CharField(max_length=8, choices=Removed, blank=True, default=Removed.NO)
    reading = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "object_id"], name="one_mirror_of_an_object")]
        indexes = [
            models.Index(fields=["tenant", "reading"]),
            models.Index(fields=["tenant", "kind", "removed", "display_name"], name="the_directory"),
            models.Index(fields=["tenant", "user_principal_name"]),
        ]

    def __str__(self) -> str:
        return self.display_name or self.user_principal_name or self.object_id


class Membership(models.Model):
    """A direct member of a group. Ids, not foreign keys: members may be read before the objects they name."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    group_id = models.CharField(max_length=64)
    member_id = models.CharField(max_length=64)
    removed = models.BooleanField(default=False)
    reading = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "group_id", "member_id"], name="one_membership")]
        indexes = [
            models.Index(fields=["tenant", "reading"]),
            models.Index(fields=["tenant", "member_id"]),
            models.Index(fields=["tenant", "group_id"], condition=models.Q(removed=True), name="who_left_a_group"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.group_id}"
