"""Which ports the servers listen on, and the file that tells everybody else."""

import json
import os
import socket
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
SERVERS = ("entra", "goto", "control", "smtp", "graph_http")


class PortTaken(Exception):
    """Another process listens on a port that we have used before; stored links would break on another one."""


def open_sockets(data: Path, base: int | None) -> dict[str, socket.socket]:
    """A listening socket for each server: on its port of last time, from `base` up, or free. Raises PortTaken."""
    file = data / "ports.json"
    known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    if base is not None:
        known = {name: base + offset for offset, name in enumerate(SERVERS)}
    sockets = {name: listen(name, known.get(name, 0)) for name in SERVERS}
    write_atomically(file, json.dumps({name: opened.getsockname()[1] for name, opened in sockets.items()}), 0o644)
    return sockets


def listen(name: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
    except OSError as error:
        opened.close()
        raise PortTaken(f"Port {port}, which the sandbox needs for {name}, is taken ({error.strerror}).") from error
    opened.listen(2048)
    return opened


def write_atomically(file: Path, text: str | bytes, mode: int) -> None:
    """Whoever reads the file sees it whole, the old one or the new one."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(text if isinstance(text, bytes) else text.encode())
    os.replace(draft, file)


def write_ready_file(file: Path, facts: dict[str, Any]) -> None:
    write_atomically(file, json.dumps(facts, indent=2), 0o600)
