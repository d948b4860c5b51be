"""Beat alone, for the image and for units of a server. One is enough; two only ask twice."""

import os
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from kombu.exceptions import OperationalError

from provisioning import tasks
from provisioning.management import programs

FIRST_MINUTE = 60


class Command(BaseCommand):
    help = "Becomes beat, which wakes the workers every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        # Beat waits a minute before its first message; whoever has just started the service looks for signs of life.
        with suppress(OperationalError):
            tasks.dispatch.apply_async(expires=FIRST_MINUTE)
        os.chdir(settings.BASE_DIR)
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        programs.replace_process(programs.beat(settings.DATA_DIR))
