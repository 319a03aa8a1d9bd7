"""Binance's wire: spot REST v3, USDT-margined futures, user-data streams."""
