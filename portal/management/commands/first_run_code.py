"""Prints where and with which code the first administrator is created; nothing once there is one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from portal import first_run


class Command(BaseCommand):
    help = "Prints the one-time code with which the first administrator is created."

    def handle(self, *args: Any, **options: Any) -> None:
        if first_run.needed():
            self.stdout.write(
                f"Create the first administrator: {settings.PUBLIC_URL}{reverse('welcome')}  code {first_run.code()}"
            )
