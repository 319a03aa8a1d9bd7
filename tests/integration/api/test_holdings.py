"""Open positions at the prices of now."""

from decimal import Decimal

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def test_an_open_position_is_told_with_what_closing_it_now_would_make(pair: Pair) -> None:
    pair.enter(quantity="0.05")

    status, told = pair.api.get("/api/holdings")

    assert (status, told["total"]) == (200, 1)
    (held,) = told["positions"]
    rise = Decimal(held["price"]) - Decimal(held["entry_price"])
    sign = 1 if held["side"] == "buy" else -1
    open_result = sign * rise * Decimal(held["quantity"])
    assert Decimal(held["result"]) == Decimal(held["net_pnl"]) + open_result
    assert pair.api.get(f"/api/holdings?symbol={held['symbol']}")[1]["total"] == 1
    assert pair.api.get("/api/holdings?symbol=XRPUSDT")[1]["total"] == 0


def test_a_symbol_that_is_none_is_refused_by_name(pair: Pair) -> None:
    status, told = pair.api.get("/api/holdings?symbol=12")

    assert status == 422
    assert "symbol" in told["errors"][0]["field"]
