"""The last sign of life of what runs beside the web server, so that a page can say who is missing."""

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    class Name(models.TextChoices):
        CYCLES = "default", "worker of the cycles"
        """Given by the task that beat sends every minute: it also proves that beat is alive."""
        INTERACTIVE = "interactive", "worker of what somebody waits for"

    name = models.CharField(max_length=16, choices=Name, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def give(cls, name: str, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})
