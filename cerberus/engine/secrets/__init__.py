"""The secrets of flows, and the values that must never be shown."""

from cerberus.engine.secrets.sources import SecretSources
from cerberus.engine.secrets.vault import Vault

__all__ = ["SecretSources", "Vault"]
