"""A question to the outside world that somebody waits for: asked by a page or a command, answered by a worker.

All outside traffic leaves from workers, so whoever asks writes a row, and looks at it until it is answered.
"""

import uuid
from typing import Any

from django.db import models

from provisioning.models.application import Application
from provisioning.models.fields import SentenceField
from provisioning.models.tenant import Tenant


class Question(models.Model):
    class Kind(models.TextChoices):
        """What is asked; the arguments it takes → the answer it gets."""

        SEARCH = "search"
        """{"text", "kinds"} → [{"id", "kind", "displayName", "userPrincipalName", "mail"}]"""
        SERVICE_PRINCIPALS = "service_principals"
        """{"text"}: an id, an application id, or how a name begins
        → [{"id", "appId", "displayName", "roles": [{"id", "value", "displayName", "enabled"}]}]"""
        INSTANTIATE = "instantiate"
        """{"template", "displayName"} → a service principal as above, new in the tenant"""
        ASSIGN = "assign"
        """{"add": [{"principalId", "principalName", "roleId"}], "remove": [assignment id]}
        → {"added": [assignment id], "removed": […], "failed": [{"principalName", "code", "message"}]}"""
        AUTHORIZE = "authorize"
        """{"credential"}: the draft that holds the code → {}"""
        ON_DEMAND = "on_demand"
        """{"objectId"} → {"change": primary key}"""
        PREVIEW = "preview"
        """{} → everybody decided on freshly read mirrors, as `engine.preview` tells it"""
        IMPACT = "impact"
        """{"schema", "version", "read": whether the directory is read for it first, "page": what the portal keeps with
        it} → whom that schema would touch, as `engine.impact` tells it; until it is known {"people", "concerned"},
        which is how far that has come"""
        TEST_MAIL = "test_mail"
        """{"recipient", "server"}: values of Installation that are not saved yet, its password sealed, or {} → {}"""

    question_id = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="questions")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, null=True, blank=True, related_name="questions"
    )
    arguments = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    """When a worker took it. It is taken once: a message that is delivered twice asks nothing twice."""
    answered_at = models.DateTimeField(null=True, blank=True)
    answer: Any = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = SentenceField(blank=True)
    """Why there is no answer, as a sentence for an administrator."""

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.question_id}"

    @property
    def state(self) -> str:
        """waiting (no worker has it yet), asking, answered or failed."""
        if self.answered_at is not None:
            return "failed" if self.error_code else "answered"
        return "waiting" if self.taken_at is None else "asking"
