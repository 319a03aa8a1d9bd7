"""Recommendations: what a person should look at, each with its number and its threshold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.analytics.outcomes import Outcomes
from cerberus.domain.analytics.report import Report


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation: `value` was measured, and `limit` is what it was held against."""

    name: str
    subject: str
    text: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something is worth a person's look; fewer trades than `trades` say nothing."""

    trades: int = 20
    profit_factor: float = 1.0
    win_rate: float = 0.35
    fees_share: float = 0.3
    slippage_rate: float = 0.001
    drawdown_rate: float = 0.04
    drawdown_days: float = 14.0
    sharpe: float = 0.5
    average_exposure_rate: float = 1.0
    #: what the worst hour loses, as a share of everything that was gained
    hour_share: float = 0.1


def advise(report: Report, limits: Thresholds | None = None) -> list[Advice]:
    """Return the recommendations, the ones about everything first."""
    told = Thresholds() if limits is None else limits
    if report.total.trades < told.trades:
        return [
            Advice(
                "few_trades",
                "all",
                "too few trades to judge anything by: let it run, and look at a longer range",
                report.total.trades,
                told.trades,
            )
        ]
    return [
        *_of_results(report, told),
        *_of_costs(report, told),
        *_of_risk(report, told),
        *_of_groups("strategy", report.by_strategy, told),
        *_of_groups("symbol", report.by_symbol, told),
        *_of_hours(report, told),
    ]


def _of_results(report: Report, limits: Thresholds) -> Iterator[Advice]:
    total = report.total
    if total.win_rate is not None and total.win_rate < limits.win_rate and total.net < 0:
        yield Advice(
            "win_rate",
            "all",
            "few trades win and the gains do not make up for it: be stricter about confidence",
            float(total.win_rate),
            limits.win_rate,
        )
    sharpe = report.ratios.sharpe
    if sharpe is not None and sharpe < limits.sharpe and total.net > 0:
        yield Advice(
            "sharpe",
            "all",
            "the gains are small for how much the days differ: trade smaller, or fewer symbols",
            sharpe,
            limits.sharpe,
        )


def _of_costs(report: Report, limits: Thresholds) -> Iterator[Advice]:
    total, costs = report.total, report.costs
    before_fees = total.gained + total.fees
    share = float(total.fees / before_fees) if before_fees > 0 else 0.0
    if share > limits.fees_share:
        yield Advice(
            "fees",
            "all",
            "fees eat much of what is gained: limit entries, or fewer and larger trades",
            share,
            limits.fees_share,
        )
    if costs.slippage_rate is not None and costs.slippage_rate > limits.slippage_rate:
        yield Advice(
            "slippage",
            "all",
            "entries fill much worse than planned: limit entries, or smaller orders",
            costs.slippage_rate,
            limits.slippage_rate,
        )


def _of_risk(report: Report, limits: Thresholds) -> Iterator[Advice]:
    fall, days = report.drawdown, report.drawdown.longest_seconds / 86_400
    if fall.depth_rate > limits.drawdown_rate:
        yield Advice(
            "drawdown_depth",
            "all",
            "the equity fell far below its peak: less risk for each trade",
            fall.depth_rate,
            limits.drawdown_rate,
        )
    if days > limits.drawdown_days:
        yield Advice(
            "drawdown_length",
            "all",
            "the equity stayed below a peak for long, in days: does the strategy still fit?",
            days,
            limits.drawdown_days,
        )
    average = report.exposure.average_rate
    if average is not None and average > limits.average_exposure_rate:
        yield Advice(
            "exposure",
            "all",
            "more than the whole equity was held on average: lower leverage or exposure",
            average,
            limits.average_exposure_rate,
        )


def _of_groups(kind: str, groups: Mapping[str, Outcomes], limits: Thresholds) -> Iterator[Advice]:
    for name, one in groups.items():
        factor = one.profit_factor
        if one.trades >= limits.trades and factor is not None and factor < limits.profit_factor:
            yield Advice(
                f"{kind}_loses",
                name,
                f"this {kind} has lost {_usd(-one.net)} USD: pause it, or test it anew",
                float(factor),
                limits.profit_factor,
            )


def _of_hours(report: Report, limits: Thresholds) -> Iterator[Advice]:
    """Tell the worst hour where it takes a good part of what is gained."""
    worst = min(report.by_hour.items(), key=lambda one: one[1].net, default=None)
    if worst is None or worst[1].trades < limits.trades or report.total.gained <= 0:
        return
    hour, one = worst
    share = float(-one.net / report.total.gained)
    if share > limits.hour_share:
        yield Advice(
            "hour_loses",
            f"{hour:02d}:00 UTC",
            f"trades closed in this hour have lost {_usd(-one.net)} USD: leave it out",
            share,
            limits.hour_share,
        )


def _usd(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
