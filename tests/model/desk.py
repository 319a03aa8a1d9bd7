"""A desk on a venue that a test drives, over a store in memory."""

import shutil
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from cerberus.adapters.clock import WallClock
from cerberus.adapters.store import SqlStore
from cerberus.adapters.store.migrate import migrate
from cerberus.domain.risk import RiskLimits
from cerberus.services.desk import Desk, TradingRules
from tests.model.venue import Clock, ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal
ROOMY = RiskLimits(
    risk_usd=D(10_000),
    exposure_usd=D(1_000_000),
    drawdown_rate=D("0.99"),
    daily_loss_usd=D(1_000_000),
    losses_in_a_row=10_000,
    cooldown=timedelta(0),
)
#: in memory where the system has such a folder: the disk is not what is tested
_MEMORY = Path("/dev", "shm")
FOLDER = str(_MEMORY) if _MEMORY.is_dir() else None
_TEMPLATE: list[Path] = []


def new_store(folder: Path) -> SqlStore:
    """Return an empty store in a folder."""
    if not _TEMPLATE:
        made = Path(tempfile.mkdtemp(dir=FOLDER)) / "template.db"
        migrate(f"sqlite:///{made}", made.parent, WallClock().now())
        _TEMPLATE.append(made)
    copied = shutil.copy(_TEMPLATE[0], folder / "model.db")
    return SqlStore(f"sqlite:///{copied}")


def new_desk(venue: ModelVenue, store: SqlStore, clock: Clock) -> Desk:
    """Return a desk that has recovered and knows nothing but the store."""
    desk = Desk(
        exchange=venue,
        store=store,
        market_clock=clock,
        wall_clock=clock,
        limits=ROOMY,
        rules=TradingRules(),
        recovered=True,
    )
    desk.instruments = {SWAP.symbol: SWAP}
    return desk
