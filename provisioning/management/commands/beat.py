"""Beat alone, for the image and for units of a server. One is enough; two only ask twice."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from provisioning.management import programs


class Command(BaseCommand):
    help = "Becomes beat, which wakes the workers every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        programs.replace_process(programs.beat(settings.DATA_DIR))
