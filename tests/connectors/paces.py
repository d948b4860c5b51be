"""Paces that remember what they were told."""

from dataclasses import dataclass, field

from provisioning.errors import Halted


@dataclass
class NotedPace:
    """Lets everything through; `halt_after` questions, waits and checks together, it tells the writer to stop."""

    halt_after: int | None = None
    waits: int = 0
    checks: int = 0
    successes: int = 0
    throttles: list[float | None] = field(default_factory=list)

    def wait(self) -> None:
        self.waits += 1
        self._halt()

    def check(self) -> None:
        self.checks += 1
        self._halt()

    def _halt(self) -> None:
        if self.halt_after is not None and self.waits + self.checks > self.halt_after:
            raise Halted("told to stop")

    def succeeded(self) -> None:
        self.successes += 1

    def throttled(self, retry_after: float | None) -> None:
        self.throttles.append(retry_after)
