"""Start the sandbox: `python -m sandbox --data DIR`. README.md says what it serves."""

import argparse
import sys
from pathlib import Path

import uvloop

from sandbox.addresses import PortTaken, open_sockets
from sandbox.serving import serve
from sandbox.storage import open_world
from sandbox.world import Recipe


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("sandbox", description="A pretend Entra ID tenant and GoTo account.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where state, ports and keys are kept")
    parser.add_argument(
        "--port", type=int, metavar="BASE", help="first of five ports; default: those of last time, or free ones"
    )
    parser.add_argument("--users", type=int, default=Recipe().users, help="people at the first start (%(default)s)")
    parser.add_argument("--groups", type=int, default=Recipe().groups, help="groups at the first start (%(default)s)")
    parser.add_argument("--seed", default=Recipe().seed, help="another seed gives other people (%(default)s)")
    parser.add_argument("--ready", type=Path, metavar="FILE", help="written when everything answers (DIR/sandbox.json)")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    asked.data.mkdir(parents=True, exist_ok=True)
    ready: Path = asked.ready or asked.data / "sandbox.json"
    # A file from last time must not tell anybody that we answer already.
    ready.unlink(missing_ok=True)
    try:
        sockets = open_sockets(asked.data, asked.port)
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 1
    world = open_world(asked.data, Recipe(asked.users, asked.groups, asked.seed))
    uvloop.run(serve(world, asked.data, ready, sockets))
    return 0


if __name__ == "__main__":
    sys.exit(main())
