"""A comparison with the backtest as people read it."""

from cerberus.client.parity import MOST_ROWS, gauges, summary, table
from tests.flows.test_parity import answer

ONE = answer()["rows"][0]


def test_a_line_tells_both_sides_and_the_differences_at_the_right() -> None:
    refused = {
        **ONE,
        "outcome": "backtest_only",
        "live": {"status": "refused", "reason": "", "note": "cooldown"},
        "backtest": {"status": "open", "reason": ""},
        **dict.fromkeys(("entry_bps", "exit_bps", "pnl_bps")),
    }

    heading, both, missed = table(answer(rows=[ONE, refused])).splitlines()

    assert heading.split() == [
        *("symbol", "side", "at", "outcome", "live", "backtest", "entry", "exit", "result")
    ]
    assert both.split()[:4] == ["BTC/USDT:USDT", "buy", "2026-03-02", "12:00"]
    assert both.endswith("both           closed: stop       closed: target   +3.2  +300.0  -304.0")
    assert missed.split("backtest_only")[1].split() == ["refused:", "cooldown", "open"]


def test_a_long_table_ends_with_how_many_are_left() -> None:
    lines = table(answer(rows=[ONE] * (MOST_ROWS + 3))).splitlines()

    assert (len(lines), lines[-1]) == (MOST_ROWS + 2, "and 3 more")
    assert table(answer(rows=[])) == "no signals"


def test_the_summary_names_sums_medians_and_the_largest() -> None:
    lines = summary(answer()).splitlines()

    assert lines[0] == (
        "1 trades closed on both sides: live -5.20, backtest +10.00, difference -15.20 USD"
    )
    assert "results apart +304.0 (threshold 25)" in lines[1]
    assert lines[2].startswith("1 left for another reason; only live 0, only backtest 0")
    assert lines[3] == (
        "BTC/USDT:USDT buy 2026-03-02 12:00: -304.0 bps, -15.20 USD, live stop, backtest target"
    )


def test_what_nothing_tells_is_no_figure() -> None:
    nothing = dict.fromkeys(("entry_bps", "exit_bps", "pnl_bps", "distance_bps"))

    found = gauges(answer(medians=nothing))

    assert found == {
        "both_count": 1.0,
        "live_only_count": 0.0,
        "backtest_only_count": 0.0,
        "difference_usd": -15.2,
    }
