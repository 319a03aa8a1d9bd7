from cerberus.client.daily import MOST_TRADES, day, describe

HEALTH = {"market_time": "2026-03-01T18:00:00+00:00"}
RISK = {"equity": "10100.5", "drawdown_rate": "0.0123"}


def trade(closed_at: str, net_pnl: str) -> dict[str, object]:
    return {"closed_at": closed_at, "net_pnl": net_pnl, "fees": "1.5"}


def test_the_day_counts_what_was_closed_in_its_24_hours() -> None:
    trades = [
        trade("2026-03-01T17:00:00Z", "20"),
        trade("2026-02-28T18:00:01Z", "-5"),
        trade("2026-02-28T18:00:00Z", "1000"),
    ]

    found = day(HEALTH, RISK, [{"result": "3.5"}, {"result": None}], trades)

    assert describe(found).splitlines() == [
        "24 hours until 2026-03-01 18:00 UTC",
        "closed trades: 2, 1 with a gain (50%)",
        "result +15.00 USD after 3.00 of fees, best +20.00, worst -5.00",
        "open positions: 2, +3.50 USD if closed now",
        "equity 10100.50 USD, 1.23% below its peak",
    ]


def test_a_day_without_trades_and_one_with_more_than_can_be_read_say_so() -> None:
    quiet = day(HEALTH, RISK, [], [])
    busy = day(HEALTH, RISK, [], [trade("2026-03-01T17:00:00Z", "1")] * MOST_TRADES)

    assert "closed trades: 0\n" in describe(quiet)
    assert f"closed trades: at least {MOST_TRADES}, " in describe(busy)
