"""A worker alone, for the image and for units of a server."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from provisioning.management import programs


class Command(BaseCommand):
    help = "Becomes a worker of one queue: the cycles (default), or what somebody waits for (interactive)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", choices=programs.WORKERS)
        parser.add_argument("--concurrency", type=int, help="processes (2), or threads (8)")

    def handle(self, *args: Any, queue: str, concurrency: int | None, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        programs.replace_process(programs.worker(queue, concurrency=concurrency), **programs.REMAP)
