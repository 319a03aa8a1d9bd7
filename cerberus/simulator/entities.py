"""What the venue remembers: frozen records; a change makes a new one."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cerberus.domain.margin import Exposure
from cerberus.domain.matching import Side

ZERO = Decimal(0)
#: stands for the fee rates of the pair itself
PAIRS_RATE = Decimal(-1)
NO_EXPOSURE = Exposure()

#: the two sub-accounts that trade
Account = Literal["spot", "futures"]
SPOT: Account = "spot"
FUTURES: Account = "futures"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of either account.

    Quantities are base units on spot and contracts on futures; a spot market buy counts in quote
    currency (`in_quote`). `finish_as` is empty while the order is open. A futures market order has
    price 0, and `close` marks one that closes whatever is open. `trigger_id` names the trigger that
    placed it.
    """

    id: int
    account: Account
    market: str
    text: str
    side: Side
    kind: str
    tif: str
    price: Decimal
    quantity: Decimal
    left: Decimal
    created_ms: int
    updated_ms: int
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    fee_currency: str = ""
    pnl: Decimal = ZERO
    in_quote: bool = False
    reduce_only: bool = False
    close: bool = False
    liquidation: bool = False
    finish_as: str = ""
    fee_rate: Decimal = PAIRS_RATE
    trigger_id: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the order still rests in the book."""
        return not self.finish_as

    @property
    def average(self) -> Decimal:
        """The mean price of what filled, 0 when nothing did."""
        return self.cost / self.filled if self.filled else ZERO


@dataclass(frozen=True, slots=True)
class Trigger:
    """A price-triggered order: placed when the last price reaches `trigger_price` by `rule`.

    `venue_type` is the type under which Binance's wire took it, empty on Gate's.
    """

    id: int
    account: Account
    market: str
    side: Side
    kind: str
    tif: str
    price: Decimal
    quantity: Decimal
    rule: str
    trigger_price: Decimal
    price_type: int
    expiration: int
    created_ms: int
    text: str = ""
    order_type: str = ""
    reduce_only: bool = False
    close: bool = False
    finish_as: str = ""
    reason: str = ""
    order_id: int = 0
    finished_ms: int = 0
    venue_type: str = ""
    fee_rate: Decimal = PAIRS_RATE

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return not self.finish_as

    @property
    def holds_funds(self) -> bool:
        """Whether it locks what it would spend, as Binance's stop orders do on spot."""
        return self.account == SPOT and bool(self.venue_type)

    @property
    def expires_ms(self) -> int:
        """When it is given up, 0 for never."""
        return self.created_ms + self.expiration * 1000 if self.expiration else 0


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `close_size` is the signed part that reduced a futures position."""

    id: int
    account: Account
    market: str
    order_id: int
    text: str
    side: Side
    price: Decimal
    quantity: Decimal
    role: str
    fee: Decimal
    fee_currency: str
    created_ms: int
    close_size: Decimal = ZERO
    pnl: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Position:
    """The net position of one contract, kept when its size is 0 for its leverage and history."""

    market: str
    leverage: Decimal
    exposure: Exposure = NO_EXPOSURE
    pnl_pnl: Decimal = ZERO
    pnl_fee: Decimal = ZERO
    pnl_fund: Decimal = ZERO
    history_pnl: Decimal = ZERO
    last_close_pnl: Decimal = ZERO
    opened_ms: int = 0
    updated_ms: int = 0
    update_id: int = 0
    max_size: Decimal = ZERO
    closed_size: Decimal = ZERO
    closed_value: Decimal = ZERO

    @property
    def size(self) -> Decimal:
        """Signed contracts."""
        return self.exposure.size

    @property
    def realised(self) -> Decimal:
        """Profit, fees and funding of the open position."""
        return self.pnl_pnl + self.pnl_fee + self.pnl_fund


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of a wallet; a wallet's total is the sum of its changes."""

    id: int
    account: Account
    currency: str
    kind: str
    change: Decimal
    balance: Decimal
    market: str
    text: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class ClosedPosition:
    """The history line of a position that was closed."""

    id: int
    market: str
    side: str
    pnl_pnl: Decimal
    pnl_fee: Decimal
    pnl_fund: Decimal
    text: str
    max_size: Decimal
    closed_size: Decimal
    entry_price: Decimal
    exit_price: Decimal
    opened_ms: int
    created_ms: int
    liquidation: bool = False
