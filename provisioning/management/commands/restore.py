"""A copy of the embedded database, brought back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.timezone import now

from provisioning.management.backups import bring_back, check, database_file, write_copy
from provisioning.management.workers import refuse_beside_workers


class Command(BaseCommand):
    help = (
        "Makes the SQLite database what it was when the file was made by backup, brings it up to date with this "
        "version and does what after_restore does. Stop everything first. What was there is kept beside it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="made by backup")

    def handle(self, *, file: Path, **options: Any) -> None:
        database = database_file()
        check(file)
        refuse_beside_workers()
        if database.exists():
            kept = database.with_name(f"{database.stem}-before-restore-{now():%Y%m%d-%H%M%S}{database.suffix}")
            write_copy(database, kept)
            self.stdout.write(f"What was there until now is in {kept}.")
        bring_back(file, database)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("after_restore", stdout=self.stdout)
