"""Run the benchmarks: `python -m benchmarks [NAME …]` prints a table and writes benchmarks/results/TIME.json.

A benchmark is a module of this folder with `main() -> dict`; its numbers may be nested.
"""

import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def measure(name: str, console: Console) -> dict[str, Any]:
    began = time.monotonic()
    console.print(f"{name} …")
    results: dict[str, Any] = importlib.import_module(f"benchmarks.{name}").main()
    console.print(f"{name}: {time.monotonic() - began:.0f} s")
    return results


def flat(results: dict[str, Any], *above: str) -> Iterator[tuple[str, Any]]:
    """ "10000 initial seconds", 7.1 for {"10000": {"initial": {"seconds": 7.1}}}."""
    for name, value in results.items():
        if isinstance(value, dict):
            yield from flat(value, *above, str(name))
        else:
            yield " ".join([*above, str(name)]), value


def table(results: dict[str, dict[str, Any]]) -> Table:
    made = Table("benchmark", "what", "value")
    made.columns[2].justify = "right"
    for benchmark, values in results.items():
        for what, value in flat(values):
            made.add_row(benchmark, what, f"{value:,}" if isinstance(value, int | float) else str(value))
        made.add_section()
    return made


def main() -> int:
    wanted = sys.argv[1:] or names()
    if unknown := set(wanted) - set(names()):
        print(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(names())}", file=sys.stderr)
        return 2
    progress, console = Console(stderr=True), Console()
    taken_at = datetime.now(UTC)
    results = {name: measure(name, progress) for name in wanted}
    report = {
        "taken_at": taken_at.isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "results": results,
    }
    folder = FOLDER / "results"
    folder.mkdir(exist_ok=True)
    file = folder / f"{taken_at:%Y-%m-%dT%H%M%S}.json"
    file.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    console.print(table(results))
    progress.print(f"JSON: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
