"""The sending loop against servers that fail in every way there is."""

import time
from collections.abc import Iterator

import pytest

from provisioning.connectors.base import RequestFacts, Unpaced
from provisioning.connectors.http import ConnectorSession, prepare
from provisioning.connectors.sending import Answer, Manner, retry_after, send
from provisioning.errors import (
    ConfigurationError,
    Halted,
    OutcomeUnknown,
    ProvisioningError,
    RateLimited,
    TransientError,
)
from tests.connectors.paces import NotedPace
from tests.connectors.raw_server import Speech, dribbles, hangs_up, http, raw_server, says

OK = says(http(body=b'{"done": true}'))
HTML = says(http(body=b"<html>Sign in to the network</html>"))
TRUNCATED = says(http(body=b'{"done": tr'))
EMPTY = says(http(body=b""))


@pytest.fixture
def session() -> Iterator[ConnectorSession]:
    with ConnectorSession(deadline=1.0) as made:
        yield made


def attempt(
    session: ConnectorSession,
    url: str,
    method: str = "GET",
    *,
    pace: NotedPace | None = None,
    idempotent: bool | None = None,
    budget: float = 4.0,
    attempts: int = 3,
    facts: RequestFacts | None = None,
    needs_json: bool = True,
) -> Answer:
    return send(
        session,
        pace or Unpaced(),
        prepare(method, url, headers={}, body=None if method == "GET" else b"{}"),
        manner=Manner("Contoso", budget=budget, attempts=attempts, rest=0.05),
        idempotent=method == "GET" if idempotent is None else idempotent,
        facts=facts,
        needs_json=needs_json,
    )


def unreachable() -> str:
    with raw_server(OK) as server:
        return server.url


@pytest.mark.parametrize(
    "trouble",
    [
        hangs_up,
        HTML,
        TRUNCATED,
        EMPTY,
        says(http("500 Oops")),
        says(http("502 Bad Gateway", b"<html>")),
        says(http("503 Later")),
    ],
    ids=["hung up", "html", "truncated", "empty", "500", "502", "503"],
)
def test_a_reading_is_repeated_until_its_answer_can_be_used(session: ConnectorSession, trouble: Speech) -> None:
    facts = RequestFacts("GET", "/")
    with raw_server(trouble, OK) as server:
        answer = attempt(session, server.url, facts=facts)

        assert answer.data == {"done": True}
        assert len(server.heard) == 2
    assert (facts.attempts, facts.status) == (2, 200)
    assert facts.duration.total_seconds() > 0


@pytest.mark.parametrize("trouble", [hangs_up, HTML, TRUNCATED, EMPTY, says(http("500 Oops"))])
def test_a_reading_that_stays_broken_is_transient_trouble(session: ConnectorSession, trouble: Speech) -> None:
    with raw_server(trouble) as server:
        with pytest.raises(TransientError) as raised:
            attempt(session, server.url)

        assert type(raised.value) is TransientError
        assert len(server.heard) == 3


@pytest.mark.parametrize(
    "trouble",
    [
        hangs_up,
        HTML,
        TRUNCATED,
        EMPTY,
        says(http("500 Oops")),
        says(http("504 Late")),
        dribbles(http(body=b"x" * 99), seconds_a_byte=0.1),
    ],
    ids=["hung up", "html", "truncated", "empty", "500", "504", "dribbles"],
)
def test_a_creation_without_a_usable_answer_is_sent_once_and_its_outcome_unknown(
    session: ConnectorSession, trouble: Speech
) -> None:
    with raw_server(trouble, OK) as server:
        with pytest.raises(OutcomeUnknown):
            attempt(session, server.url, "POST")

        assert len(server.heard) == 1


def test_a_creation_that_never_left_may_be_sent_again(session: ConnectorSession) -> None:
    facts = RequestFacts("POST", "/")

    with pytest.raises(TransientError) as raised:
        attempt(session, unreachable(), "POST", facts=facts)

    assert type(raised.value) is TransientError
    assert facts.attempts == 3
    assert "cannot be reached" in str(raised.value)


def test_a_repeatable_write_is_repeated_and_never_of_unknown_outcome_when_its_connection_broke(
    session: ConnectorSession,
) -> None:
    with raw_server(hangs_up) as server:
        with pytest.raises(TransientError) as raised:
            attempt(session, server.url, "PUT", idempotent=True)

        assert type(raised.value) is TransientError
        assert len(server.heard) == 3


def test_a_write_answered_by_a_page_instead_of_json_has_an_unknown_outcome(session: ConnectorSession) -> None:
    with raw_server(HTML) as server, pytest.raises(OutcomeUnknown):
        attempt(session, server.url, "PUT", idempotent=True, needs_json=False)


def test_a_write_may_succeed_without_a_body(session: ConnectorSession) -> None:
    with raw_server(says(http("204 No Content", b""))) as server:
        assert attempt(session, server.url, "PUT", idempotent=True, needs_json=False).data is None


@pytest.mark.parametrize("status", ["400 Bad", "401 Who", "403 No", "404 Gone", "409 Used", "501 Never"])
def test_a_refusal_is_an_answer(session: ConnectorSession, status: str) -> None:
    with raw_server(says(http(status, b"<html>no</html>"))) as server:
        answer = attempt(session, server.url)

        assert (answer.status, answer.ok, answer.data) == (int(status[:3]), False, None)
        assert len(server.heard) == 1


def test_a_redirection_is_told_and_not_followed(session: ConnectorSession) -> None:
    with raw_server(OK) as elsewhere, raw_server(says(http("307 Go", Location=elsewhere.url))) as server:
        with pytest.raises(TransientError, match="redirection"):
            attempt(session, server.url)

        assert elsewhere.heard == []


def test_being_throttled_is_waited_out_and_told_to_the_pace(session: ConnectorSession) -> None:
    pace = NotedPace()
    slow_down = says(http("429 Slow", Retry_After="1"))
    with raw_server(slow_down, OK) as server:
        began = time.monotonic()
        attempt(session, server.url, "POST", pace=pace)

        assert time.monotonic() - began >= 1.0
    assert pace.throttles == [1.0]
    assert pace.successes == 1


def test_being_throttled_without_a_time_backs_off_by_itself(session: ConnectorSession) -> None:
    pace = NotedPace()
    with raw_server(says(http("429 Slow")), OK) as server:
        assert attempt(session, server.url, pace=pace).ok
    assert pace.throttles == [None]


def test_a_rest_beyond_the_budget_is_left_to_the_caller(session: ConnectorSession) -> None:
    with raw_server(says(http("429 Slow", Retry_After="3600"))) as server:
        began = time.monotonic()
        with pytest.raises(RateLimited) as raised:
            attempt(session, server.url, budget=2)

        assert time.monotonic() - began < 1
    assert raised.value.retry_after == 3600


def test_a_writer_that_is_told_to_stop_wakes_from_its_rest(session: ConnectorSession) -> None:
    with raw_server(says(http("429 Slow", Retry_After="30"))) as server:
        began = time.monotonic()
        with pytest.raises(Halted):
            attempt(session, server.url, pace=NotedPace(halt_after=2), budget=60)

        assert time.monotonic() - began < 1.5
        assert len(server.heard) == 1


def test_a_503_with_a_time_slows_the_pace_down(session: ConnectorSession) -> None:
    pace = NotedPace()
    with raw_server(says(http("503 Later", Retry_After="1")), OK) as server:
        began = time.monotonic()
        attempt(session, server.url, pace=pace)

        assert time.monotonic() - began >= 1.0
    assert pace.throttles == [1.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 11:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT"}, None),
        ({"Retry-After": "soon", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_the_rest_that_an_answer_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_missing_ca_file_is_a_matter_of_configuration(tmp_path_factory: pytest.TempPathFactory) -> None:
    missing = tmp_path_factory.mktemp("nothing") / "ca.pem"
    with ConnectorSession(ca_file=str(missing)) as session, pytest.raises(ConfigurationError, match="CA file"):
        attempt(session, "https://127.0.0.1:9")


def test_secrets_never_reach_an_error(session: ConnectorSession) -> None:
    session.redactor.conceal("hunter2-and-more")
    echo = says(http("500 Oops", b'you sent hunter2-and-more {"access_token": "abcdefgh"} ' + b"x" * 1000))
    with raw_server(echo) as server, pytest.raises(ProvisioningError) as raised:
        attempt(session, server.url, attempts=1)

    shown = str(raised.value) + raised.value.details
    assert "hunter2" not in shown and "abcdefgh" not in shown
    assert "you sent" in shown
    assert len(raised.value.details) == 500


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://nobody.invalid", "could not be looked up"),
        ("http://127.0.0.1:9", "cannot be reached"),
    ],
)
def test_an_unreachable_host_is_explained(session: ConnectorSession, url: str, words: str) -> None:
    with pytest.raises(TransientError, match=words):
        attempt(session, url, attempts=1)


def test_a_silent_host_is_explained(session: ConnectorSession) -> None:
    silent = dribbles(http(), seconds_a_byte=0.2)
    with raw_server(silent) as server, pytest.raises(TransientError, match="took too long"):
        attempt(session, server.url, attempts=1)


def test_plain_http_where_tls_is_expected_is_explained_and_nothing_was_sent(session: ConnectorSession) -> None:
    with raw_server(OK) as server, pytest.raises(TransientError, match="No secure connection") as raised:
        attempt(session, server.url.replace("http:", "https:"), "POST")
    assert type(raised.value) is TransientError


def test_a_proxy_that_is_not_there_is_explained() -> None:
    proxies = {"http": "http://127.0.0.1:9"}
    with ConnectorSession(proxies=proxies) as session, pytest.raises(TransientError, match="proxy"):
        attempt(session, "http://graph.example", attempts=1)


def test_a_proxy_that_gives_no_tunnel_is_explained_and_nothing_was_sent() -> None:
    with raw_server(says(http("403 Forbidden"))) as proxy, ConnectorSession(proxies={"https": proxy.url}) as session:
        with pytest.raises(TransientError, match="proxy") as raised:
            attempt(session, "https://graph.example", "POST", attempts=1)

        assert type(raised.value) is TransientError
        assert proxy.heard[0].startswith(b"CONNECT graph.example:443")
