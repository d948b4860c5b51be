"""What signs in to a directory or an application. Secrets are encrypted and opened in workers only.

Each secret is sealed by itself, beside a keyed fingerprint of what an administrator entered: so a form can keep one
and replace another, and saving the same again is known to change nothing, without opening any.
"""

import json

from django.db import models
from django.utils.crypto import constant_time_compare, salted_hmac

from provisioning.encryption import decrypt, encrypt, rotate
from provisioning.models.application import Application
from provisioning.models.lease import Leased
from provisioning.models.tenant import Tenant


class Credential(Leased):
    """The lease is held by whoever refreshes a token, so that one refresh runs at a time."""

    class Test(models.TextChoices):
        NEVER = "", "not tested"
        WAITING = "waiting"
        RUNNING = "running"
        PASSED = "passed"
        FAILED = "failed"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="credentials")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, null=True, blank=True, related_name="credentials"
    )
    draft = models.BooleanField(default=False)
    """The typed, unsaved values of a form under Test Connection; swept away after a day."""
    values = models.JSONField(default=dict, blank=True)
    """What may be shown: sign-in method, user name, account, client id."""
    sealed = models.TextField(blank=True, editable=False)
    secrets_changed_at = models.DateTimeField(null=True, blank=True)
    test = models.CharField(max_length=8, choices=Test, blank=True, default=Test.NEVER)
    tested_at = models.DateTimeField(null=True, blank=True)
    checks = models.JSONField(default=list, blank=True)
    """The lines of the last Test Connection: [{"name", "status", "message", "code"}]."""
    accounts = models.JSONField(default=dict, blank=True)
    """Account key → name, when the credentials open several accounts."""
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(draft=False), name="one_credential_of_a_tenant"
            ),
            models.UniqueConstraint(
                fields=["application"], condition=models.Q(draft=False), name="one_credential_of_an_application"
            ),
        ]

    def __str__(self) -> str:
        return f"Credential {self.pk}"

    @property
    def stored(self) -> frozenset[str]:
        """The names of the secrets that are stored."""
        return frozenset(self._sealed())

    def open(self) -> dict[str, str]:
        """The secrets in clear. Workers only; never into a log, a page or a task's arguments."""
        return {name: decrypt(entry["sealed"])[name] for name, entry in self._sealed().items()}

    def seal(self, secrets: dict[str, str]) -> None:
        """Replace what is stored. What was renewed by a worker stays known by what an administrator entered."""
        before = self._sealed()
        self._keep({name: _entry(name, value, before.get(name)) for name, value in secrets.items()})

    def enter(self, secrets: dict[str, str]) -> list[str]:
        """Store what an administrator typed, and keep the other secrets. Returns the names of those that differ."""
        sealed = self._sealed()
        changed = [name for name, value in secrets.items() if not self._is_entered(name, value)]
        self._keep({**sealed, **{name: _entry(name, secrets[name], None) for name in changed}})
        return changed

    def copy_secrets(self, other: "Credential") -> None:
        self.sealed = other.sealed

    def forget(self, names: frozenset[str]) -> None:
        self._keep({name: entry for name, entry in self._sealed().items() if name not in names})

    def rotate(self) -> None:
        """Seal the same secrets with the newest key."""
        self._keep({name: {**entry, "sealed": rotate(entry["sealed"])} for name, entry in self._sealed().items()})

    def _sealed(self) -> dict[str, dict[str, str]]:
        return json.loads(self.sealed) if self.sealed else {}

    def _keep(self, entries: dict[str, dict[str, str]]) -> None:
        self.sealed = json.dumps(entries) if entries else ""

    def _is_entered(self, name: str, value: str) -> bool:
        entry = self._sealed().get(name)
        return entry is not None and constant_time_compare(entry["entered"], _fingerprint(name, value))


def _entry(name: str, value: str, before: dict[str, str] | None) -> dict[str, str]:
    entered = before["entered"] if before else _fingerprint(name, value)
    return {"entered": entered, "sealed": encrypt({name: value})}


def _fingerprint(name: str, value: str) -> str:
    return salted_hmac("provisioning.credential", f"{name}={value}", algorithm="sha256").hexdigest()
