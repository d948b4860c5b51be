"""What is around the applications: workers, disk, clock, the connections of tenants. Said before anybody has to ask."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.signs_of_life import Sign
from portal.templatetags.times import day
from provisioning.models import Tenant
from provisioning.notifications import REMINDERS

WARN_DAYS = max(REMINDERS)
"""Before the credentials of a connection end: from the first reminder on."""
CLOCK_OFF = timedelta(minutes=2)
"""From here on tokens may be refused, and times in logs mislead."""
FULL_PROPORTION, FULL_BYTES = 0.1, 20 * 1024**3
"""Less free than both is nearly full: a tenth of a large disk lasts for years."""


@dataclass(frozen=True)
class Caution:
    """`href` is "" where there is nothing to go to."""

    fact: str
    text: str
    href: str
    label: str


@dataclass(frozen=True)
class Disk:
    """In bytes."""

    free: int
    total: int

    @property
    def nearly_full(self) -> bool:
        return self.free < FULL_PROPORTION * self.total and self.free < FULL_BYTES


def data_disk() -> Disk:
    """Where DATA_DIR is, or will be."""
    folder = Path(settings.DATA_DIR)
    used = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists()))
    return Disk(used.free, used.total)


def of_machine(missing: Iterable[Sign], disk: Disk | None, tenants: Sequence[Tenant]) -> list[Caution]:
    """`disk` of None is not looked at."""
    health, label = reverse("health"), _("Health")
    found = [Caution(sign.fact, str(sign.remedy), health, label) for sign in missing]
    if disk is not None and disk.nearly_full:
        text = _("Without room nothing can be planned or written down, so provisioning would stop.")
        fact = _("The disk is nearly full: %(free)s are free.") % {"free": filesizeformat(disk.free)}
        found.append(Caution(fact, text, health, label))
    if clock := clock_fact(tenants):
        text = _("Have it set by NTP. Sign-ins may be refused, and the times in the logs mislead.")
        found.append(Caution(clock, text, health, label))
    return found


def clock_fact(tenants: Iterable[Tenant]) -> str:
    """How wrong our clock is, by that of a tenant's Graph; "" while it is right, or was never compared."""
    ahead = max((tenant.clock_ahead for tenant in tenants if tenant.clock_ahead is not None), key=abs, default=None)
    if ahead is None or abs(ahead) <= CLOCK_OFF:
        return ""
    count = round(abs(ahead) / timedelta(minutes=1))
    if ahead > timedelta(0):
        sentence = ngettext(
            "The clock of this server is %(count)d minute fast.",
            "The clock of this server is %(count)d minutes fast.",
            count,
        )
    else:
        sentence = ngettext(
            "The clock of this server is %(count)d minute slow.",
            "The clock of this server is %(count)d minutes slow.",
            count,
        )
    return sentence % {"count": count}


def of_connection(tenant: Tenant, today: date) -> list[Caution]:
    """Whether the secret or certificate of a tenant's connection ends soon, or has ended."""
    ends = tenant.secret_expires_on
    if ends is None or (left := (ends - today).days) > WARN_DAYS:
        return []
    if left < 0:
        fact = _("The client secret or certificate for %(tenant)s has expired.") % {"tenant": tenant}
    else:
        fact = ngettext(
            "The client secret or certificate for %(tenant)s expires in %(count)d day.",
            "The client secret or certificate for %(tenant)s expires in %(count)d days.",
            left,
        ) % {"tenant": tenant, "count": left}
    text = _("It can be used until %(day)s. Add another one under Certificates and Secrets, and enter it in time.")
    return [Caution(fact, text % {"day": day(ends)}, reverse("tenant", args=(tenant.pk,)), str(tenant))]
