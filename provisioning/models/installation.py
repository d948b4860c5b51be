"""What an administrator has set for the whole installation: one row, missing until something is saved.

What is set outside (the environment, or the owner's lines in rollcall.env) wins over the row, and the row over the
defaults that Rollcall was started with.
"""

from typing import Self

from django.conf import settings
from django.db import models

from provisioning.models.job import INTERVAL

ONLY = 1
LOG_DAYS = 90
"""Microsoft keeps its provisioning logs for thirty days, which ends before a quarter's questions are asked.
Source: Microsoft Entra ID, "Data retention".
"""
AUDIT_DAYS = 365
"""Whoever audits a year wants to see all of it."""

VARIABLES = {
    "public_url": "PUBLIC_URL",
    "language": "LANGUAGE_CODE",
    "time_zone": "TIME_ZONE",
    "mail_host": "EMAIL_URL",
    "mail_sender": "DEFAULT_FROM_EMAIL",
}
"""Field → the variable that wins over it. That of `mail_host` is of the whole mail server."""

MAIL_SERVER = ("mail_host", "mail_port", "mail_security", "mail_user")


class Installation(models.Model):
    class Security(models.TextChoices):
        NONE = "none", "none"
        STARTTLS = "starttls", "STARTTLS"
        TLS = "tls", "TLS"

    public_url = models.CharField(max_length=200, blank=True)
    """The address that people use, without its last slash: in mails, and where GoTo leads back to."""
    language = models.CharField(max_length=10, blank=True)
    """Of mails, and of pages for whoever asks for none that Rollcall speaks."""
    time_zone = models.CharField(max_length=64, blank=True)
    """An IANA name; for browsers that do not say theirs."""
    mail_host = models.CharField(max_length=253, blank=True)
    """Empty: the mail server that Rollcall was started with."""
    mail_port = models.PositiveIntegerField(default=587)
    mail_security = models.CharField(max_length=8, choices=Security, default=Security.STARTTLS)
    mail_user = models.CharField(max_length=254, blank=True)
    sealed = models.TextField(blank=True, editable=False)
    """The password of the mail server, encrypted: {"password"}. Opened in workers only."""
    mail_sender = models.CharField(max_length=254, blank=True)
    log_days = models.PositiveIntegerField(default=LOG_DAYS, null=True, blank=True)
    """For how long settled changes stay in the provisioning logs; empty: for ever."""
    audit_days = models.PositiveIntegerField(default=AUDIT_DAYS, null=True, blank=True)
    interval = models.DurationField(default=INTERVAL)
    """Of a new application's job."""

    def __str__(self) -> str:
        return self.public_url or "Rollcall"

    @classmethod
    def saved(cls) -> Self:
        """The row, or what it would be."""
        return cls.objects.filter(pk=ONLY).first() or cls(pk=ONLY)

    @classmethod
    def in_force(cls) -> Self:
        """What counts. Read it once for a request, a task or a mail; it is not for saving."""
        return cls.saved().weighed()

    @classmethod
    def defaults(cls) -> Self:
        """What counts as long as nothing is saved, or the row cannot be read."""
        return cls(pk=ONLY).weighed()

    def weighed(self) -> Self:
        """With what is set outside, and the defaults where nothing is said; changes the object."""
        for name, variable in VARIABLES.items():
            if variable in settings.SET_OUTSIDE or not getattr(self, name):
                setattr(self, name, "" if name == "mail_host" else getattr(settings, variable))
        return self
