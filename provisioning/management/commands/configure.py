"""Make true what a file says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.actions.errors import ActionRefused
from provisioning.management.configuration.applying import apply
from provisioning.management.configuration.document import Refused, read
from provisioning.management.configuration.waiting import Failed


class Command(BaseCommand):
    help = "Connect a tenant and set up applications as a JSON file says. Again with the same file, nothing changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        said: list[str] = []

        def say(line: str) -> None:
            said.append(line)
            self.stdout.write(line)

        try:
            apply(read(file), say)
        except Refused as refusal:
            raise CommandError(f"{refusal}\nNothing was changed.") from refusal
        except (Failed, ActionRefused) as failure:
            raise CommandError(str(failure)) from failure
        if not said:
            self.stdout.write("Everything is as the file says already.")
