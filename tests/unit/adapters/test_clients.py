from collections.abc import Iterator
from typing import Any

import pytest

from cerberus.adapters.exchange.clients import open_gate, placement_expiry

API = ["private", "spot"]


def urls(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for one in told.values():
            yield from urls(one)
    else:
        yield told


def test_a_redirected_client_speaks_to_nobody_else() -> None:
    client = open_gate("k", "s", url="http://127.0.0.1:1", timeout_seconds=2)

    assert {url.startswith("http://127.0.0.1:1/api/v4") for url in urls(client.urls["api"])} == {
        True
    }
    assert client.timeout == 2000
    assert client.number is str


def test_the_test_network_is_not_the_venue() -> None:
    live = open_gate("k", "s", url=None, timeout_seconds=2)
    test = open_gate("k", "s", url=None, timeout_seconds=2, testnet=True)

    assert not set(urls(live.urls["api"])) & set(urls(test.urls["api"]))


@pytest.mark.parametrize(
    ("method", "expiry", "sent"),
    [("POST", 1234, "1234"), ("POST", None, None), ("GET", 1234, None), ("DELETE", 1234, None)],
)
def test_only_a_placement_carries_an_expiry(
    method: str, expiry: int | None, sent: str | None
) -> None:
    client = open_gate("k", "s", url="http://127.0.0.1:1", timeout_seconds=2)
    token = placement_expiry.set(expiry)
    try:
        request = client.sign("orders", API, method, {})
    finally:
        placement_expiry.reset(token)

    assert request["headers"].get("x-gate-exptime") == sent
    assert "SIGN" in request["headers"]
