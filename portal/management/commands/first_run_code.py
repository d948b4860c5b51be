"""Prints where and with which code the first administrator is created; nothing once there is one."""

from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse

from portal import first_run
from provisioning.models import Installation


class Command(BaseCommand):
    help = "Prints the one-time code with which the first administrator is created."

    def handle(self, *args: Any, **options: Any) -> None:
        if first_run.needed():
            address = f"{Installation.in_force().public_url}{reverse('welcome')}"
            self.stdout.write(f"Create the first administrator: {address}  code {first_run.code()}")
