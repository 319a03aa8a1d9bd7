"""Candles in, at most one signal out: strategies, their fusion and the policy over them."""

from cerberus.strategies.evaluation import Evaluation, StrategySettings, evaluate
from cerberus.strategies.policy import Policy, Standing
from cerberus.strategies.registry import REGISTRY, strategies_named
from cerberus.strategies.verdict import Strategy, Verdict

__all__ = [
    "REGISTRY",
    "Evaluation",
    "Policy",
    "Standing",
    "Strategy",
    "StrategySettings",
    "Verdict",
    "evaluate",
    "strategies_named",
]
