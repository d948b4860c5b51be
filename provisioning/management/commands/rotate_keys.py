"""All stored secrets under the newest key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.actions import encryption
from provisioning.errors import ConfigurationError


class Command(BaseCommand):
    help = (
        "Seals every stored secret with the first of ENCRYPTION_KEYS, so that the others can be taken away. "
        "Cycles may go on meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = encryption.rotate(by=None)
        except ConfigurationError as error:
            raise CommandError(f"{error} Nothing of it was lost: the other secrets are as they were.") from error
        self.stdout.write(f"{count} secrets are sealed with the newest key.")
