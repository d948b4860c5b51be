"""What is read from an answer, and what of it may be shown."""

import pytest

from provisioning.connectors.json_answers import loads
from provisioning.connectors.redaction import Redactor


@pytest.mark.parametrize("key", [4100000000000000011, 2**63, 2**64 - 1, 2**64, 41000000000000000000000000011])
def test_no_digit_of_a_key_is_lost(key: int) -> None:
    assert loads(b'{"key": %d}' % key) == {"key": key}


def test_a_long_number_in_a_text_stays_a_text() -> None:
    assert loads(b'{"key": "41000000000000000000000000011"}') == {"key": "41000000000000000000000000011"}


def test_a_byte_order_mark_does_not_matter() -> None:
    assert loads(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"[1,]", b"\xff\xfe", b'{"key": 99999999999999999999999'])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        loads(body)


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token": "s3cr3t-value", "x": 1}',
        '{"refresh_token":"s3cr3t-value"',
        '{"password": "a\\"s3cr3t-value"}',
        "grant_type=password&password=s3cr3t-value&x=1",
        "Authorization: Bearer s3cr3t-value",
        "Authorization: Basic s3cr3t-value",
        "client_secret=s3cr3t-value",
    ],
)
def test_what_looks_like_a_secret_is_cut_out(text: str) -> None:
    assert "s3cr3t" not in Redactor().excerpt(text)


def test_a_known_secret_is_cut_out_wherever_it_stands() -> None:
    redactor = Redactor()
    redactor.conceal("correct horse", None, "")
    redactor.conceal_token("battery-staple")

    assert redactor.excerpt(b"is correct horse and battery-staple") == "is [removed] and [removed]"


def test_a_secret_on_the_edge_of_the_excerpt_is_not_shown_in_part() -> None:
    redactor = Redactor()
    redactor.conceal("0123456789")

    assert "0123" not in redactor.excerpt("x" * 495 + "0123456789")


def test_stored_secrets_are_remembered_however_many_tokens_come_and_go() -> None:
    redactor = Redactor()
    redactor.conceal("correct horse")
    for number in range(1000):
        redactor.conceal_token(f"token-{number:04}")

    assert redactor.excerpt("correct horse, token-0999") == "[removed], [removed]"
