"""What the Cerberus API answers, as far as clients read it; decimals and times are strings."""

from typing import TypedDict


class Health(TypedDict):
    """The answer of `GET /health`."""

    status: str
    mode: str
    version: str
    uptime_seconds: float
    market_time: str
    entries_allowed: bool
    blocked_by: list[str]


class _SignalNeeded(TypedDict):
    symbol: str
    side: str


class Signal(_SignalNeeded, total=False):
    """A signal as it is told and as it is shown."""

    strategy: str
    confidence: str
    entry_type: str
    price: str | None
    trigger_price: str | None
    stop_loss: str | None
    stop_loss_percent: str | None
    trailing_stop_percent: str | None
    take_profit: str | None
    take_profit_percent: str | None
    quantity: str | None
    size_usd: str | None
    size_percent: str | None
    time_in_force: str | None
    leverage: int | None
    created_at: str | None
    expires_at: str | None
    id: str | None
    timeframe: str | None
    bar: str | None
    reason: str


class Considered(TypedDict):
    """What one strategy made of one symbol."""

    symbol: str
    strategy: str
    signal: bool
    reason: str
    values: dict[str, str]


class Evaluation(TypedDict):
    """The answer of `POST /api/signals/evaluate`."""

    evaluated_at: str
    signals: list[Signal]
    considered: list[Considered]


class WrongField(TypedDict):
    """A field that is wrong."""

    field: str
    reason: str


class Validation(TypedDict):
    """The answer of `POST /api/signals/validate`."""

    valid: bool
    problems: list[WrongField]
    signal: Signal | None


class Check(TypedDict):
    """One risk check."""

    name: str
    passed: bool
    is_soft: bool
    value: str
    limit: str
    reason: str


class Assessment(TypedDict):
    """A risk decision with every check."""

    approved: bool
    refused_by: str
    reason: str
    value: str
    limit: str
    quantity: str
    entry_price: str
    stop_price: str
    target_price: str
    leverage: str
    risk_usd: str
    checks: list[Check]


class Order(TypedDict):
    """An order of ours."""

    order_id: str
    client_id: str
    venue_id: str | None
    symbol: str
    side: str
    order_type: str
    purpose: str
    quantity: str
    filled_quantity: str
    price: str | None
    trigger_price: str | None
    average_price: str | None
    status: str
    reason: str
    created_at: str


class Exit(TypedDict):
    """A protective exit."""

    exit_id: str
    trade_id: str
    symbol: str
    kind: str
    trigger_price: str
    quantity: str
    status: str
    where: str


class Trade(TypedDict):
    """A trade with its orders and exits."""

    trade_id: str
    signal_id: str
    duplicate_of: str | None
    symbol: str
    side: str
    strategy: str
    status: str
    quantity: str
    filled_quantity: str
    entry_price: str | None
    stop_price: str
    target_price: str
    leverage: str
    slippage_rate: str | None
    realised_pnl: str
    fees: str
    unvalued_fees: dict[str, str]
    funding: str
    net_pnl: str
    dust: str
    dust_value: str
    protected: bool
    seconds_unprotected: float | None
    created_at: str
    opened_at: str | None
    closed_at: str | None
    close_reason: str
    orders: list[Order]
    exits: list[Exit]


class SignalRecord(TypedDict):
    """A signal that was taken in, with what became of it."""

    signal_id: str
    status: str
    received_at: str
    duplicate_of: str | None
    trade_id: str | None
    signal: Signal
    decision: Assessment | None


class Why(TypedDict):
    """The answer of `GET /api/why/{id}`."""

    signal: SignalRecord
    trade: Trade | None


class Position(TypedDict):
    """A holding."""

    position_id: str
    trade_id: str
    symbol: str
    side: str
    quantity: str
    entry_price: str
    realised_pnl: str
    funding: str
    net_pnl: str
    dust: str
    is_open: bool
    opened_at: str
    closed_at: str | None


class Stopped(TypedDict):
    """The answer of the emergency stop."""

    status: str
    recorded: bool
    reason: str
    cancelled_orders: int
    closed_positions: int
    open_positions: int
    problems: list[str]


class Release(TypedDict):
    """The answer of either step of a release."""

    status: str
    confirmation: str | None
    expires_at: str | None


class Backup(TypedDict):
    """A backup of the state, by its name in the folder of backups."""

    file: str
    bytes: int
    sha256: str
    taken_at: str


class BackupTaken(Backup):
    """A backup that was just taken."""

    seconds: float
