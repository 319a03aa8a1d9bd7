"""Signals that come by a message bus."""

from cerberus.adapters.bus.nats_signals import NatsSignals, ensure_installed

__all__ = ["NatsSignals", "ensure_installed"]
