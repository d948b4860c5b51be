"""A row of the log in Graph's shape: what the downloads, `manage.py logs` and the API show.

Source: Microsoft Graph v1.0, "provisioningObjectSummary".
"""

from typing import Any

from provisioning.engine import steps
from provisioning.models import Application, Change
from provisioning.wording import in_words

SERVICE = "Rollcall"


def summary(change: Change, application: Application) -> dict[str, Any]:
    """One row as Graph's provisioningObjectSummary."""
    failed = change.status == Change.Status.FAILURE
    error = {
        "errorCode": change.error_code,
        "reason": in_words(change.reason),
        "additionalDetails": None,
        "errorCategory": steps.error_category(change),
        "recommendedAction": steps.recommendation(change),
    }
    return {
        "id": str(change.change_id),
        "activityDateTime": change.settled_at.isoformat() if change.settled_at else None,
        "tenantId": application.tenant.tenant_id,
        "jobId": application.job.job_id,
        "cycleId": str(change.cycle.cycle_id) if change.cycle else None,
        "changeId": str(change.change_id),
        "provisioningAction": steps.provisioning_action(change),
        "durationInMilliseconds": change.facts.get("export", {}).get("milliseconds"),
        "provisioningStatusInfo": {"status": change.status, "errorInformation": error if failed else None},
        "provisioningSteps": [
            {
                "name": step.name,
                "provisioningStepType": step.type,
                "status": step.status,
                "description": step.description,
                "details": step.details,
            }
            for step in steps.steps(change)
        ],
        "modifiedProperties": [
            {"displayName": each["name"], "oldValue": each.get("old"), "newValue": each.get("new")}
            for each in change.modified
        ],
        "sourceSystem": {"id": application.tenant.tenant_id, "displayName": application.tenant.name},
        "targetSystem": {"id": application.service_principal_id, "displayName": application.display_name},
        "sourceIdentity": {
            "id": change.facts.get("objectId"),
            "displayName": change.identity,
            "identityType": "User",
        },
        "targetIdentity": {"id": change.facts.get("account"), "displayName": "", "identityType": "User"},
        "servicePrincipal": {"id": application.service_principal_id, "displayName": application.display_name},
        "initiatedBy": {
            "displayName": change.initiated_by or SERVICE,
            "initiatorType": "user" if change.initiated_by else "system",
        },
    }
