"""What a restored database needs before anything may run on it."""

from typing import Any

from django.core.management.base import BaseCommand

from provisioning.actions import restoring
from provisioning.management.workers import refuse_beside_workers


class Command(BaseCommand):
    help = (
        "Drops the plans of a restored database, and has both sides read from the start and everybody decided anew. "
        "To be run before the workers are started."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_beside_workers()
        found = restoring.after_restore(by=None)
        self.stdout.write(
            f"{found.superseded:,} changes of old plans will not be sent; {found.in_flight:,} that were under way are "
            f"looked up first; {found.jobs:,} applications are read and decided anew. Start the workers."
        )
