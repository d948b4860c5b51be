"""What survives the process: the state of the world, and the keys that its tokens are signed with."""

from pathlib import Path

import msgspec

from sandbox.addresses import write_atomically
from sandbox.creation import create
from sandbox.entra.tokens import SigningKey
from sandbox.identifiers import secret
from sandbox.world import Recipe, State, World


def open_world(data: Path, recipe: Recipe) -> World:
    """The world that was left in `data`; a new one from the recipe where there is none."""
    file, key_file = data / "snapshot.json", data / "token-key.pem"
    signing_key = SigningKey.load(key_file.read_bytes() if key_file.exists() else None)
    if not key_file.exists():
        write_atomically(key_file, signing_key.pem(), 0o600)
    state = msgspec.json.decode(file.read_bytes(), type=State) if file.exists() else create(recipe)
    return World(state, signing_key, secret("goto tokens", signing_key.identifier).encode())


def snapshot(world: World) -> bytes:
    world.dirty = False
    return msgspec.json.encode(world.state)


def save(data: Path, content: bytes) -> None:
    write_atomically(data / "snapshot.json", content, 0o600)
