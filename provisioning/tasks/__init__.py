"""Celery's door: thin functions whose arguments are ids. Only here is anything enqueued.

State is in the database. A message may be lost (beat finds the job again within a minute), delivered twice (the
second finds
the job taken) or late (nothing in it goes stale).

    cycles        dispatch, read, run
    interactive   what somebody waits for: Test Connection, provision on demand, search, a test mail
    housekeeping  pruning, reminders, and what tenants are asked beside the cycles
    messages      sending for actions, once their transaction is committed
"""

from provisioning.tasks.cycles import dispatch, read, run
from provisioning.tasks.housekeeping import housekeeping, look_after

__all__ = ["dispatch", "housekeeping", "look_after", "read", "run"]
