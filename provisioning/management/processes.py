"""Several programs as one: started in order, watched, started again when they die, and ended together.

Each program leads a process group of its own, so that a Ctrl-C of the terminal reaches the supervisor alone and nothing
that a program started outlives it. Each writes to a file of its own in the folder of the logs.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

READY_SECONDS = 60.0
GRACE_SECONDS = 7.0
"""For everything but the foundations; together with theirs, ten seconds are never exceeded."""
FOUNDATIONS_GRACE_SECONDS = 2.0
LONGEST_REST_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A program that lived so long is started again at once when it dies."""
TAIL_LINES = 12
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """What is run. `ready` says whether it answers; it is asked until it does."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    environment: Mapping[str, str] = field(default_factory=dict)
    foundation: bool = False
    """Others need it to end in good order: it ends after them."""


class ProgramFailed(Exception):
    """A program ended or did not answer while everything was being started; the message shows its last lines."""


class Ended(BaseException):
    """Somebody asked for the end: Ctrl-C, TERM, or the terminal was closed."""


class Supervisor:
    """Use as a context manager: whatever way it is left, no process stays behind."""

    def __init__(self, root: Path, logs: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.root, self.logs, self.environment, self.say = root, logs, dict(environment), say
        self.children: list[_Child] = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self.handlers = {number: signal.signal(number, self._end) for number in ENDING_SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self.stop()
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        for again in ENDING_SIGNALS:
            signal.signal(again, signal.SIG_IGN)
        raise Ended

    def start(self, *programs: Program) -> None:
        """Start them side by side and wait until all answer. Raises ProgramFailed."""
        started = [_Child(program, self) for program in programs]
        self.children += started
        for child in started:
            child.start()
        for child in started:
            child.wait_until_ready()

    def call(self, name: str, *command: str, given: str | None = None) -> str:
        """Run one step to its end, with `given` as its input; what it printed. Raises ProgramFailed if it fails."""
        child = _Child(Program(name, list(command)), self)
        self.children.append(child)
        child.start(given)
        if child.wait() != 0:
            raise ProgramFailed(f"{name} ended with status {child.status}.\n{child.tail()}")
        self.children.remove(child)
        return child.log.read_text(errors="replace")

    def watch(self) -> None:
        """Start again whatever dies, until a signal ends it all."""
        while True:
            time.sleep(0.3)
            for child in self.children:
                if child.start_again_if_dead():
                    self.say(f"{child.name} ended with status {child.status} and was started again; see {child.log}")

    def stop(self) -> None:
        """The foundations last. Whoever does not obey in time is killed, with all that it started."""
        others = [child for child in self.children if not child.program.foundation]
        foundations = [child for child in self.children if child.program.foundation]
        for group, grace in ((others, GRACE_SECONDS), (foundations, FOUNDATIONS_GRACE_SECONDS)):
            for child in group:
                child.terminate()
            until = time.monotonic() + grace
            while time.monotonic() < until and any(child.alive for child in group):
                time.sleep(0.02)
            for child in group:
                child.kill()
        self.children.clear()


class _Child:
    """A program that was started, perhaps several times."""

    def __init__(self, program: Program, supervisor: Supervisor) -> None:
        self.program, self.name, self.root = program, program.name, supervisor.root
        self.log = supervisor.logs / f"{program.name}.log"
        self.environment = {**supervisor.environment, **program.environment}
        self.process: subprocess.Popen[str] | None = None
        self.status: int | None = None
        self.began, self.rest, self.not_before = 0.0, 0.0, 0.0
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))

    def start(self, given: str | None = None) -> None:
        self.began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                text=True,
            )
        if given is not None and self.process.stdin is not None:
            with suppress(BrokenPipeError), self.process.stdin as pipe:
                pipe.write(given)

    @property
    def alive(self) -> bool:
        if self.process is None:
            return False
        self.status = self.process.poll()
        return self.status is None

    def wait(self) -> int | None:
        while self.alive:
            time.sleep(0.05)
        return self.status

    def wait_until_ready(self) -> None:
        while not self.program.ready():
            if not self.alive:
                raise ProgramFailed(f"{self.name} ended with status {self.status}.\n{self.tail()}")
            if time.monotonic() > self.began + READY_SECONDS:
                raise ProgramFailed(f"{self.name} does not answer; see {self.log}\n{self.tail()}")
            time.sleep(0.05)

    def start_again_if_dead(self) -> bool:
        """Rests longer each time, unless the program had run steadily."""
        if self.alive:
            return False
        now = time.monotonic()
        if self.process is not None:
            self.kill()
            steady = now - self.began > STEADY_SECONDS
            self.rest = 0.0 if steady else min(self.rest * 2 + 1, LONGEST_REST_SECONDS)
            self.not_before = now + self.rest
        if now < self.not_before:
            return False
        self.start()
        return True

    def terminate(self) -> None:
        if self.process is not None and self.alive:
            self.process.terminate()

    def kill(self) -> None:
        """Whatever is left of the group; the program itself may have ended already."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """In the child, before its program: a supervisor that is killed takes its programs along."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
