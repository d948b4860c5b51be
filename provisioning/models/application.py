"""An application of a tenant, its roles and who is assigned to it."""

from django.db import models
from django.db.models import Q

from provisioning import gallery
from provisioning.models.tenant import Tenant

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The role of an assignment for which none was chosen. Source: Microsoft Entra ID, "Assign a user or group"."""


class Application(models.Model):
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="applications")
    template_id = models.CharField(max_length=64)
    connector = models.CharField(max_length=32)
    display_name = models.CharField(max_length=200)
    service_principal_id = models.CharField(max_length=64, blank=True)
    """The enterprise application in the tenant; empty: kept in the portal, with roles and assignments of its own."""
    app_id = models.CharField(max_length=64, blank=True)
    microsoft_provisions = models.BooleanField(null=True, editable=False)
    """Whether Microsoft's own provisioning of it is on as well; empty: not known."""
    account_key = models.CharField(max_length=64, blank=True)
    """The application's own account, known once the credentials have been tested."""
    pace = models.JSONField(default=dict, blank=True)
    """How fast the application lets us go, learned from its answers: {"per_second": float}."""
    licences = models.JSONField(default=list, blank=True)
    """As last read: [{"key", "name", "products", "seats", "used", "enabled"}]."""
    account_facts = models.JSONField(default=dict, blank=True)
    """Read with the licences: {"account_key", "own_key", "protected_keys", "groups"}."""
    licences_read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["display_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "account_key"], condition=~Q(account_key=""), name="one_writer_of_an_account"
            ),
            models.UniqueConstraint(
                fields=["tenant", "service_principal_id"],
                condition=~Q(service_principal_id=""),
                name="one_application_of_a_service_principal",
            ),
            models.UniqueConstraint(fields=["tenant", "display_name"], name="one_application_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def template(self) -> gallery.Template:
        return gallery.template(self.template_id)

    @property
    def kept_here(self) -> bool:
        return not self.service_principal_id


class AppRole(models.Model):
    """A role as the tenant has it, with what it gives in the application (a row of the editable role table)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="roles")
    role_id = models.CharField(max_length=64)
    value = models.CharField(max_length=200, blank=True)
    display_name = models.CharField(max_length=200)
    enabled = models.BooleanField(default=True)
    products = models.JSONField(default=list, blank=True)
    admin_roles = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["display_name"]
        constraints = [models.UniqueConstraint(fields=["application", "role_id"], name="one_role_of_an_id")]

    def __str__(self) -> str:
        return self.display_name


class Assignment(models.Model):
    """A person or group given to the application with a role. The directory is the truth, except where kept here."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="assignments")
    assignment_id = models.CharField(max_length=100)
    principal_id = models.CharField(max_length=64)
    principal_kind = models.CharField(max_length=20)
    principal_name = models.CharField(max_length=300, blank=True)
    role_id = models.CharField(max_length=64, default=DEFAULT_ACCESS)
    removed = models.BooleanField(default=False)
    reading = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "assignment_id"], name="one_assignment_of_an_id")]
        indexes = [
            models.Index(fields=["application", "reading"]),
            models.Index(fields=["application", "principal_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.principal_name} ({self.role_id})"
