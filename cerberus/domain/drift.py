"""What our trading should have left in each wallet, against what the venue says is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from cerberus.domain.balances import Wallet
from cerberus.domain.fills import Fill
from cerberus.domain.market import ZERO, Instrument
from cerberus.domain.positions import Position, VenuePosition, profit

#: what a venue's rounding may sum up to, in a quote currency
QUOTE_TOLERANCE = Decimal("0.01")
#: adds amounts up without rounding, so that the order in which they come does not matter
_EXACT = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Flow:
    """What all positions of one symbol have done to the wallets, since the first trade.

    `result` is realised profit and funding less fees, those apart that another coin's wallet has
    paid; `cost` what was paid for the base quantity
    that is `held`, dust included.
    """

    result: Decimal = ZERO
    cost: Decimal = ZERO
    held: Decimal = ZERO

    @classmethod
    def of(cls, position: Position) -> "Flow":
        """Return what one position has done."""
        held = position.quantity + position.dust
        return cls(position.net_pnl + position.coin_fees, held * position.entry_price, held)

    def plus(self, other: "Flow") -> "Flow":
        """Return both together, exactly."""
        return Flow(
            _EXACT.add(self.result, other.result),
            _EXACT.add(self.cost, other.cost),
            _EXACT.add(self.held, other.held),
        )

    def minus(self, other: "Flow") -> "Flow":
        """Return what is left without another one, exactly."""
        return Flow(
            _EXACT.subtract(self.result, other.result),
            _EXACT.subtract(self.cost, other.cost),
            _EXACT.subtract(self.held, other.held),
        )


def expected(
    flows: Mapping[str, Flow],
    markets: Mapping[str, Instrument],
    coin_fees: Mapping[Wallet, Decimal],
) -> Mapping[Wallet, Decimal]:
    """Return by how much our trading has changed each wallet that it goes through.

    perpetual: quote = result; spot: quote = result - cost, base = held; and less the fees that a
    wallet has paid for trades in other coins
    """
    sums: dict[Wallet, Decimal] = {}
    for symbol, flow in flows.items():
        market = markets.get(symbol)
        if market is None:
            continue
        quote, base = (market.market_type, market.quote), (market.market_type, market.base)
        cost = ZERO if market.is_swap else flow.cost
        sums[quote] = sums.get(quote, ZERO) + flow.result - cost
        if not market.is_swap:
            sums[base] = sums.get(base, ZERO) + flow.held
    return {wallet: value - coin_fees.get(wallet, ZERO) for wallet, value in sums.items()}


def drift(
    totals: Mapping[Wallet, Decimal],
    sums: Mapping[Wallet, Decimal],
    baseline: Mapping[Wallet, Decimal],
) -> Mapping[Wallet, Decimal]:
    """Return what each wallet that we trade with holds beyond its baseline and our trading."""
    return {
        wallet: totals.get(wallet, ZERO) - value - baseline.get(wallet, ZERO)
        for wallet, value in sums.items()
    }


def tolerance(wallet: Wallet, markets: Mapping[str, Instrument]) -> Decimal:
    """Return the drift of a wallet that is rounding: a step of a coin, a hundredth of a quote."""
    steps = [
        one.quantity_step
        for one in markets.values()
        if (one.market_type, one.base) == wallet and not one.is_swap
    ]
    is_quote = any((one.market_type, one.quote) == wallet for one in markets.values())
    return QUOTE_TOLERANCE if is_quote or not steps else min(steps)


def open_results(held: Position, there: VenuePosition) -> tuple[Decimal, Decimal]:
    """Return the open result of a position by our entry price and by the venue's, at its mark."""
    mark = there.entry_price + there.unrealised_pnl / (there.quantity * there.side.sign)
    return profit(held.side, held.entry_price, mark, held.quantity), there.unrealised_pnl


def explaining(fills: list[Fill], change: Decimal) -> list[Fill] | None:
    """Return the newest fills that add up to a change of a position, oldest first; else None."""
    left, found = change, list[Fill]()
    for fill in sorted(fills, key=lambda one: (one.at, one.fill_id), reverse=True):
        if left == ZERO:
            break
        left -= fill.quantity * fill.side.sign
        found.append(fill)
    return found[::-1] if left == ZERO and found else None
