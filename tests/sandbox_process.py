"""Starts the sandbox as a process of its own and speaks to its control interface; needs requests alone."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 5


class Control:
    """The control interface; sandbox/README.md describes every address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON, None without a body. Raises requests.HTTPError with the sandbox's own words."""
        parameters = {name: value for name, value in query.items() if value is not None}
        answer = self.session.request(method, self.url + path, json=body, params=parameters, timeout=30)
        if not answer.ok:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text}", response=answer)
        return answer.json() if answer.content else None

    def reset(self, **options: Any) -> dict[str, Any]:
        """A new world: users=, groups=, seed=, empty=, and knobs={…}; what is left out stays as it was last time."""
        return self.send("POST", "/reset", options)

    def seed(self, **content: Any) -> dict[str, Any]:
        """Add users=, groups=, assignments=, accounts=, …; answers the identifiers of what was added."""
        return self.send("POST", "/seed", content)

    def knobs(self, **changes: Any) -> dict[str, Any]:
        """All knobs, after the changes."""
        return self.send("PATCH", "/knobs", changes)

    def advance(self, seconds: float) -> dict[str, Any]:
        return self.send("POST", "/clock", {"advance": seconds})

    def faults(self, *faults: dict[str, Any]) -> list[dict[str, Any]]:
        """Add faults; answers all that wait."""
        return self.send("POST", "/faults", list(faults))

    def clear_faults(self) -> None:
        self.send("DELETE", "/faults")

    def requests(self, server: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        return self.send("GET", "/requests", server=server, since=since)

    def clear_requests(self) -> None:
        self.send("DELETE", "/requests")

    def counters(self) -> dict[str, Any]:
        return self.send("GET", "/counters")

    def mail(self, via: str | None = None) -> list[dict[str, Any]]:
        return self.send("GET", "/mail", via=via)

    def clear_mail(self) -> None:
        self.send("DELETE", "/mail")

    def directory(self) -> dict[str, Any]:
        return self.send("GET", "/directory")

    def goto(self) -> dict[str, Any]:
        """Contoso's account: users by address, licences by product, groups by name, key, name."""
        account = self.send("GET", "/goto")["accounts"][0]
        return account | {"users": {user["email"]: user for user in account["users"]}}

    def edit_goto_user(self, address: str, /, **changes: Any) -> dict[str, Any]:
        """email=, firstName=, lastName=, locale=, products=, adminRoles=, identityReadOnly=, accepted=."""
        return self.send("POST", f"/goto/users/{quote(address)}", changes)

    def delete_goto_user(self, email: str) -> None:
        self.send("DELETE", f"/goto/users/{quote(email)}")

    def set_seats(self, product: str, seats: int) -> None:
        self.send("PATCH", f"/goto/licenses/{product}", {"seats": seats})

    def answer_invitation(self, email: str, answer: str) -> dict[str, Any]:
        """`answer` is "accept" or "decline"."""
        return self.send("POST", f"/goto/invitations/{quote(email)}", {"answer": answer})

    def change_sign_in(self, email: str, **changes: Any) -> None:
        self.send("POST", f"/goto/sign-ins/{quote(email)}", changes)

    def change_goto_client(self, client_id: str, **changes: Any) -> None:
        self.send("PATCH", f"/goto/clients/{client_id}", changes)

    def change_application(self, client_id: str, **changes: Any) -> dict[str, Any]:
        """permissions=, revoke=, certificates=, redirect_uris=, enabled=, secret=, secret_expired=."""
        return self.send("PATCH", f"/applications/{client_id}", changes)


class SandboxProcess:
    """A running sandbox. What stands in its sandbox.json are its attributes."""

    authority: str
    graph: str
    graph_http: str
    tenant_id: str
    client_id: str
    client_secret: str
    ca_file: str
    goto_api: str
    goto_auth: str
    goto_username: str
    goto_password: str
    goto_client_id: str
    goto_client_secret: str
    goto_account_key: str
    sandbox_control: str
    mail_page: str
    smtp_host: str
    smtp_port: int

    def __init__(self, process: subprocess.Popen[bytes], facts: dict[str, Any]) -> None:
        self.process = process
        self.facts = facts
        self.__dict__.update(facts)
        self.control = Control(facts["sandbox_control"])

    def session(self) -> requests.Session:
        """A session that trusts the sandbox's certificates and nothing of the environment."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.ca_file
        return session

    def stop(self) -> int:
        """End the process as a supervisor would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.control.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_sandbox(data_dir: str | Path, *options: str) -> SandboxProcess:
    """Start the sandbox and wait until it answers; `options` are further command-line words.

    Raises RuntimeError when it ends, or does not answer in time.
    """
    Path(data_dir).mkdir(parents=True, exist_ok=True)
    ready = Path(data_dir) / "sandbox.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox", "--data", str(data_dir), *options]
    errors = Path(data_dir) / "errors.txt"
    # A file, as a pipe that nobody reads would stop the process once it is full.
    with errors.open("wb") as opened:
        process = subprocess.Popen(command, cwd=ROOT, stderr=opened, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise RuntimeError(f"The sandbox did not start: {errors.read_text(errors='replace')}")
        time.sleep(0.02)
    return SandboxProcess(process, json.loads(ready.read_text()))
