"""What is the same for every person of a job in one plan."""

from datetime import datetime

from django.utils.crypto import salted_hmac

from provisioning.connectors.base import Target
from provisioning.engine.accounts import default_grant, stored_context
from provisioning.engine.planning.unique import taken
from provisioning.engine.processing import Rules
from provisioning.mapping import ObjectMapping, compile_mapping
from provisioning.models import Job


def rules_for(job: Job, target: Target, now: datetime, mapping: ObjectMapping | None = None) -> Rules:
    """With licences as last read. `mapping` is a candidate that is not saved yet; None: the job's own."""
    return Rules(
        mapping=mapping or compile_mapping(job.schema),
        target=target,
        context=stored_context(job.application),
        now=now,
        seed=salted_hmac("provisioning.random", job.job_id).hexdigest(),
        taken=taken(job),
        sync_all=job.scope == Job.Scope.ALL,
        skip_out_of_scope_deletions=job.skip_out_of_scope_deletions,
        default_grant=default_grant(job.application),
    )
