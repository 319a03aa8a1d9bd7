"""Who may call a webhook."""

from datetime import UTC, datetime, timedelta

import pytest

from cerberus.domain.webhooks.credentials import Signature, is_same, is_signed, sign, unspent

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
KEY, BODY, NONCE = "key-of-the-test", b'{"a": 1}', "0123456789abcdef"


def signed(at: datetime = NOW, nonce: str = NONCE, body: bytes = BODY) -> Signature:
    timestamp = str(int(at.timestamp()))
    return Signature(timestamp, nonce, sign(KEY, timestamp, nonce, body))


def test_the_signature_is_the_hmac_that_anybody_can_compute() -> None:
    # printf 1700000000.0123456789abcdef.hello | openssl dgst -sha256 -hmac key
    expected = "f15c35c379d0e4cdba3790a7feb4dc1bcc22ca2b875c619ea93e39de58a30cd8"

    assert sign("key", "1700000000", NONCE, b"hello") == f"sha256={expected}"


@pytest.mark.parametrize("minutes", [-5, 0, 1])
def test_a_call_that_was_signed_lately_is_genuine(minutes: int) -> None:
    assert is_signed(KEY, signed(NOW + timedelta(minutes=minutes)), BODY, NOW)


@pytest.mark.parametrize(
    "signature",
    [
        signed(NOW - timedelta(minutes=5, seconds=1)),
        signed(NOW + timedelta(minutes=1, seconds=1)),
        signed(body=b'{"a": 2}'),
        Signature(signed().timestamp, NONCE, ""),
        Signature(signed().timestamp, NONCE, "sha256=" + "0" * 64),
        Signature(signed().timestamp, "another-nonce-0000", signed().digest),
        Signature(str(int(NOW.timestamp()) + 1), NONCE, signed().digest),
        Signature("", "", ""),
        Signature("٣٣٣", NONCE, "\ud800"),
    ],
)
def test_any_other_call_is_not(signature: Signature) -> None:
    assert not is_signed(KEY, signature, BODY, NOW)


@pytest.mark.parametrize(
    ("timestamp", "nonce"),
    [
        ("soon", NONCE),
        ("999999999999", NONCE),
        ("-1", NONCE),
        (str(int(NOW.timestamp())), "short"),
        (str(int(NOW.timestamp())), "n" * 65),
        (str(int(NOW.timestamp())), "nonce with spaces"),
    ],
)
def test_rightly_signed_nonsense_is_refused_too(timestamp: str, nonce: str) -> None:
    nonsense = Signature(timestamp, nonce, sign(KEY, timestamp, nonce, BODY))

    assert not is_signed(KEY, nonsense, BODY, NOW)


def test_tokens_are_compared_whatever_characters_they_have() -> None:
    assert is_same("token", "token")
    assert not is_same("token", "tokeñ")
    assert not is_same("token", "\ud800")
    assert not is_same("token", "")


def test_a_spent_nonce_is_forgotten_when_its_signature_is_too_old_anyway() -> None:
    at = int(NOW.timestamp())
    spent = {"old": str(at - 301), "edge": str(at - 300), "ahead": str(at + 60)}

    assert set(unspent(spent, NOW)) == {"edge", "ahead"}
