"""Whether workers and beat are alive, by their last sign: pages say who is missing instead of waiting for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from provisioning.models import Heartbeat

SILENCE = timedelta(minutes=3)
"""Signs are given every minute."""


@dataclass(frozen=True)
class Sign:
    name: str
    label: str | Promise
    remedy: str | Promise
    at: datetime | None
    alive: bool

    @property
    def fact(self) -> str:
        return gettext("No sign of life: %(name)s.") % {"name": self.label}


LABELS: dict[str, tuple[str | Promise, str | Promise]] = {
    Heartbeat.Name.CYCLES: (
        _("Worker of the cycles, and beat"),
        _("No cycle runs until a worker for the queue “default” and beat are started."),
    ),
    Heartbeat.Name.INTERACTIVE: (
        _("Worker of what somebody waits for"),
        _("Test Connection, searches and provision on demand wait until a worker for “interactive” is started."),
    ),
}


def signs(now: datetime) -> list[Sign]:
    last = dict(Heartbeat.objects.values_list("name", "at"))
    return [
        Sign(name, label, remedy, last.get(name), name in last and now - last[name] < SILENCE)
        for name, (label, remedy) in LABELS.items()
    ]


def missing_workers(now: datetime) -> list[Sign]:
    return [sign for sign in signs(now) if not sign.alive]
