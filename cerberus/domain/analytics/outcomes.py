"""How some trades ended: counts and exact sums, which add up over any grouping."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.market import ZERO


@dataclass(slots=True)
class Outcomes:
    """Counts and sums of a group of trades; `lost` is not positive."""

    trades: int = 0
    wins: int = 0
    losses: int = 0
    net: Decimal = ZERO
    gained: Decimal = ZERO
    fees: Decimal = ZERO

    @property
    def lost(self) -> Decimal:
        """What the losing trades lost, not positive."""
        return self.net - self.gained

    @property
    def win_rate(self) -> Decimal | None:
        """Winners as a share of the trades that won or lost.

        Notes
        -----
        wins / (wins + losses); a trade that made exactly nothing is neither, as in quantstats.
        """
        decided = self.wins + self.losses
        return Decimal(self.wins) / decided if decided else None

    @property
    def profit_factor(self) -> Decimal | None:
        """Gains for each unit lost; undefined where nothing was lost.

        Notes
        -----
        sum(net > 0) / -sum(net < 0)
        """
        return self.gained / -self.lost if self.lost else None

    @property
    def expectancy(self) -> Decimal | None:
        """What a trade made on average.

        Notes
        -----
        sum(net) / trades, which is p(win) * average win - p(loss) * average loss.
        """
        return self.net / self.trades if self.trades else None

    @property
    def average_win(self) -> Decimal | None:
        """What a winner made on average."""
        return self.gained / self.wins if self.wins else None

    @property
    def average_loss(self) -> Decimal | None:
        """What a loser made on average, negative."""
        return self.lost / self.losses if self.losses else None

    def add(self, net: Sequence[Decimal], fees: Sequence[Decimal]) -> None:
        """Count trades."""
        # adding ZERO first keeps the sums Decimal where there is nothing
        gains = [one for one in net if one > ZERO]
        self.trades += len(net)
        self.wins += len(gains)
        self.losses += len(list(filter(None, net))) - len(gains)
        self.net += sum(net, ZERO)
        self.gained += sum(gains, ZERO)
        self.fees += sum(fees, ZERO)

    def join(self, other: "Outcomes") -> None:
        """Count the trades of another group."""
        self.trades += other.trades
        self.wins += other.wins
        self.losses += other.losses
        self.net += other.net
        self.gained += other.gained
        self.fees += other.fees
