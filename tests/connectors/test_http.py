"""The session: deadlines that hold, redirections that are not followed, an environment that does not matter."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme

from provisioning.connectors.http import AnswerTooLarge, ConnectorSession, base_address, prepare, same_host
from provisioning.errors import ConfigurationError
from tests.connectors.raw_server import dribbles, http, raw_server, says


@pytest.fixture
def session() -> Iterator[ConnectorSession]:
    with ConnectorSession(deadline=1.0) as made:
        yield made


def get(session: ConnectorSession, url: str, **kwargs: float) -> requests.Response:
    return session.send(prepare("GET", url, headers={"Authorization": "Bearer secret"}), **kwargs)


def test_an_answer_is_read_to_its_end(session: ConnectorSession) -> None:
    with raw_server(says(http(body=b'{"a": 1}'))) as server:
        assert get(session, server.url).json() == {"a": 1}


@pytest.mark.parametrize(
    "slow_part",
    [
        http(body=b"x" * 500),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 200,
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-Header-%d: a\r\n" % number for number in range(90)),
    ],
    ids=["body", "chunks", "head"],
)
def test_a_server_that_dribbles_is_given_up_at_the_deadline(session: ConnectorSession, slow_part: bytes) -> None:
    with raw_server(dribbles(slow_part, seconds_a_byte=0.05)) as server:
        began = time.monotonic()

        with pytest.raises(requests.RequestException) as raised:
            get(session, server.url)

        assert 0.9 < time.monotonic() - began < 1.6
        assert isinstance(raised.value, requests.Timeout | requests.ConnectionError)


def test_a_request_may_have_a_shorter_deadline_than_its_session_but_no_longer_one(session: ConnectorSession) -> None:
    with raw_server(dribbles(http(body=b"x" * 500), seconds_a_byte=0.05)) as server:
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            get(session, server.url, deadline=0.3)
        assert time.monotonic() - began < 0.7

        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            get(session, server.url, deadline=30)
        assert time.monotonic() - began < 1.6


def test_after_a_passed_deadline_the_next_request_gets_its_own_answer(session: ConnectorSession) -> None:
    slow, good = dribbles(http(body=b"x" * 500), seconds_a_byte=0.05), says(http(body=b'"good"'))
    with raw_server(slow, good) as server:
        with pytest.raises(requests.RequestException):
            get(session, server.url, deadline=0.3)

        assert get(session, server.url).json() == "good"


def test_an_answer_beyond_the_limit_is_not_read_to_its_end() -> None:
    endless = says(http(body=b"x" * 500_000))
    with ConnectorSession(largest_answer=1000) as session, raw_server(endless) as server, pytest.raises(AnswerTooLarge):
        get(session, server.url)


def test_a_redirection_is_not_followed_and_the_token_stays_here(session: ConnectorSession) -> None:
    with raw_server(says(http())) as elsewhere, raw_server(says(http("302 Found", Location=elsewhere.url))) as server:
        prepared = get(session, server.url)
        by_method = session.get(server.url, headers={"Authorization": "Bearer secret"}, allow_redirects=True)

        assert (prepared.status_code, by_method.status_code) == (302, 302)
        assert elsewhere.heard == []


def test_the_environment_has_no_say(session: ConnectorSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mallory password stolen\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with raw_server(says(http())) as server:
        session.get(server.url, headers={"Authorization": "Bearer secret"})

        assert b"Authorization: Bearer secret" in server.heard[0]


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """What a server of 127.0.0.1 needs; the authority behind it is tmp_path/ca.pem."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_the_ca_file_decides_whom_to_trust(tls: ssl.SSLContext, tmp_path: Path) -> None:
    with raw_server(says(http()), context=tls) as server:
        with ConnectorSession(ca_file=str(tmp_path / "ca.pem")) as trusting:
            assert get(trusting, server.url).status_code == 200

        with ConnectorSession() as careful, pytest.raises(requests.exceptions.SSLError):
            get(careful, server.url)


def test_the_deadline_holds_over_tls_too(tls: ssl.SSLContext, tmp_path: Path) -> None:
    slow = dribbles(http(body=b"x" * 500), seconds_a_byte=0.05)
    with raw_server(slow, context=tls) as server, ConnectorSession(ca_file=str(tmp_path / "ca.pem")) as session:
        began = time.monotonic()

        with pytest.raises(requests.RequestException):
            get(session, server.url, deadline=0.5)

        assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    ("link", "same"),
    [
        ("https://graph.example/v1.0/users/delta?$skiptoken=x", True),
        ("https://GRAPH.example:443/other", True),
        ("http://graph.example/v1.0", False),
        ("https://graph.example:444/v1.0", False),
        ("https://graph.example.evil.example/", False),
        ("https://graph.example@evil.example/", False),
        ("https://evil.example\\@graph.example/", False),
        ("https://graph.example\\.evil.example/", False),
        ("//graph.example/v1.0", False),
        ("https://graph.example:port/", False),
        ("", False),
    ],
)
def test_a_link_is_of_the_same_host_only_without_any_doubt(link: str, same: bool) -> None:
    assert same_host(link, "https://graph.example") is same


def test_a_base_address_loses_its_last_slash_and_must_be_one() -> None:
    assert base_address("https://graph.example/", "Graph root") == "https://graph.example"
    for wrong in ("graph.example", "ftp://graph.example", "https://", "https://a b"):
        with pytest.raises(ConfigurationError, match="Graph root"):
            base_address(wrong, "Graph root")
