"""Make true what a file says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from provisioning.actions.errors import ActionRefused
from provisioning.management.configuration.applying import apply
from provisioning.management.configuration.document import load
from provisioning.management.configuration.reading import Refused
from provisioning.management.configuration.waiting import Failed


class Command(BaseCommand):
    help = "Connect a tenant and set up applications as a JSON file says. Again with the same file, nothing changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", metavar="USERNAME", help="in whose name the audit log tells it")

    def handle(self, *, file: Path, by: str | None, **options: Any) -> None:
        person = User.objects.filter(username=by).first() if by else None
        if by and person is None:
            raise CommandError(f"The portal has no user {by}.")
        said: list[str] = []

        def say(line: str) -> None:
            said.append(line)
            self.stdout.write(line)

        try:
            apply(load(file), say, by=person)
        except Refused as refusal:
            raise CommandError(f"{refusal}\nNothing was changed.") from refusal
        except (Failed, ActionRefused) as failure:
            raise CommandError(str(failure)) from failure
        if not said:
            self.stdout.write("Everything is as the file says already.")
