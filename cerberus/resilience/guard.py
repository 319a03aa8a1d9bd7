"""What stands between us and a venue, and the figures it tells."""

from dataclasses import dataclass

from cerberus.domain.readings import Reading
from cerberus.resilience.breakers import Breakers
from cerberus.resilience.circuit_breaker import State
from cerberus.resilience.limiter import Limiter


@dataclass(frozen=True, slots=True)
class Guard:
    """The limiter and the breakers of one venue."""

    limiter: Limiter
    breakers: Breakers

    async def readings(self) -> list[Reading]:
        """Return the present figures."""
        return [*self._of_breakers(), *await self._of_limits()]

    def _of_breakers(self) -> list[Reading]:
        found: list[Reading] = []
        for part, breaker in self.breakers.items():
            labels = {"exchange": self.breakers.venue, "part": str(part)}
            text = "1 for the present state of a breaker"
            found += [
                (
                    "breaker_state_count",
                    text,
                    float(breaker.state is state),
                    labels | {"state": state},
                )
                for state in State
            ]
            found.append(("breaker_trips_total", "how often it opened", breaker.trips, labels))
        return found

    async def _of_limits(self) -> list[Reading]:
        found: list[Reading] = [
            ("rate_limit_waiting_count", "calls that wait", self.limiter.waiting, {}),
            ("rate_limit_rests_total", "418 and 429 answers", self.limiter.rests, {}),
        ]
        for one in await self.limiter.usage():
            text = "used share of a budget"
            found.append(
                ("rate_limit_used_ratio", text, one.used / one.limit, {"budget": one.name})
            )
        for name, tally in self.limiter.tallies.items():
            labels = {"budget": name}
            found += [
                ("rate_limit_calls_total", "calls that passed", tally.calls, labels),
                ("rate_limit_delayed_total", "calls that waited", tally.delayed, labels),
                ("rate_limit_delayed_seconds", "time waited", tally.delayed_seconds, labels),
                ("rate_limit_refused_total", "calls given back", tally.refused, labels),
            ]
        return found
