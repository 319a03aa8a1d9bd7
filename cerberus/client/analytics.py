"""A report in a few lines, for people who read it on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

#: how many recommendations a message has
MOST_WORDS = 5

Shown = Mapping[str, Any]


def title(report: Shown) -> str:
    """Return the heading of the message."""
    return f"trading from {_moment(report['from'])} to {_moment(report['to'])} UTC"


def describe(report: Shown) -> str:
    """Return the message: the figures, then what a person should look at."""
    total, ratios, fall, costs = (report[name] for name in ("total", "ratios", "drawdown", "costs"))
    lines = [
        f"result {_usd(total['net'])} USD, equity {_plain(report['equity_end'])} USD",
        f"{total['trades']} closed trades, {report['open_positions']} still open, "
        f"win rate {_percent(total['win_rate'])}",
        f"profit factor {_ratio(total['profit_factor'])}, "
        f"a trade on average {_usd(total['expectancy'])}, "
        f"best {_usd(report['best'])}, worst {_usd(report['worst'])}",
        f"Sharpe {_ratio(ratios['sharpe'])}, Sortino {_ratio(ratios['sortino'])}, "
        f"Calmar {_ratio(ratios['calmar'])}",
        f"deepest drawdown {_percent(fall['depth_rate'])}, "
        f"longest {fall['longest_seconds'] / 86_400:.1f} days"
        + ("" if fall["is_recovered"] else " and going on"),
        f"fees {_plain(costs['fees'])}, funding {_usd(costs['funding'])}, "
        f"slippage about {costs['slippage_usd']:.2f} USD; "
        f"in the market for {_percent(report['exposure']['time_rate'])} of the time",
    ]
    return "\n".join([*lines, *_words(report["recommendations"])])


def gauges(report: Shown) -> dict[str, float]:
    """Return the metrics of the execution; what is not defined is left out."""
    total, ratios = report["total"], report["ratios"]
    found = {
        "closed_trades_count": total["trades"],
        "net_pnl_usd": total["net"],
        "fees_usd": total["fees"],
        "win_rate_ratio": total["win_rate"],
        "profit_factor_ratio": total["profit_factor"],
        "sharpe_ratio": ratios["sharpe"],
        "drawdown_ratio": report["drawdown"]["depth_rate"],
        "recommendations_count": len(report["recommendations"]),
    }
    return {name: float(value) for name, value in found.items() if value is not None}


def _words(advice: Sequence[Shown]) -> list[str]:
    shown = [
        f"- {one['subject']}: {one['text']} ({one['value']:.4g}, threshold {one['limit']:.4g})"
        for one in advice[:MOST_WORDS]
    ]
    rest = len(advice) - len(shown)
    return [*shown, *([f"- and {rest} more"] if rest else [])]


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


def _usd(value: str | None) -> str:
    return "none" if value is None else f"{Decimal(value):+.2f}"


def _plain(value: str) -> str:
    return f"{Decimal(value):.2f}"


def _ratio(value: str | float | None) -> str:
    return "not defined" if value is None else f"{float(value):.2f}"


def _percent(value: str | float | None) -> str:
    return "not defined" if value is None else f"{float(value):.1%}"
