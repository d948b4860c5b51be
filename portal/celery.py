"""The Celery application: workers run the cycles, beat wakes them once a minute.

State is in the database; the broker may be emptied at any moment. Every setting below has been tried: a killed child's
message is back within seconds, a killed worker's within `visibility_timeout`, and no result is stored, because the
answer is a row.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("rollcall")


@app.on_configure.connect
def configure(sender: Celery, **_: object) -> None:
    from django.conf import settings

    sender.conf.update(
        broker_url=settings.BROKER_URL,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 3600,
            # Without these two a lapsed message is looked for every hundred seconds only.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="default",
        task_routes={"provisioning.tasks.interactive.*": {"queue": "interactive"}},
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_max_tasks_per_child=200,
        worker_soft_shutdown_timeout=3,
        timezone="UTC",
        beat_schedule={
            "dispatch": {"task": "provisioning.tasks.dispatch", "schedule": 60.0, "options": {"expires": 60}},
            "housekeeping": {
                "task": "provisioning.tasks.housekeeping",
                "schedule": 3600.0,
                "options": {"expires": 3600},
            },
            "sign-ins": {
                "task": "portal.tasks.forget_sign_ins",
                "schedule": 3600.0,
                "options": {"expires": 3600},
            },
        },
    )


app.autodiscover_tasks(["provisioning", "portal"])
