"""The whole pretend world: what is kept (State), and what a process needs around it."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.entra.applications import Application, Code
from sandbox.entra.directory import Directory
from sandbox.entra.tokens import SigningKey, TokenChecker
from sandbox.exchange import Call
from sandbox.faults import Faults
from sandbox.goto.accounts import GoTo
from sandbox.goto.tokens import Signer
from sandbox.knobs import Knobs
from sandbox.letters import Mailbox
from sandbox.request_log import RequestLog
from sandbox.windows import Windows

READING = ("GET", "HEAD")


class Recipe(msgspec.Struct, forbid_unknown_fields=True):
    """What a world is made from; the same recipe gives the same world."""

    users: int = 200
    groups: int = 12
    seed: str = "contoso"
    empty: bool = False
    """Nobody but the administrators."""


class State(msgspec.Struct):
    """Everything that survives a restart."""

    recipe: Recipe
    epoch: int
    """Counts the resets, so that links from before one are noticed."""
    directory: Directory
    goto: GoTo
    applications: dict[str, Application]
    templates: list[dict[str, Any]]
    """Graph's applicationTemplates."""
    template_roles: list[dict[str, Any]]
    """The app roles of an application made from one of them."""
    knobs: Knobs = msgspec.field(default_factory=Knobs)
    mailbox: Mailbox = msgspec.field(default_factory=Mailbox)
    clock_ahead: float = 0.0


class World:
    def __init__(self, state: State, signing_key: SigningKey, goto_key: bytes) -> None:
        self.signing_key = signing_key
        self.tokens = TokenChecker(signing_key)
        self.goto_tokens = Signer(goto_key)
        self.clock = Clock(state.clock_ahead)
        self.log = RequestLog()
        self.faults = Faults()
        self.windows = Windows()
        self.assertions: dict[str, float] = {}
        """Identifiers of the client assertions used so far, and when (seconds since 1970)."""
        self.codes: dict[str, Code] = {}
        """Authorization codes that nobody has redeemed yet."""
        self.state = state
        self.dirty = True

    @property
    def directory(self) -> Directory:
        return self.state.directory

    @property
    def goto(self) -> GoTo:
        return self.state.goto

    @property
    def knobs(self) -> Knobs:
        return self.state.knobs

    def replace(self, state: State) -> None:
        """Put another state in the place of this one; faults end, the clock is set right, allowances are full again."""
        state.epoch = self.state.epoch + 1
        self.state = state
        self.clock.ahead = state.clock_ahead
        self.faults = Faults(state.recipe.seed)
        self.windows.clear()
        self.assertions.clear()
        self.codes.clear()
        self.log.clear()
        self.dirty = True

    def answer(self, answerer: Callable[[Call], Response], call: Call) -> Response:
        """Let a request be answered, and note that the state may have changed by it."""
        answer = answerer(call)
        if call.method not in READING:
            self.dirty = True
            self.directory.note_moment(self.clock.now())
        return answer
