"""The control interface: what tests and demonstrations do to this world. It asks nobody who they are."""

from sandbox.control import directory, goto, mail, page, seed, world
from sandbox.control.service import answer

__all__ = ["answer", "directory", "goto", "mail", "page", "seed", "world"]
