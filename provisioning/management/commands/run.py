"""Everything that Rollcall needs, in one command on one machine: `make run`."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from provisioning.management import programs
from provisioning.management.deployment import Deployment, Refused
from provisioning.management.processes import Ended, ProgramFailed


class Command(BaseCommand):
    help = "Runs the broker, the web server, the workers and beat until Ctrl-C or TERM."
    requires_system_checks = []  # the keys that the checks ask for are made here

    def add_arguments(self, parser: CommandParser) -> None:
        environment = os.environ.get
        parser.add_argument("--bind", default=environment("BIND") or "127.0.0.1", help="address of the web server")
        parser.add_argument("--port", type=int, default=environment("PORT") or "8000", help="its port (%(default)s)")

    def handle(self, *args: Any, bind: str, port: int, **options: Any) -> None:
        deployment = Deployment(settings.BASE_DIR, settings.DATA_DIR, bind, port, settings.STARTED_WITH, self.say)
        try:
            self.run(deployment, **options)
        except (Refused, ProgramFailed) as problem:
            self.stderr.write(str(problem))
            sys.exit(1)
        except Ended:
            self.say("Ended.")

    def run(self, deployment: Deployment, **options: Any) -> None:
        if (deployment.folder / "demo.json").exists():
            raise Refused(f"{deployment.folder} holds a demo. Choose another folder with DATA_DIR=…")
        with deployment.supervised() as supervisor:
            deployment.prepare(supervisor)
            deployment.serve(supervisor)
            first_steps = supervisor.call("first-run-code", *programs.manage("first_run_code"))
            self.say(f"Logs: {supervisor.logs}\n{first_steps}Ready: {deployment.value('PUBLIC_URL')}")
            supervisor.watch()

    def say(self, line: str) -> None:
        """At once, also into a pipe: scripts wait for these lines."""
        self.stdout.write(line)
        self.stdout.flush()
