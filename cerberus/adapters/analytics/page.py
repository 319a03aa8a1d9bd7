"""A report as one HTML page that needs nothing else: no script, no font, no host."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from html import escape

from cerberus.domain.analytics.advice import Advice
from cerberus.domain.analytics.outcomes import Outcomes
from cerberus.domain.analytics.report import WEEKDAYS, Report

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2733; background: #f4f6f8; margin: 0; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
.range { color: #5b6b7b; margin: .2rem 0 1.2rem; }
section { background: #fff; border: 1px solid #dde3e9; border-radius: 8px;
  padding: 1rem 1.2rem; margin: 0 0 1rem; overflow-x: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
  gap: .9rem 1.2rem; margin: 0; }
.tiles dt { color: #5b6b7b; font-size: .82rem; } .tiles dd { margin: 0; font-size: 1.15rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid #e8ecf0;
  white-space: nowrap; }
th { color: #5b6b7b; font-weight: 600; font-size: .82rem; }
th:first-child, td:first-child, .words :is(th, td):nth-child(2) { text-align: left; }
.words td { white-space: normal; }
.gain { color: #1a7f5a; } .loss { color: #c0392b; } .none { color: #8a98a6; }
svg { width: 100%; height: auto; }
"""
_DAY = timedelta(days=1)
_HEADINGS = ("trades", "win rate", "result", "gained", "lost", "fees", "profit factor", "a trade")


def page(report: Report, advice: Sequence[Advice], charts: str | None) -> str:
    """Return the page; `charts` is an SVG drawing."""
    span = report.span
    days = f"{span.seconds / _DAY.total_seconds():g}"
    hours = {f"{hour:02d}:00": one for hour, one in report.by_hour.items()}
    weekdays = {WEEKDAYS[day]: one for day, one in report.by_weekday.items()}
    drawn = charts or '<p class="none">no charts: the extra "charts" is not installed</p>'
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Cerberus, {span.start:%Y-%m-%d} to {span.end:%Y-%m-%d}</title>",
            f"<style>{_STYLE}</style></head><body><main><h1>How trading went</h1>",
            f'<p class="range">{span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC, ',
            f"{days} days; money in USD, times in UTC</p>",
            _section("Figures", _tiles(report)),
            _section("Recommendations", _words(advice)),
            _section("Charts", drawn),
            _groups("By symbol", report.by_symbol),
            _groups("By strategy", report.by_strategy),
            _groups("By weekday of the close", weekdays),
            _groups("By hour of the close", hours),
            "</main></body></html>\n",
        )
    )


def _tiles(report: Report) -> str:
    total, ratios, fall = report.total, report.ratios, report.drawdown
    told = (
        ("result", _money(total.net)),
        ("equity at the end", _plain(report.equity_end)),
        ("closed trades", f"{total.trades:,}"),
        ("still open", f"{report.open_positions:,}"),
        ("win rate", _percent(total.win_rate)),
        ("profit factor", _number(total.profit_factor)),
        ("a trade on average", _money(total.expectancy)),
        ("best, worst trade", f"{_money(report.best)} / {_money(report.worst)}"),
        ("Sharpe", _number(ratios.sharpe)),
        ("Sortino", _number(ratios.sortino)),
        ("Calmar", _number(ratios.calmar)),
        ("volatility a year", _percent(ratios.volatility)),
        ("deepest drawdown", f"{_percent(fall.depth_rate)} ({fall.depth_usd:,.2f})"),
        ("longest drawdown", _lasting(fall.longest_seconds, is_over=fall.is_recovered)),
        ("time in the market", _percent(report.exposure.time_rate)),
        ("held on average", f"{report.exposure.average_usd:,.2f}"),
        ("fees", _plain(report.costs.fees)),
        ("funding", _money(report.costs.funding)),
        ("slippage, estimated", f"{report.costs.slippage_usd:,.2f}"),
        ("slippage of value", _percent(report.costs.slippage_rate, 4)),
    )
    shown = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in told)
    return f'<dl class="tiles">{shown}</dl>'


def _words(advice: Sequence[Advice]) -> str:
    if not advice:
        return '<p class="none">nothing is beyond its threshold</p>'
    rows = (
        (escape(one.subject), escape(one.text), f"{one.value:.4g}", f"{one.limit:.4g}")
        for one in advice
    )
    return _table("words", ("about", "recommendation", "value", "threshold"), rows)


def _groups(title: str, groups: Mapping[str, Outcomes]) -> str:
    rows = (
        (
            escape(name),
            f"{one.trades:,}",
            _percent(one.win_rate),
            _money(one.net),
            _plain(one.gained),
            _plain(one.lost),
            _plain(one.fees),
            _number(one.profit_factor),
            _money(one.expectancy),
        )
        for name, one in groups.items()
    )
    return _section(title, _table("groups", ("", *_HEADINGS), rows)) if groups else ""


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>"


def _table(kind: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{one}</th>" for one in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _money(amount: Decimal | None) -> str:
    if amount is None:
        return _nothing()
    kind = "loss" if amount < 0 else "gain" if amount > 0 else "none"
    return f'<span class="{kind}">{amount:+,.2f}</span>'


def _plain(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _number(value: float | Decimal | None) -> str:
    return _nothing() if value is None else f"{value:,.2f}"


def _percent(value: float | Decimal | None, digits: int = 2) -> str:
    return _nothing() if value is None else f"{100 * float(value):,.{digits}f} %"


def _nothing() -> str:
    return '<span class="none">not defined</span>'


def _lasting(seconds: float, *, is_over: bool) -> str:
    told = f"{seconds / 86_400:.1f} days" if seconds >= 86_400 else f"{seconds / 3600:.1f} hours"
    return told if is_over else f"{told}, goes on"
