"""Fees in a third coin: what an account is set to pay them in, and what that coin is worth."""

from decimal import ROUND_DOWN, Decimal

from cerberus.simulator.entities import Account
from cerberus.simulator.venue import Venue

#: coins that no market is listed for, and what a fee in them is reckoned by, in USDT
UNLISTED = {"BNB": Decimal(500), "GT": Decimal(10), "POINT": Decimal(1)}
_QUANTUM = Decimal("1e-8")


def paid(
    venue: Venue, account: Account, currency: str, fee: Decimal, value: Decimal
) -> tuple[str, Decimal]:
    """Return the coin and the amount in which a fee is paid; `value` is what it is in USDT.

    As at the venues: out of the chosen coin's wallet as long as that lasts, else as ever.
    """
    coin = venue.fee_coins.get(account, "")
    if coin in ("", currency) or not value:
        return currency, fee
    price = UNLISTED[coin] if coin in UNLISTED else venue.last(coin)
    amount = (value / price).quantize(_QUANTUM, ROUND_DOWN)
    if amount > venue.state.balance(account, coin):
        return currency, fee
    return coin, amount
