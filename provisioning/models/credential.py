"""What signs in to a directory or an application. Secrets are encrypted and opened in workers only."""

from django.db import models

from provisioning.encryption import decrypt, encrypt
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

    def open(self) -> dict[str, str]:
        """The secrets in clear. Workers only; never into a log, a page or a task's arguments."""
        return decrypt(self.sealed)

    def seal(self, secrets: dict[str, str]) -> None:
        self.sealed = encrypt(secrets)
