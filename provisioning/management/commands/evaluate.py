"""`manage.py evaluate`: an expression on one object, or a file of mapping tests."""

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.expressions import Context, ExpressionError
from provisioning.expressions.cases import run_cases
from provisioning.expressions.dates import read_date
from provisioning.expressions.documentation import document
from provisioning.expressions.trial import attempt


class Command(BaseCommand):
    help = (
        "Evaluates an expression on the attributes of a JSON file and prints the result as JSON; or, with --cases, "
        "runs the mapping tests of a file with one JSON object a line."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("expression", nargs="?")
        parser.add_argument("--source", help="JSON file with the attributes; - reads standard input", metavar="FILE")
        parser.add_argument("--now", help="what Now() answers, such as 2026-03-09T08:00:00Z", metavar="TIME")
        parser.add_argument("--seed", help="makes RandomString and Guid give the same values again")
        parser.add_argument("--default-domain", default="", help="what DefaultDomain() answers", metavar="DOMAIN")
        parser.add_argument("--cases", help="file with {expression, source, expected} on each line", metavar="FILE")
        parser.add_argument("--document", action="store_true", help="print docs/expressions.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["document"]:
            self.stdout.write(document(), ending="")
        elif options["cases"]:
            self.run(options["cases"])
        elif options["expression"] is not None:
            self.evaluate(options)
        else:
            raise CommandError("Give an expression, or --cases FILE.")

    def evaluate(self, options: dict[str, Any]) -> None:
        """The result on standard output; an error with its caret on standard error, and exit code 1."""
        seed = {} if options["seed"] is None else {"seed": options["seed"]}
        context = Context(now=moment(options["now"]), default_domain=options["default_domain"], **seed)
        trial = attempt(options["expression"], read_object(options["source"]), context)
        if trial.error:
            self.stderr.write(f"{trial.error.message}\n{trial.error.caret()}")
            sys.exit(1)
        self.stdout.write(json.dumps(trial.result, ensure_ascii=False))

    def run(self, path: str) -> None:
        """Each failure, then the count; exit code 1 when any failed."""
        passed = failed = 0
        try:
            for result in run_cases(read_text(path).splitlines()):
                passed += result.passed
                failed += not result.passed
                if not result.passed:
                    self.stdout.write(f"line {result.line}: {result.expression}")
                    self.stdout.write(f"  expected {json.dumps(result.expected, ensure_ascii=False)}")
                    self.stdout.write(f"  but was  {json.dumps(result.given, ensure_ascii=False)}")
        except ValueError as exc:
            raise CommandError(str(exc)) from None
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            sys.exit(1)


def moment(text: str | None) -> datetime:
    try:
        return read_date(text) if text else datetime.now(UTC)
    except ExpressionError as error:
        raise CommandError(error.message) from None


def read_object(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        source = json.loads(read_text(path))
    except ValueError as exc:
        raise CommandError(f"{path} is not JSON: {exc}") from None
    if not isinstance(source, dict):
        raise CommandError(f"{path} must hold one JSON object of attributes.")
    return source


def read_text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise CommandError(f"{path} cannot be read: {exc}") from None
