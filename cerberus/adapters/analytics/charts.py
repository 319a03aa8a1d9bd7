"""The charts of a report: equity, drawdown, results, and when trades were closed.

Drawn by matplotlib, which is an extra: without it there are none, and the report says so.
"""

from datetime import datetime
from io import BytesIO
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from cerberus.domain.analytics.columns import Span
from cerberus.domain.analytics.report import WEEKDAYS, Bin, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAIN, LOSS, LINE = "#1a7f5a", "#c0392b", "#1f4e79"


def draw_charts(report: Report) -> tuple[bytes, str] | None:
    """Return the charts as PNG and as SVG, None where matplotlib is not installed."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        return None
    with rc_context({"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "cerberus"}):
        figure = Figure(figsize=(11, 7.2), layout="constrained")
        figure.suptitle(
            f"{report.span.start:%Y-%m-%d %H:%M} to {report.span.end:%Y-%m-%d %H:%M} UTC"
        )
        ((top_left, top_right), (low_left, low_right)) = figure.subplots(2, 2)
        _draw_equity(top_left, report)
        _draw_drawdown(top_right, report)
        _draw_results(low_left, report)
        _draw_heat_map(figure, low_right, report)
        return _written(figure, "png"), _inline(_written(figure, "svg").decode())


def _draw_equity(axes: "Axes", report: Report) -> None:
    times = [_day(one.at) for one in report.curve]
    values = [float(one.equity) for one in report.curve]
    axes.plot(times, values, color=LINE, linewidth=1.4, drawstyle="steps-post")
    axes.axhline(values[0], color="grey", linewidth=0.7, linestyle=":")
    _dress(axes, "equity, USD", report.span)


def _draw_drawdown(axes: "Axes", report: Report) -> None:
    times = [_day(one.at) for one in report.curve]
    values = [float(one.equity) for one in report.curve]
    peaks = accumulate(values, max)
    falls = [
        100 * (value / peak - 1) if peak > 0 else 0.0
        for value, peak in zip(values, peaks, strict=True)
    ]
    axes.fill_between(times, falls, 0, color=LOSS, alpha=0.35, step="post", linewidth=0)
    axes.plot(times, falls, color=LOSS, linewidth=1, drawstyle="steps-post")
    axes.set_ylim(top=0)
    _dress(axes, "drawdown, % below the peak", report.span)


def _draw_results(axes: "Axes", report: Report) -> None:
    bins = report.distribution
    places = range(len(bins))
    colours = [LOSS if one.end is not None and one.end <= 0 else GAIN for one in bins]
    axes.bar(places, [one.trades for one in bins], color=colours, width=0.9)
    every = max(1, len(bins) // 10)
    shown = list(places)[::every]
    axes.set_xticks(shown, [_name(bins[place]) for place in shown], rotation=45, ha="right")
    axes.set_title("trades by result, USD")
    axes.grid(axis="y", alpha=0.3)
    _say_when_empty(axes, is_empty=not bins)


def _draw_heat_map(figure: "Figure", axes: "Axes", report: Report) -> None:
    rows = [
        [
            float(one.net) if (one := report.by_weekday_and_hour.get((day, hour))) else float("nan")
            for hour in range(24)
        ]
        for day in range(7)
    ]
    most = max((abs(one) for row in rows for one in row if one == one), default=0) or 1.0
    image = axes.imshow(rows, cmap="RdYlGn", vmin=-most, vmax=most, aspect="auto")
    axes.set_yticks(range(7), [name[:3] for name in WEEKDAYS])
    axes.set_xticks(range(0, 24, 3), [f"{hour:02d}" for hour in range(0, 24, 3)])
    axes.set_title("result by weekday and hour of the close (UTC), USD")
    figure.colorbar(image, ax=axes, shrink=0.85)
    _say_when_empty(axes, is_empty=not report.by_weekday_and_hour)


def _dress(axes: "Axes", title: str, span: Span) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.set_xlim(_day(span.start), _day(span.end))
    locator = AutoDateLocator(maxticks=7)  # type: ignore[no-untyped-call]  # untyped there
    formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]  # untyped there
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_title(title)
    axes.grid(alpha=0.3)


def _say_when_empty(axes: "Axes", *, is_empty: bool) -> None:
    if is_empty:
        middle: dict[str, Any] = {"ha": "center", "va": "center", "color": "grey"}
        axes.text(0.5, 0.5, "no closed trade", transform=axes.transAxes, **middle)


def _day(at: datetime) -> float:
    """Return a moment as matplotlib counts: in days since 1970."""
    return at.timestamp() / 86_400


def _name(one: Bin) -> str:
    if one.start is None:
        return f"< {one.end:g}"
    return f"{one.start:g}" if one.end is not None else f">= {one.start:g}"


def _written(figure: "Figure", kind: str) -> bytes:
    file = BytesIO()
    # a date in it would make every drawing another one
    nothing = {"Date": None} if kind == "svg" else {}
    figure.savefig(file, format=kind, dpi=110, metadata=nothing)
    return file.getvalue()


def _inline(text: str) -> str:
    """Return what belongs into a page: the drawing without the document around it."""
    return text[text.index("<svg") :]
