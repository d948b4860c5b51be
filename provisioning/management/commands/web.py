"""The web server alone, for the image and for units of a server."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from provisioning.management import programs


class Command(BaseCommand):
    help = "Becomes the web server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port (%(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="processes (%(default)s)")
        parser.add_argument("--threads", type=int, default=8, help="threads of each (%(default)s)")

    def handle(self, *args: Any, bind: str, workers: int, threads: int, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        programs.replace_process(programs.web(bind, workers=workers, threads=threads))
