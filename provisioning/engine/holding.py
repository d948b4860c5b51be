"""Holding a lease while working: a heartbeat of its own, and the answer to "may I still send?".

The heartbeat renews the lease once a second by the database's clock. The holder's own clock counts as well: a process
that was frozen for longer than the lease finds out before its next request, not after it.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from django.db import DatabaseError, connection

from provisioning.errors import Halted
from provisioning.models.lease import Leased
from provisioning.sentences import Sentence

log = logging.getLogger(__name__)

HEARTBEAT = 1.0


class Holding:
    """Use as a context manager around the work; `check()` before anything leaves.

    `stopped` is asked with every heartbeat: True halts the work within about a second.
    """

    def __init__(
        self, row: Leased, token: uuid.UUID, lease: timedelta, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self.row, self.token, self.lease = row, token, lease
        self._asked_to_stop = stopped
        self._valid_until = 0.0
        self._halted = Sentence("")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease of {row}", daemon=True)

    def __enter__(self) -> "Holding":
        self._renew()  # who was frozen since the claim must not count from now
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.row.release(self.token)

    def check(self) -> None:
        """Raises Halted when the lease has lapsed or the work was stopped."""
        if time.monotonic() >= self._valid_until:
            self._halted = self._halted or Sentence("The lease has lapsed.")
        if self._halted:
            raise Halted(self._halted)

    def left(self) -> float:
        """Seconds for which nobody else can have taken over, whatever happens to the heartbeat."""
        return self._valid_until - time.monotonic()

    def _beat(self) -> None:
        try:
            while not self._ended.wait(HEARTBEAT):
                self._renew()
                if self._halted:
                    return
        finally:
            connection.close()

    def _renew(self) -> None:
        began = time.monotonic()
        try:
            # Asked first: reading never waits for whoever is writing just now.
            if self._asked_to_stop():
                self._halted = Sentence("Provisioning was stopped.")
            elif not self.row.renew(self.token, self.lease):
                self._halted = Sentence("Another worker has taken over.")
            else:
                self._valid_until = began + self.lease.total_seconds()
        except DatabaseError:
            # A busy or restarting database: the lease says for how long this may go on.
            log.warning("The lease of %s could not be renewed; trying again", self.row, exc_info=True)
            connection.close()
