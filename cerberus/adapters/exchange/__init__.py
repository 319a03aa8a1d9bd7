"""The only exchange adapter: the real ccxt client, on a venue or on the simulator."""

from cerberus.adapters.exchange import ccxt_import  # noqa: F401  # first, it makes the rest quick
from cerberus.adapters.exchange.adapter import CcxtExchange
from cerberus.adapters.exchange.binance import PacedBinance, open_binance
from cerberus.adapters.exchange.clients import ExpiringGate, open_gate
from cerberus.adapters.exchange.pacing import Spender

__all__ = ["CcxtExchange", "ExpiringGate", "PacedBinance", "Spender", "open_binance", "open_gate"]
