"""For every legal move of an order the shortest way there that venue and engine take."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import rule

from cerberus.domain.orders import OrderStatus
from cerberus.domain.signals import EntryType, Side
from tests.model.machine import PRICES, Trading
from tests.model.moods import Mood

S = OrderStatus
Move = tuple[OrderStatus, OrderStatus]
Step = Callable[[Trading], None]


def limit(trading: Trading) -> None:
    """Send an entry that rests at the venue."""
    trading.enter(Side.BUY, is_limit=True, again=False)


def market(trading: Trading) -> None:
    """Send an entry that fills at once, as far as the book goes."""
    trading.enter(Side.BUY, is_limit=False, again=False)


def armed(trading: Trading) -> None:
    """Let an entry wait for a price above."""
    trading.arm(Side.BUY, EntryType.STOP, PRICES[-2])


def at_its_price(past: int = 0) -> Step:
    """Let the price reach the trigger of what waits, and go past it."""
    return lambda trading: trading.reach_a_trigger(past) if trading._armed() else None


def held_back(trading: Trading) -> None:
    """Let no entry through."""
    trading.block = "held back by the test"


def follow(trading: Trading) -> None:
    """Ask the venue about everything alive."""
    trading.follow()


def cancel(trading: Trading) -> None:
    """Cancel the entries."""
    trading.cancel_entries()


def later(trading: Trading) -> None:
    """Wait until no placement can arrive any more."""
    trading.wait(6)


def traded(percent: int) -> Step:
    """Fill a share of what rests."""
    return lambda trading: trading.trade(percent)


def ended(status: OrderStatus) -> Step:
    """Let the venue end what rests."""
    return lambda trading: trading.end_at_the_venue(status)


def upset(kind: str, mood: Mood) -> Step:
    """Let something befall the next call of a kind."""
    return lambda trading: trading.venue.moods[kind].appendleft(mood)


def deep(share: str) -> Step:
    """Let the book hold so much of what is wanted at once."""
    return lambda trading: trading.change_depth(share, is_slow=False)


UNANSWERED, LOST = upset("place", Mood.ANSWER_LOST), upset("place", Mood.LOST)
DIED_AFTER, DIED_BEFORE = upset("place", Mood.CRASH_AFTER), upset("place", Mood.CRASH_BEFORE)
NO_CANCEL, RACE = upset("cancel", Mood.LOST), upset("cancel", Mood.RACE)

WAYS: dict[Move, tuple[Step, ...]] = {
    (S.ARMED, S.INTENT): (armed, at_its_price(), follow),
    (S.ARMED, S.CANCELLED): (armed, cancel),
    (S.ARMED, S.REJECTED): (armed, held_back, at_its_price(), follow),
    (S.ARMED, S.EXPIRED): (armed, at_its_price(300), follow),
    (S.INTENT, S.OPEN): (limit,),
    (S.INTENT, S.PARTLY_FILLED): (DIED_AFTER, limit, traded(30), follow),
    (S.INTENT, S.FILLED): (deep("1"), market),
    (S.INTENT, S.CANCELLED): (deep("0"), market),
    (S.INTENT, S.REJECTED): (upset("place", Mood.REFUSED), limit),
    (S.INTENT, S.EXPIRED): (DIED_BEFORE, limit, later, follow, follow),
    (S.INTENT, S.UNKNOWN): (LOST, limit),
    (S.UNKNOWN, S.OPEN): (UNANSWERED, limit, follow),
    (S.UNKNOWN, S.PARTLY_FILLED): (UNANSWERED, limit, traded(30), follow),
    (S.UNKNOWN, S.FILLED): (UNANSWERED, limit, traded(100), follow),
    (S.UNKNOWN, S.CANCELLED): (deep("0"), UNANSWERED, market, follow),
    (S.UNKNOWN, S.REJECTED): (upset("place", Mood.TURNED_DOWN), limit, follow),
    (S.UNKNOWN, S.EXPIRED): (LOST, limit, later, follow, follow),
    (S.UNKNOWN, S.CANCEL_REQUESTED): (UNANSWERED, limit, NO_CANCEL, cancel),
    (S.OPEN, S.PARTLY_FILLED): (limit, traded(30), follow),
    (S.OPEN, S.FILLED): (limit, traded(100), follow),
    (S.OPEN, S.CANCEL_REQUESTED): (limit, NO_CANCEL, cancel),
    (S.OPEN, S.CANCELLED): (limit, ended(S.CANCELLED), follow),
    (S.OPEN, S.EXPIRED): (limit, ended(S.EXPIRED), follow),
    (S.PARTLY_FILLED, S.FILLED): (limit, traded(30), follow, traded(100), follow),
    (S.PARTLY_FILLED, S.CANCEL_REQUESTED): (limit, traded(30), follow, NO_CANCEL, cancel),
    (S.PARTLY_FILLED, S.CANCELLED): (limit, traded(30), follow, ended(S.CANCELLED), follow),
    (S.PARTLY_FILLED, S.EXPIRED): (limit, traded(30), follow, ended(S.EXPIRED), follow),
    (S.CANCEL_REQUESTED, S.FILLED): (limit, RACE, cancel),
    (S.CANCEL_REQUESTED, S.CANCELLED): (limit, NO_CANCEL, cancel, follow),
    (S.CANCEL_REQUESTED, S.EXPIRED): (limit, NO_CANCEL, cancel, ended(S.EXPIRED), follow),
}


def in_words(move: Move) -> str:
    """Return a move as it is printed."""
    return f"{move[0]} -> {move[1]}"


class Steered(Trading):
    """The same desk, which now and then comes to rest and goes one of the ways from there."""

    @rule(move=st.sampled_from(sorted(WAYS)))
    def go(self, move: Move) -> None:
        self._rest()
        for step in WAYS[move]:
            step(self)

    def _rest(self) -> None:
        self.block = ""
        self.venue.heal()
        self.move(PRICES[2])
        for _ in range(2):
            self.cancel_entries()
            self.close()
            self.follow()
