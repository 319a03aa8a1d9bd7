import os
from decimal import Decimal
from pathlib import Path

import pytest

from cerberus.errors import Misconfigured
from cerberus.settings import (
    EngineSettings,
    Paths,
    Ports,
    RiskSettings,
    SimulatorSettings,
    SupervisorSettings,
    TradingSettings,
    load,
)

SECTIONS = [
    EngineSettings,
    Paths,
    Ports,
    RiskSettings,
    SimulatorSettings,
    SupervisorSettings,
    TradingSettings,
]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith("CERBERUS_") or name in ("ENABLE_TRADING", "MARKET_TYPE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CERBERUS_ROOT", str(tmp_path))
    return tmp_path


def test_a_variable_wins_over_secrets_env_which_wins_over_env(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(RiskSettings).usd_per_trade == 15
    (root / ".env").write_text("CERBERUS_RISK_USD_PER_TRADE=1\n")
    assert load(RiskSettings).usd_per_trade == 1
    (root / "secrets.env").write_text("CERBERUS_RISK_USD_PER_TRADE=2\n")
    assert load(RiskSettings).usd_per_trade == 2
    monkeypatch.setenv("CERBERUS_RISK_USD_PER_TRADE", "3.50")
    assert load(RiskSettings).usd_per_trade == Decimal("3.50")


def test_trading_is_on_paper_and_disabled_until_somebody_says_otherwise() -> None:
    settings = load(TradingSettings)

    assert (settings.mode, settings.enable_trading, settings.market_type) == (
        "paper",
        False,
        "swap",
    )


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        (TradingSettings, "ENABLE_TRADING", "perhaps"),
        (TradingSettings, "MARKET_TYPE", "futures"),
        (TradingSettings, "CERBERUS_MODE", "real"),
        (TradingSettings, "CERBERUS_STOP_LOSS_PERCENT", "0"),
        (TradingSettings, "CERBERUS_MARKET_BAND_PERCENT", "11"),
        (RiskSettings, "CERBERUS_RISK_USD_PER_TRADE", "NaN"),
        (RiskSettings, "CERBERUS_RISK_USD_PER_TRADE", "Infinity"),
        (RiskSettings, "CERBERUS_RISK_USD_PER_TRADE", "0"),
        (RiskSettings, "CERBERUS_RISK_MAX_LEVERAGE", "126"),
        (RiskSettings, "CERBERUS_RISK_DEFAULT_LEVERAGE", "0.9"),
        (RiskSettings, "CERBERUS_RISK_MAX_DRAWDOWN_PERCENT", "100.1"),
        (RiskSettings, "CERBERUS_RISK_MIN_CONFIDENCE", "50"),
        (RiskSettings, "CERBERUS_RISK_MAX_POSITIONS", "2.5"),
        (RiskSettings, "CERBERUS_RISK_TRADING_HOURS_UTC", "9-17"),
        (Ports, "CERBERUS_API_PORT", "many"),
        (EngineSettings, "CERBERUS_ENGINE_HEAP_MEGABYTES", "half"),
        (SimulatorSettings, "CERBERUS_SIMULATOR_FEED", "dreams"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, section: type[Ports], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured, match=f"^{name}: ") as told:
        load(section)

    assert ";" not in str(told.value)


def test_every_wrong_value_is_told_and_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERBERUS_MODE", "hunter2")
    monkeypatch.setenv("ENABLE_TRADING", "hunter2")

    with pytest.raises(Misconfigured) as told:
        load(TradingSettings)

    assert str(told.value).count(": ") == 2
    assert "hunter2" not in str(told.value)


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERBERUS_GATE_API_KEY", "hunter2")

    assert "hunter2" not in repr(load(TradingSettings))


@pytest.mark.parametrize("section", SECTIONS)
def test_settings_are_not_changed_after_they_were_read(section: type[Ports]) -> None:
    settings = load(section)
    name = next(iter(section.model_fields))

    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, name, getattr(settings, name))


def test_everything_that_is_written_lies_below_var(root: Path) -> None:
    assert load(Paths).under_var("data", "x.db") == root / "var" / "data" / "x.db"


def test_an_absolute_var_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CERBERUS_VAR", str(tmp_path / "elsewhere"))

    assert load(Paths).under_var("log") == tmp_path / "elsewhere" / "log"


def test_the_urls_are_on_loopback() -> None:
    ports = load(Ports)

    assert (ports.api_url, ports.engine_url, ports.simulator_url) == (
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8081",
        "http://127.0.0.1:8090",
    )


@pytest.mark.parametrize("name", ["CERBERUS_TIMEZONE", "CERBERUS_ENGINE_TIMEZONE"])
def test_the_time_zone_has_two_names(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("CERBERUS_TIMEZONE", raising=False)
    monkeypatch.setenv(name, "Europe/Berlin")

    assert load(EngineSettings).timezone == "Europe/Berlin"
