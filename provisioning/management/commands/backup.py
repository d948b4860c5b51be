"""A copy of the embedded database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from provisioning.management.backups import database_file, write_copy


class Command(BaseCommand):
    help = "Copies the SQLite database into one file, also while everything runs. Keep ENCRYPTION_KEYS elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="must not be there yet")

    def handle(self, *, file: Path, **options: Any) -> None:
        write_copy(database_file(), file)
        self.stdout.write(f"{file} has {file.stat().st_size:,} bytes.")
