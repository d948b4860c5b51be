"""The deployment's encryption keys: all stored secrets under the newest one."""

from django.db import transaction

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.encryption import rotate as rotated
from provisioning.models import AuditEntry, Change, Credential, Installation


def rotate(*, by: Actor) -> int:
    """Seal every secret anew, row by row, each under its lock. Returns how many rows.

    Raises ConfigurationError for one that no key opens; those before it are done.
    """
    count = 0
    for pk in Credential.objects.exclude(sealed="").values_list("pk", flat=True):
        with transaction.atomic():
            credential = Credential.objects.select_for_update().filter(pk=pk).first()
            if credential is not None:
                credential.rotate()
                credential.save(update_fields=["sealed"])
                count += 1
    for pk in Change.objects.exclude(sealed="").values_list("pk", flat=True):
        with transaction.atomic():
            change = Change.objects.select_for_update().filter(pk=pk).exclude(sealed="").first()
            if change is not None:
                change.sealed = rotated(change.sealed)
                change.save(update_fields=["sealed"])
                count += 1
    with transaction.atomic():
        installation = Installation.objects.select_for_update().exclude(sealed="").first()
        if installation is not None:
            installation.sealed = rotated(installation.sealed)
            installation.save(update_fields=["sealed"])
            count += 1
    AuditEntry.record(by, Activity.ROTATE_KEYS, changes=[{"name": "secrets", "old": None, "new": count}])
    return count
