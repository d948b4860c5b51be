"""Processes of this machine that were started with a certain folder as their DATA_DIR."""

from contextlib import suppress
from pathlib import Path


def processes_of(folder: Path) -> dict[int, str]:
    """Number → command line. Zombies are none: they have ended, and only wait to be asked how."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            variables = (process / "environ").read_bytes().split(b"\0")
            zombie = (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if not zombie and f"DATA_DIR={folder}".encode() in variables:
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found
