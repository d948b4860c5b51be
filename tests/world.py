"""A small world for the engine's tests: Contoso's directory and GoTo account in the sandbox, and a job between them.

Everything the tests do to the world they do as its owner would: the directory through Graph, the account through the
sandbox's control interface. Cycles run in this process, through the same functions that the workers call.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils.timezone import now as real_now

from provisioning import gallery
from provisioning.connectors.graph.source import GraphSource
from provisioning.engine import connections, cycle, reading_directory
from provisioning.models import Application, Change, Credential, Cycle, Job, Tenant
from tests.sandbox_process import SandboxProcess

USER, WEBINAR = "User", "webinar"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"


@dataclass
class World:
    sandbox: SandboxProcess
    tenant: Tenant
    application: Application
    job: Job
    ahead: timedelta = timedelta(0)
    """How far this world's clock is ahead: time is an argument of everything that runs here."""
    open_source: Callable[[Tenant], GraphSource] = connections.open_source
    _tokens: dict[str, str] = field(default_factory=dict)
    _mark: int = 0

    # --- the directory, through Graph -----------------------------------------------------------------------

    def graph(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._ask_graph(method, path, body)
        if answer.status_code == 401:
            self.sign_in_again()
            answer = self._ask_graph(method, path, body)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def _ask_graph(self, method: str, path: str, body: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.sandbox.graph}/v1.0{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._graph_token()}", "ConsistencyLevel": "eventual"},
            verify=self.sandbox.ca_file,
            timeout=20,
        )

    def _graph_token(self) -> str:
        if "graph" not in self._tokens:
            answer = requests.post(
                f"{self.sandbox.authority}/{self.sandbox.tenant_id}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": self.sandbox.client_id,
                    "client_secret": self.sandbox.client_secret,
                    "scope": f"{self.sandbox.graph}/.default",
                },
                verify=self.sandbox.ca_file,
                timeout=20,
            )
            self._tokens["graph"] = answer.json()["access_token"]
        return self._tokens["graph"]

    def sign_in_again(self) -> None:
        """The sandbox's clock was moved: the token has expired."""
        self._tokens.clear()

    def add_user(self, name: str, **properties: Any) -> str:
        """The object id of a new person; the address follows from the name."""
        given, _, surname = name.partition(" ")
        nick = name.lower().replace(" ", ".")
        body = {
            "displayName": name,
            "givenName": given,
            "surname": surname,
            "mailNickname": nick,
            "userPrincipalName": f"{nick}@contoso.example",
            "mail": f"{nick}@contoso.example",
            "accountEnabled": True,
            "passwordProfile": {"password": "Correct-horse-1"},
            **properties,
        }
        return str(self.graph("POST", "/users", body)["id"])

    def add_group(self, name: str, *members: str) -> str:
        body = {
            "displayName": name,
            "mailEnabled": False,
            "mailNickname": name.lower().replace(" ", ""),
            "securityEnabled": True,
        }
        group = str(self.graph("POST", "/groups", body)["id"])
        for member in members:
            self.join(group, member)
        return group

    def join(self, group: str, member: str) -> None:
        self.graph("POST", f"/groups/{group}/members/$ref", {"@odata.id": f"/v1.0/directoryObjects/{member}"})

    def leave(self, group: str, member: str) -> None:
        self.graph("DELETE", f"/groups/{group}/members/{member}/$ref")

    def change_user(self, user: str, **properties: Any) -> None:
        self.graph("PATCH", f"/users/{user}", properties)

    def delete_user(self, user: str) -> None:
        self.graph("DELETE", f"/users/{user}")

    def purge_user(self, user: str) -> None:
        self.graph("DELETE", f"/directory/deletedItems/{user}")

    def restore_user(self, user: str) -> None:
        self.graph("POST", f"/directory/deletedItems/{user}/restore")

    def assign(self, principal: str, role: str = USER) -> str:
        body = {
            "principalId": principal,
            "resourceId": self.application.service_principal_id,
            "appRoleId": self.role_id(role),
        }
        path = f"/servicePrincipals/{self.application.service_principal_id}/appRoleAssignedTo"
        return str(self.graph("POST", path, body)["id"])

    def unassign(self, assignment: str) -> None:
        self.graph(
            "DELETE", f"/servicePrincipals/{self.application.service_principal_id}/appRoleAssignedTo/{assignment}"
        )

    def role_id(self, value: str) -> str:
        if value == "Default Access":
            return DEFAULT_ACCESS
        principal = self.graph("GET", f"/servicePrincipals/{self.application.service_principal_id}")
        return next(str(role["id"]) for role in principal["appRoles"] if role["value"] == value)

    # --- the GoTo account -----------------------------------------------------------------------------------

    def goto(self) -> dict[str, dict[str, Any]]:
        """Address → the account's user, as GoTo has it now."""
        return self.sandbox.control.goto()["users"]

    def managed(self) -> dict[str, dict[str, Any]]:
        """The users of the account besides its administrator and strangers of an empty world."""
        mine = {self.sandbox.goto_username, "office.manager@contoso.example"}
        return {email: user for email, user in self.goto().items() if email not in mine}

    def forget_requests(self) -> None:
        self.sandbox.control.clear_requests()

    def goto_requests(self, *methods: str) -> list[dict[str, Any]]:
        """Requests to GoTo's Admin API since they were last forgotten."""
        return [row for row in self.sandbox.control.requests("goto") if not methods or row["method"] in methods]

    def goto_writes(self) -> list[dict[str, Any]]:
        return self.goto_requests("POST", "PUT", "DELETE")

    # --- cycles ---------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return real_now() + self.ahead

    def wait(self, pause: timedelta) -> None:
        self.ahead += pause

    def run_cycle(self, *, full: bool = False) -> Cycle:
        """A cycle from beginning to end; the finished cycle's row."""
        if full:
            self.restart()
        Job.objects.filter(pk=self.job.pk).update(run_requested_at=self.now())
        before = self.job.cycles.exclude(ended_at=None).count()
        for _ in range(100):
            outcome = cycle.advance(self.job.pk, clock=self.now)
            if outcome is cycle.Next.READ:
                self.read()
            elif outcome is cycle.Next.DONE:
                break
            elif outcome is cycle.Next.TAKEN:
                time.sleep(0.1)
        self.job.refresh_from_db()
        finished = self.job.cycles.exclude(ended_at=None).order_by("-pk")
        assert finished.count() > before, "the cycle did not end"
        return finished[0]

    def read(self) -> bool:
        self.tenant.refresh_from_db()
        waiting = Cycle.objects.filter(ended_at=None, stage=Cycle.Stage.READING)
        since = max(waiting.values_list("requested_at", flat=True), default=self.now())
        return reading_directory.read_tenant(self.tenant, self.open_source, since=since, now=self.now())

    def restart(self) -> None:
        reading_directory.feeds.forget_links(self.tenant)
        self.job.decide_everybody_anew()
        Job.objects.filter(pk=self.job.pk).update(rematch=True)

    def settled(self) -> list[Change]:
        """Rows of the log, the newest first."""
        return list(self.job.changes.filter(status__in=Change.SETTLED).order_by("-pk"))

    def log(self) -> list[tuple[str, str, str]]:
        """(action, status, error code) of the rows since the log was last read here; oldest first."""
        rows = list(self.job.changes.filter(status__in=Change.SETTLED, pk__gt=self._mark).order_by("pk"))
        self._mark = max([self._mark, *(row.pk for row in rows)])
        return [(row.action, row.status, row.error_code) for row in rows]


def build(sandbox: SandboxProcess, **job: Any) -> World:
    """Contoso connected, GoToMeeting added with the sandbox's service principal, provisioning on."""
    tenant = Tenant.objects.create(
        name="Contoso",
        tenant_id=sandbox.tenant_id,
        client_id=sandbox.client_id,
        authority=sandbox.authority,
        graph_url=sandbox.graph,
        ca_file=sandbox.ca_file,
    )
    credential = Credential(tenant=tenant)
    credential.seal({"client_secret": sandbox.client_secret})
    credential.save()
    principal = connections.open_source(tenant).find_service_principals("GoToMeeting")[0]
    application = Application.objects.create(
        tenant=tenant,
        template_id="gotomeeting",
        connector="goto_admin",
        display_name="GoToMeeting",
        service_principal_id=principal.id,
        app_id=principal.app_id,
    )
    credential = Credential(
        application=application, values={"auth_mode": "password", "username": sandbox.goto_username}
    )
    credential.seal({"password": sandbox.goto_password})
    credential.save()
    created = Job.objects.create(
        application=application,
        job_id=f"gotomeeting.{sandbox.tenant_id.replace('-', '')}.{principal.id}",
        schema=gallery.template("gotomeeting")["schema"],
        enabled=True,
        **job,
    )
    return World(sandbox, tenant, application, created)
