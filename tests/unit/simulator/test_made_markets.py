import pytest

from cerberus.errors import Misconfigured
from cerberus.settings import SimulatorSettings
from cerberus.simulator.build import build_venue
from cerberus.simulator.messages import Incoming
from tests.unit.simulator.binance_in_process import BinanceInProcess
from tests.unit.simulator.in_process import START_SECONDS, InProcess


def test_nothing_is_made_unless_it_is_asked_for() -> None:
    with InProcess() as venue:
        listed = venue.call("GET", "/api/v4/futures/usdt/contracts")
        assert {one["name"] for one in listed} == {"BTC_USDT", "ETH_USDT"}


def test_made_markets_need_the_controls() -> None:
    settings = SimulatorSettings(made_markets=1)
    with pytest.raises(Misconfigured, match="MADE_MARKETS needs"):
        build_venue(settings, ":memory:", START_SECONDS * 1000)


def test_a_made_coin_plays_the_series_of_its_model_under_its_own_name() -> None:
    with InProcess(made_markets=2) as venue:
        prices = venue.call("GET", "/sim/status")["prices"]
        assert prices["MADE001"] == prices["MADE002"] == prices["ETH"] != prices["BTC"]
        venue.move("400", "MADE001")
        prices = venue.call("GET", "/sim/status")["prices"]
        assert prices["MADE001"] == "400"
        assert prices["MADE002"] == prices["ETH"] != "400"


def test_a_made_coin_is_traded_on_both_markets_and_both_wires() -> None:
    with InProcess(made_markets=1) as venue:
        assert "MADE001" in {
            one["currency"] for one in venue.call("GET", "/api/v4/spot/currencies")
        }
        venue.move("400", "MADE001")
        filled = venue.futures_order(10, contract="MADE001_USDT")
        assert (filled["status"], filled["left"]) == ("finished", 0)
        bought = venue.spot_order("buy", "40", currency_pair="MADE001_USDT", type="market")
        assert bought["status"] == "closed"
    with BinanceInProcess(made_markets=1) as venue:
        placed = venue.call(
            "POST",
            "/api/v3/order",
            **venue.order("/api/v3/order", symbol="MADE001USDT", quantity="0.1", price="300"),
        )
        assert placed["symbol"] == "MADE001USDT"


def test_every_call_of_the_venue_is_kept_with_its_moment_until_it_is_forgotten() -> None:
    with InProcess() as venue:
        venue.control.note(Incoming("POST", "/api/v4/spot/orders?x=1", {}, b"{}"))
        told = {
            "at_ms": START_SECONDS * 1000,
            "method": "POST",
            "target": "/api/v4/spot/orders?x=1",
        }
        assert venue.call("GET", "/sim/calls") == {"calls": [told]}
        venue.call("DELETE", "/sim/calls")
        assert venue.call("GET", "/sim/calls") == {"calls": []}
