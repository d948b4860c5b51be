"""Requests to Microsoft Graph: token, headers, links that may be followed, and what its errors mean.

Source: Microsoft Graph v1.0, "Error responses and resource types", "Throttling guidance", "Paging".
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import orjson

from provisioning.connectors.base import Pace
from provisioning.connectors.graph.token import EntraToken
from provisioning.connectors.http import ConnectorSession, base_address, prepare, same_host
from provisioning.connectors.sending import Answer, Manner, send
from provisioning.errors import (
    ConfigurationError,
    CredentialsRejected,
    PermissionMissing,
    ProvisioningError,
    ReadingRefused,
    RequestRejected,
)
from provisioning.sentences import Sentence

SERVICE = "Microsoft Graph"


class GraphClient:
    """Sends to one Graph root with one token. `priority` is "Low" for cycles, "High" when a person waits."""

    def __init__(
        self,
        session: ConnectorSession,
        graph_root: str,
        token: EntraToken,
        pace: Pace,
        *,
        priority: str = "Low",
        budget: float = 60.0,
    ) -> None:
        self.root = base_address(graph_root, Sentence("Graph root"))
        self.token = token
        self._session, self._pace = session, pace
        self._priority = priority
        self._manner = Manner(SERVICE, budget=budget)

    def address(self, path: str, **query: str) -> str:
        """The address of a path such as "/users"; the keys of `query` are OData's, without their $.

        Values keep the signs that OData reads; spaces become %20.
        """
        parts = [f"${name}={quote(value, safe=_ODATA_SIGNS)}" for name, value in query.items()]
        return f"{self.root}/v1.0{path}" + ("?" + "&".join(parts) if parts else "")

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        idempotent: bool | None = None,
    ) -> Answer:
        """The answer, also when it is a refusal. A refused token is renewed once.

        Raises ReadingRefused before anything leaves when the address is of another host, and whatever `send` raises.
        """
        if not same_host(url, self.root):
            raise ReadingRefused(
                Sentence("A link in an answer of Microsoft Graph leads to another host; it was not followed."),
                details=url[:200],
            )
        token = self.token.get()
        answer = self._send(method, url, token, headers, body, idempotent)
        if answer.status == 401:
            answer = self._send(method, url, self.token.renew(token), headers, body, idempotent)
        return answer

    def get(self, url: str, *, permission: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of a success; None for 404. Raises as `refusal` says."""
        answer = self.request("GET", url, headers=headers)
        if answer.status == 404:
            return None
        if not answer.ok:
            raise self.refusal(answer, permission)
        return answer.data

    def collect(
        self, url: str, *, permission: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Every item of a collection, over all its pages.

        Raises ReadingRefused when it does not come to a clean end: a page without a list, a link that repeats.
        """
        link: str | None = url
        seen: set[str] = set()
        while link is not None:
            if link in seen:
                raise ReadingRefused(
                    Sentence("Microsoft Graph sent the same page link twice; the list was not taken over.")
                )
            seen.add(link)
            page = self.get(link, permission=permission, headers=headers)
            if page is None:
                raise ReadingRefused(
                    Sentence("What was to be listed is no longer in the directory."), details=link[:200]
                )
            yield from items_of(page)
            link = page.get("@odata.nextLink")

    def _send(
        self,
        method: str,
        url: str,
        token: str,
        headers: Mapping[str, str] | None,
        body: object,
        idempotent: bool | None,
    ) -> Answer:
        content = None if body is None else orjson.dumps(body)
        sent = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "User-Agent": "Rollcall",
            "client-request-id": str(uuid4()),
            "x-ms-throttle-priority": self._priority,
            **({} if content is None else {"Content-Type": "application/json"}),
            **(headers or {}),
        }
        return send(
            self._session,
            self._pace,
            prepare(method, url, headers=sent, body=content),
            manner=self._manner,
            idempotent=method == "GET" if idempotent is None else idempotent,
            needs_json=method == "GET",
        )

    def refusal(self, answer: Answer, permission: str) -> ProvisioningError:
        """The error that a 4xx (or 501) stands for. `permission` is the one that this call needs."""
        code, message = error_of(answer)
        reason = self._session.redactor.excerpt(message) or code or str(answer.status)
        details = self._session.redactor.excerpt(
            f"{answer.status} {code}: {message} (request-id {answer.headers.get('request-id', 'not told')})"
        )
        if answer.status == 401:
            return CredentialsRejected(
                Sentence(
                    "Microsoft Graph does not accept the token. Check that authority and Graph root belong together."
                ),
                details=details,
            )
        if answer.status == 403:
            return PermissionMissing(
                Sentence(
                    "The application permission %(permission)s is missing. Add it to the app registration under API "
                    "permissions (Microsoft Graph, application permissions) and grant admin consent.",
                    permission=permission,
                ),
                permission=permission,
                details=details,
            )
        if answer.facts.method == "GET":
            return ConfigurationError(
                Sentence("Microsoft Graph refused the query: %(reason)s", reason=reason), details=details
            )
        return RequestRejected(
            Sentence("Microsoft Graph refused the request: %(reason)s", reason=reason), details=details
        )


# Everything that OData's own syntax uses and a query may contain as it is.
_ODATA_SIGNS = "$,()':/"


def error_of(answer: Answer) -> tuple[str, str]:
    """Code and message of Graph's error envelope, "" where there is none; inner codes are not looked at."""
    error = answer.data.get("error") if isinstance(answer.data, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code") or ""), str(error.get("message") or "")


def items_of(page: Any) -> list[dict[str, Any]]:
    """The objects of a page. Raises ReadingRefused when it is not a page of objects with ids."""
    items = page.get("value") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise ReadingRefused(Sentence("Microsoft Graph sent a page without a list; nothing was taken over."))
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item["id"]:
            raise ReadingRefused(Sentence("Microsoft Graph sent an object without an id; nothing was taken over."))
    link = page.get("@odata.nextLink")
    if link is not None and not isinstance(link, str):
        raise ReadingRefused(Sentence("Microsoft Graph sent a page link that is no text; nothing was taken over."))
    return items


def literal(text: str) -> str:
    """A text as a string of OData's filter language.

    >>> literal("O'Brien")
    "'O''Brien'"
    """
    return "'" + text.replace("'", "''") + "'"
