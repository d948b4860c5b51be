"""A cycle that runs while the test goes on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from tests.world import World


@contextmanager
def running_cycle(world: World) -> Iterator[threading.Thread]:
    """A cycle in another thread, as a worker would run it, until it ends or is halted."""

    def run() -> None:
        try:
            world.run_cycle()
        except AssertionError:  # halted: it did not end
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive()


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)
