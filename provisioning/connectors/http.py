"""The one session class through which every request of every connector leaves.

A session belongs to the process that made it: used on both sides of a fork it hands each the other's answers.
Whoever needs one makes it when the first request is due.
"""

import re
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from provisioning.connectors.deadline import DeadlineAdapter, Exchange, current_exchange
from provisioning.connectors.redaction import Redactor
from provisioning.errors import ConfigurationError
from provisioning.sentences import Sentence

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
DEADLINE_SECONDS = 20.0
LARGEST_ANSWER = 64 * 1024 * 1024
_CHUNK = 64 * 1024


class AnswerTooLarge(requests.RequestException):
    """The answer is longer than any answer we ask for; it was not read to its end."""


class ConnectorSession(requests.Session):
    """A requests session that obeys nothing but its arguments, and never longer than its deadline.

    Args:
        ca_file: PEM file of the authorities to trust instead of the public ones.
        proxies: requests' form, e.g. {"https": "http://proxy:3128", "no_proxy": "localhost"}.
        deadline: seconds for a whole request, connecting and reading included.
        threads: how many requests may be in flight; as many connections are kept.

    Redirections are never followed: the token would travel along to a host that nobody configured.
    `redactor` knows the secrets that were used here and cuts them out of whatever is shown.
    """

    def __init__(
        self,
        *,
        ca_file: str | None = None,
        proxies: Mapping[str, str] | None = None,
        deadline: float = DEADLINE_SECONDS,
        threads: int = 16,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        super().__init__()
        self.trust_env = False  # else REQUESTS_CA_BUNDLE beats `verify`, and a .netrc entry replaces our token
        self.verify = ca_file or True
        self.proxies.update(proxies or {})
        self.headers.update({"User-Agent": "Rollcall", "Accept": "application/json"})
        self.deadline = deadline
        self.largest_answer = largest_answer
        self.redactor = Redactor()
        adapter = DeadlineAdapter(pool_connections=8, pool_maxsize=threads, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No answer leads anywhere else; the caller sees the 3xx itself."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send and read to the end, within the deadline.

        `deadline` (seconds) replaces the session's. An `Exchange` given as `exchange` tells the caller, also when
        this raises, whether anything had left. Raises requests' exceptions; a passed deadline is a `Timeout`.
        """
        deadline = min(kwargs.pop("deadline", None) or self.deadline, self.deadline)
        exchange = kwargs.pop("exchange", None) or Exchange(0.0)
        exchange.ends = monotonic() + deadline
        kwargs.update(stream=True, allow_redirects=False)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (min(CONNECT_SECONDS, deadline), min(READ_SECONDS, deadline))
        mark = current_exchange.set(exchange)
        try:
            response = super().send(request, **kwargs)
            return self._read(response)
        except TimeoutError as exc:
            raise requests.ReadTimeout(str(exc), request=request) from exc
        finally:
            current_exchange.reset(mark)

    def _read(self, response: requests.Response) -> requests.Response:
        parts, size = [], 0
        try:
            for part in response.iter_content(_CHUNK):
                parts.append(part)
                size += len(part)
                if size > self.largest_answer:
                    raise AnswerTooLarge(f"more than {self.largest_answer} bytes", response=response)
        except BaseException:
            response.close()  # the rest of the answer must not be read as the next one's beginning
            raise
        response._content = b"".join(parts)
        return response


def prepare(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | str | None = None
) -> requests.PreparedRequest:
    """A request as it leaves: no cookies, no session defaults beside `headers`; half the work of Session.request."""
    prepared = requests.PreparedRequest()
    prepared.prepare_method(method)
    prepared.prepare_url(url, None)
    prepared.headers = CaseInsensitiveDict(headers)
    prepared.prepare_body(body, None)
    return prepared


def base_address(address: str, purpose: Sentence) -> str:
    """A configured base address without its last slash. Raises ConfigurationError when it is none.

    `purpose` names the setting in the sentence, e.g. "Graph root".
    """
    parts = _parts(address)
    if parts is None or parts[0] not in ("https", "http"):
        raise ConfigurationError(
            Sentence(
                "The %(purpose)s “%(address)s” is not an address such as https://host:port.",
                purpose=purpose,
                address=address,
            )
        )
    return address.rstrip("/")


def same_host(link: str, base: str) -> bool:
    """Whether a link leads to the scheme, host and port of `base`, read the same way by everybody who may parse it."""
    parts = _parts(link)
    return parts is not None and parts == _parts(base)


def _parts(address: str) -> tuple[str, str, int] | None:
    # A backslash, an @ or a control character in the host part is read differently by different parsers.
    if re.search(r"[\x00-\x20\x7f\\]", address):
        return None
    try:
        split = urlsplit(address)
        port = split.port or {"https": 443, "http": 80}.get(split.scheme, 0)
    except ValueError:
        return None
    if not split.hostname or "@" in split.netloc:
        return None
    return split.scheme, split.hostname, port
