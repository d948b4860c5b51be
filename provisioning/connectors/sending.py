"""One request, sent as often as is safe: pace, retries, and what a missing answer means.

Connectors build the request and judge the refusals (4xx). Whatever is nobody's fault is dealt with here.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from provisioning.connectors.base import Pace, RequestFacts
from provisioning.connectors.deadline import Exchange
from provisioning.connectors.failures import explain
from provisioning.connectors.http import AnswerTooLarge, ConnectorSession
from provisioning.connectors.json_answers import loads
from provisioning.errors import ConfigurationError, OutcomeUnknown, ProvisioningError, RateLimited, TransientError
from provisioning.sentences import Sentence

BUDGET_SECONDS = 60.0
ATTEMPTS = 4
_SLICE_SECONDS = 0.25


@dataclass(slots=True)
class Answer:
    """An answer that a connector can judge: 2xx, 4xx but never 429, or 501. `data` is the JSON of its body, if any."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    data: Any
    facts: RequestFacts

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Manner:
    """How a request is to be treated.

    Args:
        service: the name that sentences use, e.g. "Microsoft Graph".
        budget: seconds for all attempts and rests together.
        attempts: how often at most it is sent because of a lost or broken answer; being throttled does not count.
        rest: seconds before the second attempt; doubles with each, and is spread so that many workers do not march.
    """

    service: str
    budget: float = BUDGET_SECONDS
    attempts: int = ATTEMPTS
    rest: float = 0.5

    def rest_after(self, attempt: int) -> float:
        return self.rest * 2.0 ** (min(attempt, 8) - 1) * random.uniform(0.5, 1.5)


def send(
    session: ConnectorSession,
    pace: Pace,
    request: requests.PreparedRequest,
    *,
    manner: Manner,
    idempotent: bool,
    needs_json: bool = True,
    facts: RequestFacts | None = None,
) -> Answer:
    """Send at the caller's pace until there is an answer that says something.

    A request that is not `idempotent` is repeated only while nothing of it has left, or when the answer says that it
    was turned away unread (429). `needs_json`: a success without readable JSON is a broken answer. `facts` is filled
    in as the attempts go on, so that it is complete even when this raises.

    Raises:
        RateLimited: still 429 when the budget is spent; with the rest that was asked for.
        OutcomeUnknown: the answer was lost or unreadable after a change may have had its effect.
        TransientError: no usable answer, and nothing can have happened or repeating it does no harm.
        ConfigurationError: the CA file or the proxy of the deployment cannot be used.
        Halted: from the pace.
    """
    sending = _Sending(session, pace, request, manner, idempotent, needs_json, facts)
    return sending.run()


class _Sending:
    def __init__(
        self,
        session: ConnectorSession,
        pace: Pace,
        request: requests.PreparedRequest,
        manner: Manner,
        idempotent: bool,
        needs_json: bool,
        facts: RequestFacts | None,
    ) -> None:
        self.session, self.pace, self.request, self.manner = session, pace, request, manner
        self.idempotent, self.needs_json = idempotent, needs_json
        address = urlsplit(request.url or "")
        self.host = str(address.netloc)
        self.facts = facts or RequestFacts(request.method or "", str(address.path))
        self.facts.attempts = 0
        self.ends = time.monotonic() + manner.budget
        self.failed = 0

    def run(self) -> Answer:
        while True:
            self.pace.wait()
            exchange = Exchange(0.0)
            try:
                response = self._exchange(exchange)
            except requests.RequestException as exc:
                self._again_or_raise(self._lost(exc, exchange), exc, hopeful=not _hopeless(exc))
                continue
            except OSError as exc:  # requests raises a bare OSError for a CA file that is not there
                raise ConfigurationError(
                    Sentence(
                        "The CA file of this deployment cannot be read: %(service)s cannot be reached safely.",
                        service=self.manner.service,
                    ),
                    details=str(exc),
                ) from exc
            answer = self._judge(response)
            if answer is not None:
                return answer

    def _exchange(self, exchange: Exchange) -> requests.Response:
        self.facts.attempts += 1
        self.facts.status = None
        started = time.monotonic()
        deadline = max(1.0, min(self.session.deadline, self.ends - started))
        try:
            return self.session.send(self.request, exchange=exchange, deadline=deadline)
        finally:
            self.facts.duration += timedelta(seconds=time.monotonic() - started)

    def _judge(self, response: requests.Response) -> Answer | None:
        """The answer; None when the request is to be sent again."""
        status = self.facts.status = response.status_code
        if status == 429:
            self._throttled(response)
            return None
        if status >= 500 and status != 501:  # 501 is a statement about the request, not about the day
            asked = retry_after(response.headers)
            if status == 503 and asked is not None:
                self.pace.throttled(asked)
            failure = self._unusable(
                response, Sentence("answered with an error of its own (%(status)s)", status=status)
            )
            self._again_or_raise(failure, rest=asked or 0.0)
            return None
        if 300 <= status < 400:
            raise TransientError(
                Sentence(
                    "%(service)s (%(host)s) answered with a redirection (%(status)s), which is not followed. Check "
                    "that the address in the settings is the final one.",
                    service=self.manner.service,
                    host=self.host,
                    status=status,
                ),
                details=self.session.redactor.excerpt(response.headers.get("Location", "")),
            )
        self.pace.succeeded()
        data = None
        try:
            if response.content.strip():
                data = loads(response.content)
        except ValueError:
            if 200 <= status < 300:
                self._again_or_raise(self._unusable(response, Sentence("sent an answer that is not readable JSON")))
                return None
        if data is None and self.needs_json and 200 <= status < 300:
            self._again_or_raise(self._unusable(response, Sentence("sent an empty answer")))
            return None
        return Answer(status, response.headers, response.content, data, self.facts)

    def _throttled(self, response: requests.Response) -> None:
        asked = retry_after(response.headers)
        self.pace.throttled(asked)
        rest = self.manner.rest_after(self.facts.attempts) if asked is None else asked
        if time.monotonic() + rest > self.ends:
            raise RateLimited(
                Sentence(
                    "%(service)s accepts no more requests for now. It is tried again by itself, more slowly.",
                    service=self.manner.service,
                ),
                retry_after=asked,
            )
        self._rest(rest)

    def _again_or_raise(
        self, failure: ProvisioningError, cause: Exception | None = None, *, hopeful: bool = True, rest: float = 0.0
    ) -> None:
        """Rest, at least `rest` seconds, so that the request can be sent again; raise the failure when it cannot."""
        self.failed += 1
        rest = max(rest, self.manner.rest_after(self.failed))
        repeatable = not isinstance(failure, OutcomeUnknown) or self.idempotent
        if not (hopeful and repeatable and self.failed < self.manner.attempts and time.monotonic() + rest < self.ends):
            raise failure from cause
        self._rest(rest)

    def _rest(self, seconds: float) -> None:
        """Sleep in slices; the pace is asked between them, because a writer that must stop stops within a second."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(_SLICE_SECONDS, left))
            self.pace.check()

    def _lost(self, error: requests.RequestException, exchange: Exchange) -> ProvisioningError:
        sentence = explain(error, self.manner.service, self.host)
        details = self.session.redactor.excerpt(str(error))
        if exchange.sent and not self.idempotent:
            failure: ProvisioningError = OutcomeUnknown(
                Sentence("%(sentence)s Whether the request had its effect is looked up first.", sentence=sentence)
            )
        else:
            failure = TransientError(sentence)
        failure.details = details
        return failure

    def _unusable(self, response: requests.Response, what: Sentence) -> ProvisioningError:
        """An answer that says nothing: an error page of something on the way, a 5xx, half a JSON text."""
        kind = TransientError
        broken_success = 200 <= response.status_code < 300 and self.request.method != "GET"
        if broken_success or not self.idempotent:
            kind = OutcomeUnknown
        return kind(
            Sentence(
                "%(service)s (%(host)s) %(what)s. It is tried again by itself.",
                service=self.manner.service,
                host=self.host,
                what=what,
            ),
            details=self.session.redactor.excerpt(response.content),
        )


def _hopeless(error: requests.RequestException) -> bool:
    """Whether trying again at once would end the same way: a certificate does not change within a minute."""
    return isinstance(error, requests.exceptions.SSLError | AnswerTooLarge)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer asks to rest, from a number or a date; None when it asks nothing readable.

    A date is compared with the answer's own Date, so that it does not matter whose clock is wrong.

    >>> retry_after({"Retry-After": "7"})
    7.0
    >>> retry_after({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"})
    30.0
    """
    text = headers.get("Retry-After", "").strip()
    if text.replace(".", "", 1).isdigit():
        return float(text)
    until, asked_at = _moment(text), time_of(headers)
    return max(0.0, (until - asked_at).total_seconds()) if until and asked_at else None


def time_of(headers: Mapping[str, str]) -> datetime | None:
    """When an answer was given, by the clock of whoever gave it; None when it does not say."""
    return _moment(headers.get("Date", ""))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
