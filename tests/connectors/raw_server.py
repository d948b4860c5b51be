"""A server that says exactly the bytes it is told to, as slowly as it is told to: what no honest server would do."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

TLS_GREETING = b"\x16"
Speech = Callable[[socket.socket], None]


def http(status: str = "200 OK", body: bytes = b"{}", **headers: str) -> bytes:
    """A whole answer; the names of `headers` have _ for -."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(answer: bytes) -> Speech:
    return lambda connection: connection.sendall(answer)


def dribbles(answer: bytes, *, seconds_a_byte: float) -> Speech:
    def speech(connection: socket.socket) -> None:
        for position in range(len(answer)):
            connection.sendall(answer[position : position + 1])
            time.sleep(seconds_a_byte)

    return speech


def hangs_up(connection: socket.socket) -> None:
    """Reads the request and says nothing."""


class RawServer:
    """Gives each connection the next speech, the last one over and over; keeps what it heard in `heard`."""

    def __init__(self, speeches: Iterable[Speech], context: ssl.SSLContext | None = None) -> None:
        self.speeches = list(speeches)
        self._context = context
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            speech = self.speeches.pop(0) if len(self.speeches) > 1 else self.speeches[0]
            thread = threading.Thread(target=self._talk, args=(connection, speech))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket, speech: Speech) -> None:
        connection.settimeout(5)
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            self.heard.append(_request(connection))
            speech(connection)
        except OSError:
            return  # the client hung up, as it should
        finally:
            connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(5)


def _request(connection: socket.socket) -> bytes:
    """Head and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part or part.startswith(TLS_GREETING):
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    length = int(next(lengths, b":0").split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def raw_server(*speeches: Speech, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    server = RawServer(speeches, context)
    try:
        yield server
    finally:
        server.close()
