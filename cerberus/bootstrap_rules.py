"""From the settings to the limits and rules as domain and services know them."""

from datetime import time, timedelta
from decimal import Decimal

from cerberus.domain.market import MarketType, parse_symbol
from cerberus.domain.risk import RiskLimits
from cerberus.domain.validation import SignalRules
from cerberus.errors import Misconfigured
from cerberus.services.desk import TradingRules
from cerberus.settings import RiskSettings, TradingSettings


def risk_limits(settings: RiskSettings) -> RiskLimits:
    """Return the limits as the domain knows them."""
    start, _, end = settings.trading_hours_utc.partition("-")
    try:
        hours = time.fromisoformat(start), time.fromisoformat(end)
    except ValueError as error:
        raise Misconfigured(f"CERBERUS_RISK_TRADING_HOURS_UTC: {error}") from error
    return RiskLimits(
        risk_usd=settings.usd_per_trade,
        leverage_max=settings.max_leverage,
        leverage_default=min(settings.default_leverage, settings.max_leverage),
        positions_max=settings.max_positions,
        exposure_usd=settings.max_exposure_usd,
        drawdown_rate=settings.max_drawdown_percent / 100,
        daily_loss_usd=settings.max_daily_loss_usd,
        losses_in_a_row=settings.max_losses_in_a_row,
        cooldown=timedelta(seconds=settings.cooldown_seconds),
        quote_age=timedelta(seconds=float(settings.max_quote_age_seconds)),
        spread_rate=settings.max_spread_percent / 100,
        confidence=settings.min_confidence,
        hours_from=hours[0],
        hours_to=hours[1],
    )


def trading_rules(settings: TradingSettings) -> TradingRules:
    """Return the rules of the desk that are no risk limit."""
    kind = MarketType(settings.market_type)
    symbols = [text.strip() for text in settings.symbols.split(",") if text.strip()]
    return TradingRules(
        market_type=kind,
        signal_rules=SignalRules(max_age=timedelta(seconds=settings.signal_age_seconds)),
        stop_loss_percent=settings.stop_loss_percent,
        take_profit_percent=settings.take_profit_percent,
        market_band_rate=settings.market_band_percent / Decimal(100),
        symbols=tuple(parse_symbol(symbol, kind) for symbol in symbols),
        timeframe=settings.timeframe,
    )
