"""Connections that keep a deadline over a whole exchange, however slowly the other side talks.

A socket's own time-out starts anew with every byte, so a server that sends one letter a second is never too
slow for it. Here each read gets only the time that is left, from the first letter of the status line to the last of
the body.
"""

import io
import socket
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `ends` is a moment of the monotonic clock, in seconds."""

    ends: float
    sent: bool = False
    """Whether a part of the request has left: from then on it may have had its effect."""

    def remaining(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError("the total time of this request is over")
        return left


current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)


class _TimedReader(io.RawIOBase):
    """The receiving end of a socket; each read is given the time that its exchange has left."""

    def __init__(self, sock: socket.socket, source: socket.SocketIO, exchange: Exchange) -> None:
        self._sock = sock
        self._source = source
        self._exchange = exchange
        self._longest = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._exchange.remaining()
        self._sock.settimeout(left if self._longest is None else min(left, self._longest))
        return self._source.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        exchange = current_exchange.get()
        if exchange is not None:
            self.fp.close()
            source = sock.makefile("rb", buffering=0)
            self.fp = io.BufferedReader(_TimedReader(sock, source, exchange))


class _TimedConnection(HTTPConnection):
    response_class = _TimedResponse
    _connecting = False

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        exchange = current_exchange.get()
        # What asks a proxy for a tunnel is not yet the request.
        if exchange is not None and not self._connecting:
            exchange.remaining()  # a process that was frozen until now must not send what is no longer its own to send
            exchange.sent = True
        super().send(data)


class _TimedTLSConnection(_TimedConnection, HTTPSConnection):
    pass


class _TimedPool(HTTPConnectionPool):
    ConnectionCls = _TimedConnection


class _TimedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedTLSConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _TimedPool, "https": _TimedTLSPool}


class DeadlineAdapter(HTTPAdapter):
    """requests' adapter over connections that obey `current_exchange`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager
