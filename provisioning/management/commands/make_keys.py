"""A new encryption key."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Prints a new encryption key. Put it in front of those in ENCRYPTION_KEYS, separated by a comma, and keep it "
        "outside the database and its backups; then run rotate_keys. Without the keys every stored secret has to be "
        "entered again."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(Fernet.generate_key().decode())
