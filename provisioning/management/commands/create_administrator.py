"""The first administrator, for installations that are set up by a script."""

import getpass
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning.actions import people


class Command(BaseCommand):
    help = "Creates the first administrator; does nothing once there is anybody. The password is asked for, or read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="as pages show it")
        parser.add_argument("--email", default="", help="where a lost password is sent")

    def handle(self, *args: Any, username: str, name: str, email: str, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There is an administrator already.")
            return
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, User(username=username, email=email))
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        people.create_first(username=username, name=name, email=email, password=password)
        self.stdout.write(f"{username} may sign in.")
