"""Real Celery workers as processes of their own, to be watched, frozen and killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 8
QUEUES = ("default", "interactive")


class WorkerProcess:
    """A worker with its children. `log` is the file that it writes to."""

    def __init__(self, name: str, log: Path, *, queues: tuple[str, ...], processes: int, **environment: str) -> None:
        self.log = log
        command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-n", f"{name}@tests", "-l", "INFO"]
        command += ["-Q", ",".join(queues), "-c", str(processes), "--without-gossip", "--without-mingle"]
        given = os.environ | {"REMAP_SIGTERM": "SIGQUIT"} | environment
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=given, stdout=output, stderr=output, start_new_session=True
            )

    def wait_until_ready(self) -> None:
        """Raises RuntimeError, with the log, when the worker ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while " ready." not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The worker did not start: {self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """The signal to the worker and to its children, all at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def wake(self) -> None:
        self.send(signal.SIGCONT)

    def stop(self) -> None:
        """As the supervisor does: TERM to the worker alone, then no mercy."""
        if self.process.poll() is None:
            self.wake()
            self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill()


class Workers:
    """Starts workers of one test's database, and ends them."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        self.started: list[WorkerProcess] = []

    def start(
        self, *, queues: tuple[str, ...] = QUEUES, processes: int = 2, ready: bool = True, **environment: str
    ) -> WorkerProcess:
        """A worker that takes from `queues`. `environment` replaces variables, e.g. LEASE_SECONDS="3"."""
        name = f"worker{len(self.started)}"
        given = {"DATABASE_URL": self.database_url} | environment
        worker = WorkerProcess(name, self.folder / f"{name}.log", queues=queues, processes=processes, **given)
        self.started.append(worker)
        if ready:
            worker.wait_until_ready()
        return worker

    def stop(self) -> None:
        for worker in self.started:
            worker.stop()
