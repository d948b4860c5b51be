"""Everything of one deployment on one machine, in one folder: broker, database, web server, workers, beat.

folder      locked against a second start; keys and addresses in rollcall.env
broker      a Valkey of our own, unless BROKER_URL names another
database    migrated before anything uses it
programs    web, worker of the cycles, worker of what somebody waits for, beat
"""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

from cryptography.fernet import Fernet

from provisioning.management import probes, programs
from provisioning.management.processes import Program, Supervisor
from provisioning.management.variables import Remembered, covers, given, write_private

Say = Callable[[str], None]


class Refused(Exception):
    """It cannot start like this; the message is one clear line."""


@dataclass
class Deployment:
    """`started_with` names the variables that the process was started with, before rollcall.env was read."""

    root: Path
    folder: Path
    bind: str
    port: int
    started_with: frozenset[str]
    say: Say
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.remembered = Remembered.read(self.folder)
        self.given = given(self.root / ".env.example", self.started_with)

    @property
    def host(self) -> str:
        """Where the web server is reached from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)

    @property
    def address(self) -> str:
        return f"http://{_bracketed(self.host)}:{self.port}"

    def choose(self, **variables: str) -> None:
        """Remember values for what the caller leaves open."""
        self.remembered.chosen.update(variables)
        self.remembered.write(self.given)

    def value(self, name: str) -> str:
        """What the service will see."""
        for variables in (self.given, self.remembered.owners):
            if path := variables.get(f"{name}_FILE"):
                return Path(path).read_text("utf-8").strip()
            if name in variables:
                return variables[name]
        return self.remembered.chosen.get(name, "")

    def leaves_open(self, name: str) -> bool:
        return not covers(self.given, name) and not covers(self.remembered.owners, name)

    @contextmanager
    def supervised(self) -> Iterator[Supervisor]:
        """The folder is ours, the port is free; what is started inside ends with it. Raises Refused."""
        with _locked(self.folder / "lock"):
            if not probes.is_free(self.bind, self.port):
                raise Refused(
                    f"Port {self.port} is taken. Choose another with PORT=…, for example PORT={self.port + 1}."
                )
            self._choose_keys()
            environment = {name: value for name, value in os.environ.items() if name in self.started_with}
            environment["DATA_DIR"] = str(self.folder)
            with Supervisor(self.root, self.folder / "logs", environment, self.say) as supervisor:
                yield supervisor

    def _choose_keys(self) -> None:
        chosen = self.remembered.chosen
        self.choose(
            SECRET_KEY=chosen.get("SECRET_KEY") or secrets.token_urlsafe(48),
            ENCRYPTION_KEYS=chosen.get("ENCRYPTION_KEYS") or Fernet.generate_key().decode(),
            PUBLIC_URL=self.address,
        )

    def prepare(self, supervisor: Supervisor) -> None:
        """The broker, and a database and static files that fit this version."""
        if self.leaves_open("BROKER_URL"):
            self.step("Starting the broker")
            supervisor.start(self._broker())
        self.step("Preparing the database")
        supervisor.call("migrate", *programs.manage("migrate", "--no-input"))
        supervisor.call("collectstatic", *programs.manage("collectstatic", "--no-input"))

    def _broker(self) -> Program:
        folder = self.folder / "broker"
        folder.mkdir(exist_ok=True)
        _, _, after = self.remembered.chosen.get("BROKER_URL", "").partition("redis://:")
        password, _, place = after.partition("@")
        port = int(place.partition(":")[2].partition("/")[0] or 0)
        if not port or not probes.is_free(probes.LOOPBACK, port):
            port = probes.free_port()
        password = password or secrets.token_urlsafe(24)
        url = f"redis://:{password}@{probes.LOOPBACK}:{port}/0"
        lines = [f"bind {probes.LOOPBACK}", f"port {port}", f'dir "{folder}"', 'save ""', "appendonly yes"]
        configuration = folder / "valkey.conf"
        write_private(configuration, "\n".join([*lines, f"requirepass {password}", ""]))
        self.choose(BROKER_URL=url)
        return Program("broker", programs.broker(configuration), partial(probes.broker_answers, url), foundation=True)

    def serve(self, supervisor: Supervisor) -> None:
        """Web server, workers and beat; returns once all of them answer."""
        self.step("Starting web server and workers")
        url = self.value("BROKER_URL")
        workers = [
            Program(f"worker-{queue}", command, partial(probes.worker_answers, queue, url), programs.REMAP)
            for queue, command in ((queue, programs.worker(queue)) for queue in programs.WORKERS)
        ]
        bind = f"{_bracketed(self.bind)}:{self.port}"
        web = Program("web", programs.web(bind), partial(probes.web_answers, self.host, self.port))
        supervisor.start(web, *workers, Program("beat", programs.manage("beat")))

    def step(self, what: str) -> None:
        self.say(f"{time.monotonic() - self.began:5.1f} s  {what}")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _locked(path: Path) -> Iterator[TextIO]:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"Rollcall is running in {path.parent} already. Choose another folder with DATA_DIR=…"
            ) from None
        yield file
