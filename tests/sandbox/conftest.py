"""One sandbox for all tests of this folder; each test begins with a fresh world."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.sandbox_process import Control, SandboxProcess, start_sandbox

SMALL_WORLD: dict[str, Any] = {"users": 40, "groups": 5, "seed": "contoso", "empty": False}


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox"), "--users", "40", "--groups", "5") as running:
        yield running


@pytest.fixture
def control(sandbox: SandboxProcess) -> Control:
    """The control interface of a world of forty people that nobody has touched."""
    sandbox.control.reset(**SMALL_WORLD, knobs={"rate_limit": 0})
    return sandbox.control


class GraphClient:
    """Bare requests to Graph, so that every header and status can be looked at."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.root = f"{sandbox.graph}/v1.0"
        self.session = sandbox.session()
        self.session.headers["Authorization"] = f"Bearer {graph_token(sandbox)}"

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else self.root + path
        return self.session.request(method, url, json=body, timeout=30, **options)

    def get(self, path: str, **options: Any) -> dict[str, Any]:
        answer = self.send("GET", path, **options)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def everything(self, path: str, **options: Any) -> list[dict[str, Any]]:
        """The values of all pages."""
        found: list[dict[str, Any]] = []
        link: str | None = path
        while link:
            page = self.get(link, **options)
            found += page["value"]
            link = page.get("@odata.nextLink")
        return found

    def round(self, path: str, **options: Any) -> tuple[list[dict[str, Any]], str]:
        """A whole delta round: (its items, the delta link)."""
        items: list[dict[str, Any]] = []
        link = path
        while True:
            page = self.get(link, **options)
            assert ("@odata.nextLink" in page) != ("@odata.deltaLink" in page)
            items += page["value"]
            if "@odata.deltaLink" in page:
                return items, page["@odata.deltaLink"]
            link = page["@odata.nextLink"]

    def create_user(self, name: str, **properties: Any) -> str:
        """The id of a new user; `name` is that before the @."""
        body = {
            "accountEnabled": True, "displayName": name, "mailNickname": name,
            "userPrincipalName": f"{name}@contoso.example", "passwordProfile": {"password": "once upon a time"},
        } | properties  # fmt: skip
        answer = self.send("POST", "/users", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def create_group(self, name: str, *members: str, **properties: Any) -> str:
        body = {"displayName": name, "mailNickname": name, "mailEnabled": False, "securityEnabled": True}
        links = [f"{self.root}/directoryObjects/{member}" for member in members]
        answer = self.send("POST", "/groups", body | properties | {"members@odata.bind": links})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def add_member(self, group: str, member: str) -> requests.Response:
        link = {"@odata.id": f"{self.root}/directoryObjects/{member}"}
        return self.send("POST", f"/groups/{group}/members/$ref", link)

    def remove_member(self, group: str, member: str) -> requests.Response:
        return self.send("DELETE", f"/groups/{group}/members/{member}/$ref")


def ask_token(sandbox: SandboxProcess, **changes: str) -> requests.Response:
    """A client credentials request; `changes` replace fields of the form, an empty text leaves one out."""
    form = {
        "grant_type": "client_credentials", "client_id": sandbox.client_id, "client_secret": sandbox.client_secret,
        "scope": "https://graph.microsoft.com/.default",
    } | changes  # fmt: skip
    url = f"{sandbox.authority}/{sandbox.tenant_id}/oauth2/v2.0/token"
    with sandbox.session() as session:
        return session.post(url, data={name: value for name, value in form.items() if value}, timeout=30)


def graph_token(sandbox: SandboxProcess) -> str:
    return str(ask_token(sandbox).json()["access_token"])


@pytest.fixture
def graph(sandbox: SandboxProcess, control: Control) -> Iterator[GraphClient]:
    client = GraphClient(sandbox)
    yield client
    client.session.close()


class GoToClient:
    """Bare requests to the Admin API in the name of one administrator."""

    def __init__(self, sandbox: SandboxProcess, token: str, account_key: str | None = None) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.goto_api}/admin/rest/v1"
        self.account = f"/accounts/{account_key or sandbox.goto_account_key}"
        self.session = sandbox.session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """`path` is below the account; with a leading "=" it is below the API's root."""
        below = path[1:] if path.startswith("=") else self.account + path
        return self.session.request(method, self.base + below, json=body, timeout=30, **options)

    def get(self, path: str) -> dict[str, Any]:
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def find(self, email: str) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.get(f'/users?filter=email%20eq%20"{email}"')["results"]
        return results

    def license(self, product: str) -> dict[str, Any]:
        return next(item for item in self.get("/licenses")["results"] if item["products"] == [product])

    def create(self, *emails: str, query: str = "", **body: Any) -> requests.Response:
        """Users whose first name is the part before the @, with a G2M licence unless told otherwise."""
        users = [{"email": email, "firstName": email.split("@")[0][:32], "lastName": "Test"} for email in emails]
        licenses = body.pop("licenseKeys", None)
        content = {"users": users, "licenseKeys": [self.license("G2M")["key"]] if licenses is None else licenses}
        return self.send("POST", f"/users{query}", content | body)


def ask_goto_token(sandbox: SandboxProcess, path: str = "/oauth/token", **changes: Any) -> requests.Response:
    """A password grant; `changes` replace fields, None leaves one out; the client is proven by a Basic header."""
    form = {"grant_type": "password", "username": sandbox.goto_username, "password": sandbox.goto_password} | changes
    proof = (changes.pop("client", sandbox.goto_client_id), changes.pop("secret", sandbox.goto_client_secret))
    fields = {name: value for name, value in form.items() if value is not None and name not in ("client", "secret")}
    with sandbox.session() as session:
        return session.post(f"{sandbox.goto_auth}{path}", data=fields, auth=proof, timeout=30)


@pytest.fixture
def goto(sandbox: SandboxProcess, control: Control) -> Iterator[GoToClient]:
    """The Admin API for the super user."""
    client = GoToClient(sandbox, ask_goto_token(sandbox).json()["access_token"])
    yield client
    client.session.close()


@pytest.fixture
def goto_as(sandbox: SandboxProcess, control: Control) -> Iterator[Callable[[str], GoToClient]]:
    """The Admin API for somebody else of the account, by address."""
    clients: list[GoToClient] = []

    def sign_in(email: str) -> GoToClient:
        control.change_sign_in(email, password="open sesame")
        answer = ask_goto_token(sandbox, username=email, password="open sesame")
        clients.append(GoToClient(sandbox, answer.json()["access_token"]))
        return clients[-1]

    yield sign_in
    for client in clients:
        client.session.close()
