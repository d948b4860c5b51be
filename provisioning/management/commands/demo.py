"""Rollcall with a pretend outside world, filled and ready to be tried: `make demo`."""

import json
import os
import secrets
from functools import partial
from pathlib import Path
from typing import Any

import requests
from django.core.management.base import CommandParser

from provisioning.management import programs
from provisioning.management.commands import run
from provisioning.management.deployment import Deployment, Refused
from provisioning.management.processes import Program, Supervisor
from provisioning.management.variables import write_private

SPARE_SEATS = 200
STATES = ("empty", "configured", "running")
ADMINISTRATOR = "admin"
SHOWN = (
    "authority", "graph", "tenant_id", "client_id", "client_secret", "ca_file", "goto_api", "goto_auth",
    "goto_username", "goto_password", "goto_client_id", "goto_client_secret", "goto_account_key", "sandbox_control",
    "mail_page",
)  # fmt: skip
"""What demo.json says of the sandbox, besides the portal's own address, user name and password."""


class Command(run.Command):
    help = "Runs everything with a sandbox that plays Entra ID and GoTo, until Ctrl-C or TERM."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        environment = os.environ.get
        parser.add_argument(
            "--users", type=int, default=environment("USERS") or "200", help="people at the first start (%(default)s)"
        )
        parser.add_argument(
            "--seed-state",
            choices=STATES,
            default=environment("SEED_STATE") or None,
            help="empty: no tenant yet; configured (default): all but Provisioning Status On; running",
        )

    def run(self, deployment: Deployment, **options: Any) -> None:
        state, users = options["seed_state"], options["users"]
        if state not in (None, *STATES):
            raise Refused(f"SEED_STATE is one of: {', '.join(STATES)}.")
        if users < 0:
            raise Refused("USERS is a number from 0 up.")
        demo = Demo(deployment)
        with deployment.supervised() as supervisor:
            demo.start_sandbox(supervisor, users)
            deployment.prepare(supervisor)
            deployment.serve(supervisor)
            demo.seed(supervisor, state)
            demo.create_administrator(supervisor)
            facts = demo.facts
            self.say(f"Directory and GoTo account: {facts['sandbox_control']}  mail: {facts['mail_page']}")
            self.say(f"Logs: {supervisor.logs}  for scripts: {demo.file}")
            self.say(f"Ready: {facts['portal']}  user {facts['username']}  password {facts['password']}")
            supervisor.watch()


class Demo:
    """What a demo has on top of a deployment: the sandbox, its people in the tenant Contoso, and demo.json."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment, folder = deployment, deployment.folder
        self.sandbox, self.file, self.draft = folder / "sandbox", folder / "demo.json", folder / "demo.json.draft"
        self.seeded = folder / "demo.state"
        if deployment.remembered.chosen and not self.seeded.exists():
            raise Refused(f"{folder} holds an installation that is no demo. Choose another folder with DATA_DIR=…")
        self.seeded.touch()

    def start_sandbox(self, supervisor: Supervisor, users: int) -> None:
        deployment, ready = self.deployment, self.sandbox / "sandbox.json"
        ready.unlink(missing_ok=True)
        first = not self.sandbox.exists()
        deployment.step(f"Starting the sandbox with {users} people" if first else "Starting the sandbox")
        supervisor.start(
            Program("sandbox", programs.sandbox(self.sandbox, users), partial(Path.exists, ready), foundation=True)
        )
        world = json.loads(ready.read_text("utf-8"))
        if first:
            give_seats(world["sandbox_control"], users + SPARE_SEATS)
        deployment.choose(
            GOTO_API_URL=world["goto_api"],
            GOTO_AUTH_URL=world["goto_auth"],
            GOTO_CLIENT_ID=world["goto_client_id"],
            GOTO_CLIENT_SECRET=world["goto_client_secret"],
            GOTO_CA_FILE=world["ca_file"],
            EMAIL_URL=f"smtp://{world['smtp_host']}:{world['smtp_port']}",
        )
        self.facts: dict[str, str] = {
            "portal": deployment.address,
            "username": ADMINISTRATOR,
            "password": self._password(),
            **{name: world[name] for name in SHOWN},
        }

    def _password(self) -> str:
        """The one of last time; it stands nowhere but in demo.json."""
        for file in (self.file, self.draft):
            if file.exists():
                return str(json.loads(file.read_text("utf-8"))["password"])
        return secrets.token_urlsafe(15)

    def seed(self, supervisor: Supervisor, state: str | None) -> None:
        """Forward only: a demo that somebody has worked with is not set back."""
        done = self.seeded.read_text("utf-8").strip()
        wanted = state or done or "configured"
        if wanted == "empty" or (done and STATES.index(wanted) <= STATES.index(done)):
            wanted = done or wanted
        else:
            self.deployment.step("Connecting the tenant and adding GoToMeeting")
            file = self.deployment.folder / "contoso.json"
            write_private(file, json.dumps(self._contoso(wanted), indent=2))
            supervisor.call("configure", *programs.manage("configure", str(file)))
        self.seeded.write_text(wanted, "utf-8")

    def _contoso(self, state: str) -> dict[str, Any]:
        """What `manage.py configure` makes true."""
        facts = self.facts
        return {
            "tenant": {
                "name": "Contoso",
                "tenantId": facts["tenant_id"],
                "clientId": facts["client_id"],
                "clientSecret": facts["client_secret"],
                "authority": facts["authority"],
                "graph": facts["graph"],
                "caFile": facts["ca_file"],
            },
            "applications": [
                {
                    "template": "gotomeeting",
                    "displayName": "GoToMeeting",
                    "servicePrincipal": "GoToMeeting",
                    "credentials": {
                        "auth_mode": "password",
                        "username": facts["goto_username"],
                        "password": facts["goto_password"],
                    },
                    "settings": {"notificationEmail": "it@contoso.example"},
                    "provisioningStatus": "On" if state == "running" else "Off",
                }
            ],
        }

    def create_administrator(self, supervisor: Supervisor) -> None:
        """The draft first: an end between the two steps must not lose the password."""
        text = json.dumps(self.facts, indent=2)
        write_private(self.draft, text)
        supervisor.call(
            "create-administrator",
            *programs.manage("create_administrator", ADMINISTRATOR),
            given=self.facts["password"],
        )
        write_private(self.file, text)
        self.draft.unlink()


def give_seats(control: str, seats: int) -> None:
    """Seats of each product for everybody: that a licence runs out is for who tries it out to arrange."""
    with requests.Session() as session:
        session.trust_env = False
        licences = session.get(f"{control}/goto", timeout=20).json()["accounts"][0]["licenses"]
        for product in {product for products in licences for product in products.split("+")}:
            session.patch(f"{control}/goto/licenses/{product}", json={"seats": seats}, timeout=20).raise_for_status()
