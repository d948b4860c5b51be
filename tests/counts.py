"""Print how the test runs ended: `python -m tests.counts NAME=JUNIT.xml …`."""

import sys
from pathlib import Path
from xml.etree import ElementTree


def counts(path: Path) -> str:
    """ "812 passed, 0 failed, 3 skipped in 214 s", from a report in JUnit's form."""
    suites = ElementTree.parse(path).getroot().findall("testsuite")
    total = {
        name: sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    }
    failed = total["failures"] + total["errors"]
    seconds = sum(float(suite.get("time", 0)) for suite in suites)
    passed = total["tests"] - failed - total["skipped"]
    return f"{passed} passed, {failed} failed, {total['skipped']} skipped in {seconds:.0f} s"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        name, _, path = argument.partition("=")
        print(f"{name}: {counts(Path(path))}")
