"""An administrator of the tenant who changes things by Graph itself."""

from typing import Any

from tests.sandbox_process import SandboxProcess


class Directory:
    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.session = sandbox.session()
        token = self.session.post(
            f"{sandbox.authority}/{sandbox.tenant_id}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": sandbox.client_id,
                "client_secret": sandbox.client_secret,
                "scope": "https://graph.microsoft.com/.default",
            },
        ).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.sandbox.graph}/v1.0{path}", json=body)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def add_people(self, *names: str, **properties: Any) -> list[str]:
        """Their ids, in the order of `names`."""
        users = [{"displayName": name} | properties for name in names]
        return list(self.sandbox.control.seed(users=users)["users"].values())

    def add_crowd(self, count: int) -> list[str]:
        """So many people with names of letters alone, since addresses are made from those."""
        return self.add_people(*(f"Person {chr(65 + number // 26)}{chr(97 + number % 26)}" for number in range(count)))

    def add_group(self, name: str, *members: str) -> str:
        return str(self.sandbox.control.seed(groups=[{"displayName": name, "members": list(members)}])["groups"][name])

    def change(self, user_id: str, **properties: Any) -> None:
        self.send("PATCH", f"/users/{user_id}", properties)

    def delete(self, user_id: str) -> None:
        self.send("DELETE", f"/users/{user_id}")

    def delete_for_good(self, user_id: str) -> None:
        self.delete(user_id)
        self.send("DELETE", f"/directory/deletedItems/{user_id}")

    def set_manager(self, user_id: str, manager_id: str | None) -> None:
        if manager_id is None:
            self.send("DELETE", f"/users/{user_id}/manager/$ref")
        else:
            self.send("PUT", f"/users/{user_id}/manager/$ref", self._reference(manager_id))

    def join(self, group_id: str, user_id: str) -> None:
        self.send("POST", f"/groups/{group_id}/members/$ref", self._reference(user_id))

    def leave(self, group_id: str, user_id: str) -> None:
        self.send("DELETE", f"/groups/{group_id}/members/{user_id}/$ref")

    def _reference(self, object_id: str) -> dict[str, str]:
        return {"@odata.id": f"{self.sandbox.graph}/v1.0/directoryObjects/{object_id}"}
