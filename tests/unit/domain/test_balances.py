from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.balances import Account, Balance, balance, entry_reservation
from cerberus.domain.market import Instrument, MarketType
from cerberus.domain.positions import VenuePosition
from cerberus.domain.signals import Side
from tests.unit.domain.examples import NOW, SPOT, SWAP

BUY, SELL = Side.BUY, Side.SELL
D = Decimal
WALLET = (MarketType.SWAP, "USDT")


def held(symbol: str, margin: str, unrealised: str) -> VenuePosition:
    return VenuePosition(symbol, BUY, D(1), D(100), D(margin), D(unrealised), D(5), None)


ACCOUNT = Account(
    NOW,
    {WALLET: D(1000), (MarketType.SPOT, "USDT"): D(500)},
    (
        held("BTC/USDT:USDT", "100", "-30"),
        held("ETH/USDT:USDT", "50", "10"),
        held("BTC/USDC:USDC", "70", "-70"),
    ),
)


@pytest.mark.parametrize(
    ("wallet", "reserved", "available", "deficit"),
    [
        # 1000 - 150 of margin - 20 of open loss - what is reserved
        (WALLET, "0", "830", "0"),
        (WALLET, "830", "0", "0"),
        (WALLET, "831", "0", "1"),
        ((MarketType.SPOT, "USDT"), "100", "400", "0"),
        ((MarketType.SWAP, "USDC"), "0", "0", "140"),
        ((MarketType.SPOT, "BTC"), "0", "0", "0"),
    ],
)
def test_available_is_the_total_less_margin_loss_and_reservations(
    wallet: tuple[MarketType, str], reserved: str, available: str, deficit: str
) -> None:
    found = balance(ACCOUNT, wallet, D(reserved))

    assert (found.available, found.deficit) == (D(available), D(deficit))


def test_an_open_profit_is_not_spent() -> None:
    account = Account(NOW, {WALLET: D(1000)}, (held("BTC/USDT:USDT", "100", "500"),))

    assert balance(account, WALLET, D(0)).available == 900


def test_finds_the_position_of_a_symbol() -> None:
    assert ACCOUNT.position("ETH/USDT:USDT") == ACCOUNT.positions[1]
    assert ACCOUNT.position("XRP/USDT:USDT") is None


@pytest.mark.parametrize(
    ("instrument", "side", "wallet", "amount"),
    [
        # 2 at 100: 200 / 5 of margin and two taker fees of 0.05 %
        (SWAP, BUY, (MarketType.SWAP, "USDT"), "40.2"),
        (SWAP, SELL, (MarketType.SWAP, "USDT"), "40.2"),
        (SPOT, BUY, (MarketType.SPOT, "USDT"), "200.4"),
        (SPOT, SELL, (MarketType.SPOT, "BTC"), "2"),
    ],
)
def test_an_entry_ties_up_what_it_can_cost(
    instrument: Instrument, side: Side, wallet: tuple[MarketType, str], amount: str
) -> None:
    found = entry_reservation(instrument, side, D(2), D(100), D(5))

    assert (found.wallet, found.amount) == (wallet, D(amount))


amounts = st.decimals("-1000000", "1000000", places=6)


@given(amounts, amounts, amounts, amounts)
def test_available_and_deficit_are_never_negative_and_never_both(
    total: Decimal, margin: Decimal, loss: Decimal, reserved: Decimal
) -> None:
    found = Balance(total, margin, min(D(0), loss), reserved)

    assert min(found.available, found.deficit) == 0
    assert found.available - found.deficit == total - margin + min(D(0), loss) - reserved
