"""Make reference.json: what quantstats and empyrical say of some series of daily returns.

Both bring half a gigabyte of libraries, so they are no part of the locks. In an environment of
their own, with quantstats 0.0.86 and empyrical-reloaded 0.7.1:

    python make_reference.py > reference.json
"""

import json
import random
import sys
import warnings

import empyrical
import pandas
import quantstats.stats as quantstats

DAYS_A_YEAR = 365


def series() -> dict[str, list[float]]:
    chance = random.Random(20170903)  # noqa: S311 - no secret
    return {
        "gaining": [chance.gauss(0.002, 0.01) for _ in range(90)],
        "losing": [chance.gauss(-0.003, 0.02) for _ in range(200)],
        "a month": [chance.gauss(0.0, 0.005) for _ in range(30)],
        "few trades": [chance.gauss(0.001, 0.02) * (chance.random() < 0.2) for _ in range(365)],
        "loses first": [-0.1, 0.02, 0.05, 0.01, -0.03, 0.04, 0.02],
    }


def described(values: list[float]) -> dict[str, dict[str, float]]:
    days = pandas.date_range("2026-01-01", periods=len(values), freq="D")
    told = pandas.Series(values, index=days)
    year = DAYS_A_YEAR
    return {
        "quantstats": {
            "total_return": quantstats.comp(told),
            "annual_growth": quantstats.cagr(told, periods=year),
            "volatility": quantstats.volatility(told, periods=year),
            "sharpe": quantstats.sharpe(told, periods=year),
            "sortino": quantstats.sortino(told, periods=year),
            "calmar": quantstats.calmar(told, periods=year),
            "daily_drawdown_rate": -quantstats.max_drawdown(told),
            "win_rate": quantstats.win_rate(told),
            "profit_factor": quantstats.profit_factor(told),
        },
        "empyrical": {
            "total_return": empyrical.cum_returns_final(told),
            "annual_growth": empyrical.annual_return(told, annualization=year),
            "volatility": empyrical.annual_volatility(told, annualization=year),
            "sharpe": empyrical.sharpe_ratio(told, annualization=year),
            "sortino": empyrical.sortino_ratio(told, annualization=year),
            "calmar": empyrical.calmar_ratio(told, annualization=year),
            "daily_drawdown_rate": -empyrical.max_drawdown(told),
        },
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = {name: {"returns": values} | described(values) for name, values in series().items()}
    json.dump(found, sys.stdout, indent=1, default=float)
